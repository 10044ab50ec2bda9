"""A memory layer under a chat application (mem0): ``python mem0_notes.py QUESTIONS BASE RECORDING COUNT``."""

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["MEM0_TELEMETRY"] = "False"  # nothing leaves the machine while recording

from mem0 import Memory


def main() -> None:
    """Remember one message at a time."""
    questions, base, recording, count = sys.argv[1:5]
    texts = [json.loads(line)["text"] for line in Path(questions).read_text(encoding="utf-8").splitlines()]
    url = f"{base}/{recording}/v1"
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory.from_config(
            {
                "llm": {
                    "provider": "openai",
                    "config": {"model": "m-mini", "openai_base_url": url, "api_key": "memory-0"},
                },
                "embedder": {
                    "provider": "openai",
                    "config": {"model": "m-embed", "openai_base_url": url, "api_key": "memory-0", "embedding_dims": 64},
                },
                "vector_store": {"provider": "qdrant", "config": {"path": folder, "embedding_model_dims": 64}},
                "history_db_path": f"{folder}/history.db",
            }
        )
        for index, text in enumerate(texts[: int(count)]):
            memory.add([{"role": "user", "content": text}], user_id=f"guest-{index % 7}")


if __name__ == "__main__":
    main()
