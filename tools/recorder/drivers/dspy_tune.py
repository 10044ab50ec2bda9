"""A prompt optimiser at work: DSPy builds few-shot prompts. ``python dspy_tune.py ERRANDS BASE RECORDING COUNT``."""

import json
import sys
from pathlib import Path

import dspy


class Route(dspy.Signature):  # type: ignore[misc]
    """Find the desk of the town hall that answers a request."""

    message: str = dspy.InputField()
    desk: str = dspy.OutputField(desc="one of: taxes, permits, records, streets")


def main() -> None:
    """Bootstrap demonstrations on half of the messages, evaluate on the other half."""
    errands, base, recording, count = sys.argv[1:5]
    texts = [json.loads(line)["text"] for line in Path(errands).read_text(encoding="utf-8").splitlines()][-int(count) :]
    dspy.configure(lm=dspy.LM("openai/m-small", api_base=f"{base}/{recording}/v1", api_key="tune-0", cache=False))
    examples = [dspy.Example(message=text, desk="permits").with_inputs("message") for text in texts]
    half = len(examples) // 2
    optimiser = dspy.BootstrapFewShot(metric=lambda example, answer, trace=None: True, max_bootstrapped_demos=3)
    program = optimiser.compile(dspy.Predict(Route), trainset=examples[:half])
    for example in examples[half:]:
        program(message=example.message)


if __name__ == "__main__":
    main()
