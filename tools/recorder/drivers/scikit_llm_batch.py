"""Zero-shot classification of a table with scikit-llm: ``python scikit_llm_batch.py REVIEWS BASE RECORDING COUNT``."""

import json
import sys
from pathlib import Path

from skllm.config import SKLLMConfig
from skllm.models.gpt.classification.zero_shot import ZeroShotGPTClassifier


def main() -> None:
    """Fit is free; predict asks once a row."""
    reviews, base, recording, count = sys.argv[1:5]
    texts = [json.loads(line)["text"] for line in Path(reviews).read_text(encoding="utf-8").splitlines()]
    SKLLMConfig.set_openai_key("rows-0")
    SKLLMConfig.set_gpt_url(f"{base}/{recording}/v1")
    classifier = ZeroShotGPTClassifier(model="custom_url::m-mini")
    classifier.fit(None, ["happy guest", "unhappy guest", "mixed"])
    classifier.predict(texts[: int(count)])


if __name__ == "__main__":
    main()
