"""Run real distilabel pipelines: ``python distilabel_pipeline.py KIND SEEDS BASE RECORDING COUNT [SKIP]``.

KIND is ``evolve`` (EvolInstruct, two rounds), ``selfinstruct``, ``feedback`` (UltraFeedback) or ``generate``. SEEDS is
a JSON Lines file of ``{"text"}``; every run sends one key, the assembler divides the requests.
"""

import json
import sys
from pathlib import Path
from typing import Any

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import EvolInstruct, SelfInstruct, TextGeneration, UltraFeedback


def task(kind: str, llm: OpenAILLM) -> Any:
    """The distilabel task of a kind, with the tool's own template."""
    if kind == "evolve":
        return EvolInstruct(llm=llm, num_evolutions=2, input_batch_size=25)
    if kind == "selfinstruct":
        about = "assistant for a company that runs workshops, a help desk and a small library"
        return SelfInstruct(llm=llm, num_instructions=6, application_description=about, input_batch_size=25)
    if kind == "feedback":
        return UltraFeedback(llm=llm, aspect="overall-rating", input_batch_size=25)
    return TextGeneration(
        llm=llm, system_prompt="Answer carefully and show every step of your work.", input_batch_size=25
    )


def rows(kind: str, texts: list[str]) -> list[dict[str, Any]]:
    """Input rows as that task wants them."""
    if kind == "selfinstruct":
        return [{"input": text} for text in texts]
    if kind == "feedback":
        half = len(texts) // 2
        return [
            {"instruction": text, "generations": [f"First, {other.lower()}", f"It depends. {text}"]}
            for text, other in zip(texts[:half], texts[half:], strict=False)
        ]
    return [{"instruction": text} for text in texts]


def main() -> None:
    """Load, run, drop the result: only the requests matter here."""
    kind, seeds, base, recording, count = sys.argv[1:6]
    skip = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    texts = [json.loads(line)["text"] for line in Path(seeds).read_text(encoding="utf-8").splitlines()]
    llm = OpenAILLM(
        model="m-large",
        base_url=f"{base}/{recording}/v1",
        api_key=f"key-{recording}",
        generation_kwargs={"temperature": 0.7, "max_new_tokens": 2048},
    )
    with Pipeline(name=f"{kind}-{recording}") as pipeline:
        load = LoadDataFromDicts(data=rows(kind, texts[skip : skip + int(count)]), batch_size=25)
        load >> task(kind, llm)
    pipeline.run(use_cache=False)


if __name__ == "__main__":
    main()
