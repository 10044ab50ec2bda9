"""Reads recorded material from a folder: captures, prompts, tasks, templates, traces as gzipped JSON Lines.

The recordings' own notes warn that words which the stand-in server made up come back in later requests of multi-step
programs. Sentences that occur in the recordings of four families of programs or more are the stand-in's, and go. The
composer never uses a recording's client, model, streaming flag, time or key either.
Material under ``restricted`` and ``sealed`` is never read.
"""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stillwatch.errors import NoInputError
from stillwatch.rehearse import builtin
from stillwatch.rehearse.material import Body, Material, Recorded, Recording, Text
from stillwatch.rehearse.rhythm import WAKING

_KEPT_PATHS = ("/v1/chat/completions", "/v1/completions", "/v1/messages", "/v1/responses")
_LONGEST = 6_000  # characters of one text; a recorded coding agent sends far more, and logs would be all system prompt
_STANDIN_TOOLS = 4
_FRAME = 3  # a sentence found this often in rendered tasks belongs to their frame

_PAYLOADS: dict[str, tuple[tuple[str, str], ...]] = {
    "maths": (("gsm8k_train", "question"), ("aqua", "question"), ("carp_en", "content"), ("cmath", "question"),
              ("college_math", "question"), ("minerva_math", "problem"), ("svamp", "Body"), ("amc23", "problem")),
    "code": (("mbpp", "text"), ("opencoder_mbpp_sanitized", "prompt"), ("opencoder_leetcode", "prompt"),
             ("gpteacher_codegen", "instruction")),
    "other": (("mmlu_stem", "question"), ("selfinstruct_seed", "instruction")),
    "writing": (("gpteacher_roleplay", "instruction"),),
}  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with gzip.open(path, "rb") as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def _texts(folder: Path, name: str, field: str) -> tuple[Text, ...]:
    rows = (row.get(field) for row in _rows(folder / f"{name}.jsonl.gz"))
    return tuple(Text(name, row[:_LONGEST]) for row in rows if isinstance(row, str) and row.strip())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


_SENTENCE = re.compile(r"[^.!?\n]{25,}[.!?\n]?")


def _standin_sentences(recordings: dict[str, list[Body]]) -> frozenset[str]:
    """Sentences found in the requests of many programs: nobody's words but the stand-in's."""
    tools: defaultdict[str, set[str]] = defaultdict(set)
    for tool, bodies in recordings.items():
        family = re.split(r"[-_]", tool)[0]
        for body in bodies:
            for text in _strings(body.get("messages") or body.get("prompt") or body.get("input")):
                for sentence in _SENTENCE.findall(text):
                    tools[sentence.strip()].add(family)
    return frozenset(sentence for sentence, who in tools.items() if len(who) >= _STANDIN_TOOLS)


def _cleaned(value: Any, standin: frozenset[str]) -> Any:
    if isinstance(value, str):
        kept = _SENTENCE.sub(lambda found: "" if found.group().strip() in standin else found.group(), value)
        return kept[:_LONGEST]
    if isinstance(value, dict):
        return {key: _cleaned(item, standin) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, standin) for item in value]
    return value


def _recordings(root: Path) -> tuple[Recording, ...]:
    raw: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for label in ("benign", "distill"):
        for path in sorted((root / "captures" / label).glob("*.jsonl.gz")):
            rows = [row for row in _rows(path) if row.get("path") in _KEPT_PATHS and isinstance(row.get("body"), dict)]
            raw[path.name.removesuffix(".jsonl.gz")] = (label, rows)
    standin = _standin_sentences({tool: [row["body"] for row in rows] for tool, (_, rows) in raw.items()})
    return tuple(
        Recording(
            tool,
            "distill" if label == "distill" else "benign",
            tuple(Recorded(row["path"], _cleaned(row["body"], standin), row.get("key", "key-1")) for row in rows),
        )
        for tool, (label, rows) in raw.items()
    )


