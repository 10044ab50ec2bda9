"""What populations are made of: requests that real programs sent, prompts of people, tasks, templates, timing.

A pure value: who reads it from a folder is ``adapters.material``; ``builtin.material`` makes one from nothing but
word lists, so that a checkout without recorded material can compose too.

Halves. Thresholds are tuned on one half and judged on the other. ``half_of`` puts a *source* (a tool, a file, a
template family), never a single prompt, into ``tuning`` or ``holdout``: by the parity of the first byte of the
SHA-256 of its name. Pools that come from one source only are split by the hash of each text instead.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

Half = Literal["tuning", "holdout", "all"]
Body = dict[str, Any]


class Recorded(msgspec.Struct, frozen=True):
    """One request of a recorded program: the path it asked, the body it sent, the key it used in that log."""

    path: str
    body: Body
    key: str = "key-1"


class Recording(msgspec.Struct, frozen=True):
    """The requests of one program, in order. ``label`` says what the program is for, not whether anyone is guilty."""

    tool: str
    label: Literal["distill", "benign"]
    requests: tuple[Recorded, ...]


class Text(msgspec.Struct, frozen=True):
    """One text and where it comes from."""

    source: str
    text: str


class Material(msgspec.Struct, frozen=True):
    """Everything a composer draws from. Any pool but ``corpus``, ``prompts`` and ``payloads`` may be empty."""

    name: str
    recordings: tuple[Recording, ...]
    prompts: tuple[Text, ...]  # what people typed
    pasted: tuple[Text, ...]  # prompts that people copy from one another
    payloads: Mapping[str, tuple[Text, ...]]  # capability -> tasks
    queries: tuple[Text, ...]  # short questions of customers
    systems: tuple[Text, ...]  # system prompts of applications
    jobs: tuple[Text, ...]  # inputs of language jobs (classify, summarise, translate)
    judges: tuple[Text, ...]  # prompts that ask for a grade
    public_templates: tuple[Text, ...]  # prompt constants of public data-generation pipelines
    corpus: tuple[Text, ...]  # running text that sentences are spun from
    hourly: tuple[float, ...]  # share of traffic by hour of day, 24 numbers
    half: Half = "all"


def half_of(name: str) -> Literal["tuning", "holdout"]:
    """The half a source, or a text of a single-source pool, belongs to. Stable over machines and versions."""
    return "tuning" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "holdout"


def _part(pool: tuple[Text, ...], half: Half) -> tuple[Text, ...]:
    """The texts of one half: by source where both halves then have some, else by text."""
    by_source = tuple(text for text in pool if half_of(text.source) == half)
    if by_source and len(by_source) < len(pool):
        return by_source
    return tuple(text for text in pool if half_of(text.text) == half) or pool


def halved(material: Material, half: Half) -> Material:
    """The material of one half; ``all`` gives it back whole."""
    if half == "all":
        return material
    part: Callable[[tuple[Text, ...]], tuple[Text, ...]] = lambda pool: _part(pool, half)  # noqa: E731
    kept = tuple(recording for recording in material.recordings if half_of(recording.tool) == half)
    return msgspec.structs.replace(
        material,
        recordings=kept,
        prompts=part(material.prompts),
        pasted=part(material.pasted),
        payloads={capability: part(pool) for capability, pool in material.payloads.items()},
        queries=part(material.queries),
        systems=part(material.systems),
        jobs=part(material.jobs),
        judges=part(material.judges),
        public_templates=part(material.public_templates),
        corpus=part(material.corpus),
        half=half,
    )
