"""Valid JSON for a JSON Schema, or for a request that only describes the JSON it wants."""

import json
import random
import re
from typing import Any

import lexicon


def fill(rng: random.Random, schema: Any, root: Any, depth: int = 0) -> Any:
    """A value that satisfies ``schema``; ``root`` resolves local references."""
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return fill(rng, target, root, depth + 1)
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return fill(rng, schema[name][0], root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        return {name: fill(rng, part, root, depth + 1) for name, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        count = max(int(schema.get("minItems", 0)), 0 if depth > 6 else rng.randint(1, 3))
        return [fill(rng, schema.get("items") or {"type": "string"}, root, depth + 1) for _ in range(count)]
    return _scalar(rng, kind, schema)


def _scalar(rng: random.Random, kind: str | None, schema: Any) -> Any:
    if kind == "integer":
        return rng.randint(int(schema.get("minimum", 1)), int(schema.get("maximum", 9)))
    if kind == "number":
        return round(rng.uniform(float(schema.get("minimum", 0)), float(schema.get("maximum", 1))), 2)
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "null":
        return None
    return lexicon.sentence(rng).rstrip(".")


def guess(rng: random.Random, asked: str) -> str:
    """JSON for a request that names its fields in words, e.g. ``"question"`` and ``"answer"``."""
    names = list(dict.fromkeys(re.findall(r'"([a-z_]{2,24})"\s*:', asked)))[:6]
    if "question" in names and "answer" in names:
        rows = [{"question": lexicon.question(rng), "answer": lexicon.sentence(rng)} for _ in range(3)]
        return json.dumps(rows, ensure_ascii=False)
    if "facts" in asked and "json" in asked.lower():
        return json.dumps({"facts": [lexicon.sentence(rng)]}, ensure_ascii=False)
    return json.dumps({name: lexicon.sentence(rng) for name in names or ["answer"]}, ensure_ascii=False)
