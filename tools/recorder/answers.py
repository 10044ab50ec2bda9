"""Composed answers. Not a language model: a hash of the request seeds a generator that picks from word lists.

The same request always gets the same answer. Where a request asks for JSON of a schema, or offers tools, the answer
obeys it; where a data-building tool needs lines, lists or ratings it can parse, it gets them.
"""

import hashlib
import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

import lexicon
import shapes

#: How a rewritten instruction gets harder.
HARDER = [
    "Give a second version for a reader in a hurry.",
    "Allow no adjective.",
    "State what you assumed and what would change if it were false.",
    "Then do the same backwards.",
    "Use exactly seventy words.",
    "Mention the cost of being wrong.",
    "Add a table of the intermediate results.",
    "Cover the case that nobody turns up.",
    "Explain each choice to an apprentice.",
    "Answer once in verse and once in prose.",
]


@dataclass(frozen=True)
class Answer:
    """What goes back: text or tool calls, token usage (counted as words x 1.3), seconds to wait first."""

    mark: str
    text: str
    finish: str
    usage: dict[str, int]
    pause: float
    tool_calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def variant(self, index: int) -> str:
        """The text of choice ``index``: the first as it is, the others with one more sentence."""
        if index == 0:
            return self.text
        return self.text + " " + lexicon.sentence(random.Random(f"{self.mark}{index}"))


def numbers_for(text: str, count: int) -> list[float]:
    """Reproducible numbers in 0..1 for a text: a stand-in for embeddings and log-probabilities."""
    rng = random.Random(text)
    return [round(rng.random(), 4) for _ in range(count)]


def compose(path: str, body: Any) -> Answer:
    """The answer to one request body."""
    mark = hashlib.sha256(json.dumps([path, body], sort_keys=True).encode()).hexdigest()[:12]
    rng = random.Random(mark)
    messages = _messages(body)
    asked = "\n".join(_text(message.get("content")) for message in messages) or str(body.get("prompt", ""))
    last = _text(messages[-1].get("content")) if messages else asked
    calls = _tool_calls(rng, body, messages)
    text = "" if calls else _answer_text(rng, body, asked, last)
    prompt_tokens = int(len(asked.split()) * 1.3) + 8
    completion_tokens = int(len((text or json.dumps(calls)).split()) * 1.3) + 2
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    return Answer(mark, text, "tool_calls" if calls else "stop", usage, rng.uniform(0.0, 0.01), calls)


def _messages(body: Any) -> list[dict[str, Any]]:
    given = body.get("messages") or body.get("input") or []
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [message for message in given if isinstance(message, dict)]


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def _tool_calls(rng: random.Random, body: Any, messages: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Call a tool when one is demanded, or on the first turns when some are offered."""
    tools = body.get("tools") or []
    if not tools:
        return []
    results = sum(message.get("role") == "tool" for message in messages)
    choice = body.get("tool_choice")
    demanded = isinstance(choice, dict) or choice in ("required", "any")
    if not demanded and (results >= 2 or rng.random() < 0.2 + 0.3 * results):
        return []
    wanted = (choice.get("function") or choice).get("name") if isinstance(choice, dict) else None
    offered = [tool.get("function") or tool for tool in tools]
    tool = next((tool for tool in offered if tool.get("name") == wanted), rng.choice(offered))
    schema = tool.get("parameters") or tool.get("input_schema") or {}
    return [(str(tool.get("name")), shapes.fill(rng, schema, schema))]


def _answer_text(rng: random.Random, body: Any, asked: str, last: str) -> str:
    form = body.get("response_format") or (body.get("text") or {}).get("format") or {}
    schema = (form.get("json_schema") or form).get("schema")
    if schema:
        return json.dumps(shapes.fill(rng, schema, schema), ensure_ascii=False)
    low = asked.lower()
    if form.get("type") == "json_object" or "json" in low[-1500:]:
        return shapes.guess(rng, asked)
    labels = re.search(r"one of:? ([\w, /-]+)", last)
    if labels:
        return rng.choice([label.strip() for label in labels[1].split(",") if label.strip()])
    if "rating" in low and "rationale" in low:
        count = max(1, len(re.findall(r"<text \d+>|## text \d+", low)))
        return "\n\n".join(f"Rating: {rng.randint(1, 5)}\nRationale: {lexicon.sentence(rng)}" for _ in range(count))
    if re.search(r"come up with|generate \d+|list of (\d+ )?(tasks|questions|instructions|quer)|user queries", low):
        wanted = re.search(r"(?:generate|with) (?:a (?:list|set) of )?(\d+)", low)
        count = min(12, int(wanted[1]) if wanted else 4)
        if "\ntask" in low or "numbered" in low:
            return "\n".join(f"{i + 1}. {lexicon.question(rng)}" for i in range(count))
        return "\n".join(lexicon.question(rng).replace("\n", " ") for _ in range(count))
    given = re.search(r"#The Given Prompt#:\s*(.+?)\s*#(?:Rewritten|Created) Prompt#:?\s*$", last, re.DOTALL)
    if given:
        return f"{given[1]} {rng.choice(HARDER)}"
    return " ".join(lexicon.sentence(rng) for _ in range(rng.choice([1, 1, 2, 2, 3, 5])))
