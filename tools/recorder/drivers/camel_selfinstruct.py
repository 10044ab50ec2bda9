"""Run CAMEL's self-instruct pipeline: ``python camel_selfinstruct.py SEEDS BASE RECORDING COUNT``."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from camel.agents import ChatAgent
from camel.datagen.self_instruct import SelfInstructPipeline
from camel.models import ModelFactory
from camel.types import ModelPlatformType
from camel.utils import BaseTokenCounter


class Words(BaseTokenCounter):  # type: ignore[misc]
    """Counts words: the tool's own counter would fetch its vocabulary from the network."""

    def count_tokens_from_messages(self, messages: list[dict[str, Any]]) -> int:
        return sum(len(str(message).split()) for message in messages)

    def encode(self, text: str) -> list[int]:
        return [0] * len(text.split())

    def decode(self, token_ids: list[int]) -> str:
        return ""


def main() -> None:
    """Seed tasks from our own questions; the tool writes its result to a temporary folder."""
    seeds, base, recording, count = sys.argv[1:5]
    lines = Path(seeds).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"].replace("\n", " ") for line in lines][-60:]
    model = ModelFactory.create(
        model_platform=ModelPlatformType.OPENAI_COMPATIBLE_MODEL,
        model_type="m-large",
        url=f"{base}/{recording}/v1",
        api_key=f"key-{recording}",
        token_counter=Words(),
    )
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.jsonl"
        rows = [
            {"id": str(i), "instruction": text, "instances": [], "is_classification": False}
            for i, text in enumerate(texts)
        ]
        seed.write_text("".join(json.dumps(row) + "\n" for row in rows))
        pipeline = SelfInstructPipeline(
            agent=ChatAgent("You are a helpful assistant.", model=model),
            seed=str(seed),
            num_machine_instructions=int(count),
            data_output_path=str(Path(folder) / "out.json"),
            human_to_machine_ratio=(6, 2),
        )
        pipeline.generate()


if __name__ == "__main__":
    main()