def _hourly(root: Path) -> tuple[float, ...]:
    """Share of requests by hour of day over all clients of the rate traces (``t_s`` seconds, ``rate_rps`` a second)."""
    path = root / "traces" / "servegen_client_rates.csv.gz"
    if not path.is_file():
        return WAKING
    totals = [0.0] * 24
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            fields = line.split(",", 4)
            totals[int(float(fields[2])) // 3600 % 24] += float(fields[3])
    return tuple(total / sum(totals) * 24 for total in totals)


def _corpus(root: Path, prompts: tuple[Text, ...]) -> tuple[Text, ...]:
    """Running text by template family of rendered language tasks, and what people typed.

    Sentences that come back are the template's frame, not running text, and are left out.
    """
    seen: defaultdict[str, list[Text]] = defaultdict(list)
    for row in _rows(root / "enterprise" / "t0_rendered.jsonl.gz"):
        family = re.split(r"[_\W]", str(row["template"]))[0]
        if len(seen[family]) < 120:
            seen[family].append(Text(family, str(row["prompt"])[:1500]))
    rendered = [text for texts in seen.values() for text in texts]
    times = Counter(sentence.strip() for text in rendered for sentence in _SENTENCE.findall(text.text))
    once = [
        Text(text.source, " ".join(part for part in _SENTENCE.findall(text.text) if times[part.strip()] < _FRAME))
        for text in rendered
    ]
    return tuple(text for text in once if text.text) + prompts


def read(root: Path) -> Material:
    """The material under ``root``. ``NoInputError`` where the folder holds no prompts."""
    human, enterprise, tasks = root / "human_prompts", root / "enterprise", root / "tasks"
    prompts = (
        *_texts(human, "arena_hard_v0.1", "prompt"),
        *_texts(human, "oasst_realistic_seed", "text"),
        *_texts(human, "selfinstruct_user_oriented", "instruction"),
        *(Text("mt_bench", str(row["turns"][0])) for row in _rows(human / "mt_bench.jsonl.gz")),
        *(Text("vicuna_bench", str(row["turns"][0])) for row in _rows(human / "vicuna_bench.jsonl.gz")),
    )
    if not prompts:
        raise NoInputError(
            f"no recorded material in {root}: expected folders captures, human_prompts, tasks, enterprise"
        )
    fabric = _rows(enterprise / "fabric_patterns.jsonl.gz")
    return Material(
        name="recorded",
        recordings=_recordings(root),
        prompts=prompts,
        pasted=_texts(human, "awesome_chatgpt_prompts", "prompt"),
        payloads={
            capability: tuple(text for name, field in sources for text in _texts(tasks, name, field))
            for capability, sources in _PAYLOADS.items()
        }
        | {"safety-sensitive": builtin.material().payloads["safety-sensitive"]},  # none is recorded
        queries=(*_texts(enterprise, "banking77", "text"), *_texts(enterprise, "clinc_oos", "text")),
        systems=tuple(Text("fabric", str(row["text"])[:_LONGEST]) for row in fabric if row.get("role") == "system"),
        jobs=tuple(
            Text(str(row["template"]), str(row["prompt"])[:2_000]) for row in _rows(enterprise / "t0_rendered.jsonl.gz")
        ),
        judges=_texts(root / "eval_judge", "fastchat_judge_prompts", "prompt_template"),
        public_templates=_public(root),
        corpus=_corpus(root, prompts),
        hourly=_hourly(root),
    )


def _public(root: Path) -> tuple[Text, ...]:
    """Prompt constants of public pipelines, whatever their places are called; a place is added where there is none."""
    found = []
    for row in _rows(root / "distill_prompts" / "pipeline_templates.jsonl.gz"):
        text, places = re.subn(r"\{\{?\s*[\w.]+\s*\}?\}", "{payload}", str(row["text"])[:3_000])
        found.append(Text(str(row["repo"]), text if places else text + "\n\n{payload}"))
    return tuple(found)
