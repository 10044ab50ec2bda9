"""Techniques of adversarial distillation (DOMAIN section 2) with their MITRE ATLAS ids, checked against ATLAS 5.6."""

import msgspec


class Technique(msgspec.Struct, frozen=True):
    """One technique: our id, a plain name, and the nearest ATLAS technique (``None``: ATLAS has none)."""

    id: str
    name: str
    atlas: str | None = None


TECHNIQUES: tuple[Technique, ...] = (
    Technique("SW-T01", "account farming", "AML.T0021"),
    Technique("SW-T02", "programme abuse", "AML.T0021"),
    Technique("SW-T03", "stolen keys", "AML.T0012"),
    Technique("SW-T04", "pooled subscriptions"),
    Technique("SW-T05", "proxies and transfer stations", "AML.T0008.005"),
    Technique("SW-T06", "shell-company proxy"),
    Technique("SW-T07", "spread over API, clouds and aggregators"),
    Technique("SW-T08", "hydra replacement"),
    Technique("SW-T09", "load balancing"),
    Technique("SW-T10", "benign mixing"),
    Technique("SW-T11", "low and slow"),
    Technique("SW-T12", "metadata stripping"),
    Technique("SW-T13", "failover on refusal"),
    Technique("SW-T14", "safeguard arbitrage"),
    Technique("SW-T15", "countermeasure evaluation"),
    Technique("SW-T16", "post-hoc reasoning elicitation", "AML.T0024.002"),
    Technique("SW-T17", "fixed-prompt inline reasoning", "AML.T0024.002"),
    Technique("SW-T18", "fake debug or system prompt, anti-flag text", "AML.T0054"),
    Technique("SW-T19", "thinking-language or script coercion", "AML.T0054"),
    Technique("SW-T20", "technique search", "AML.T0065"),
    Technique("SW-T21", "signature replay", "AML.T0024"),
    Technique("SW-T22", "rubric grading", "AML.T0024.002"),
    Technique("SW-T23", "reasoning critique and cleaning"),
    Technique("SW-T24", "task and environment generation"),
    Technique("SW-T25", "agentic, tool and vision harvest"),
    Technique("SW-T26", "alignment-behaviour extraction"),
    Technique("SW-T27", "user relay", "AML.T0008.005"),
    Technique("SW-T28", "transcript purchase", "AML.T0048.004"),
    Technique("SW-T29", "log-probability harvesting", "AML.T0063"),
    Technique("SW-T30", "release pivot"),
    Technique("SW-T31", "roadmap correlation"),
)

BY_ID: dict[str, Technique] = {technique.id: technique for technique in TECHNIQUES}

#: The rows a single request can show something of, in the order of the sketch's score columns.
#: SW-T20 (search over variants) is a pattern over many requests; a request shows only that it tries an elicitation.
SCORED: tuple[str, ...] = (
    "SW-T16", "SW-T17", "SW-T18", "SW-T19", "SW-T20", "SW-T21", "SW-T22",
    "SW-T23", "SW-T24", "SW-T25", "SW-T26", "SW-T27", "SW-T29",
)  # fmt: skip

#: Capabilities a request is about, in the order of the sketch's codes.
CAPABILITIES: tuple[str, ...] = (
    "other", "maths", "code", "agentic", "vision", "data-analysis", "writing", "translation", "safety-sensitive",
)  # fmt: skip
