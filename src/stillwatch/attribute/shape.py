"""The shape of ``attribution.json``: groups of campaigns, what may stand behind each, five claims, and what is missing.

Keys may be added, none renamed. Probabilities lie in 0..1, bits are log2 likelihood ratios, times are ISO 8601 in UTC.
"""

from typing import Literal

import msgspec

from stillwatch.attribute.words import Confidence


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """A word of estimative probability and the percentages that it stands for (ICD 203).

    ``beyond``: the probability lies below 1 or above 99 %, where the directive has no word. The outermost word is
    written then, and its percentages are not those of the probability beside it.
    """

    text: str
    low: int
    high: int
    beyond: Literal["below", "above"] | None = None

    @property
    def percentages(self) -> str:
        """The percentages in words: "1 to 5 %", or the end that the probability lies beyond."""
        if self.beyond is None:
            return f"{self.low} to {self.high} %"
        return f"below {self.low} %" if self.beyond == "below" else f"above {self.high} %"


class Hypothesised(msgspec.Struct, frozen=True, kw_only=True):
    """One hypothesis: how likely, and under the priors of ``Sensitivity``."""

    id: str
    short: str
    says: str
    prior: float
    probability: float
    word: Range
    bits: float
    innocent: bool


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One answered question: what was seen, bits for each hypothesis (against all together), where its table is from.

    ``favours`` and ``counts_against`` are hypotheses it speaks for and against most.
    """

    question: str
    block: str
    text: str
    seen: str
    bits: dict[str, float]
    favours: str
    counts_against: str
    source: str  # "composed cases" | "judgement"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that would change the conclusion, or one on which it rests."""

    text: str
    first_then: str
    probability_then: float


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """The likeliest hypothesis under another prior. ``Group.odds_to_overturn``: by how much the prior odds of the
    second over the first must grow before it takes the first place."""

    prior: str
    first: str
    probability: float


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five claims. ``probability`` is ``None`` where the evidence here can't speak to it."""

    id: str  # behaviour | coordination | operator | beneficiary | descent
    statement: str
    probability: float | None
    word: Range | None
    confidence: Confidence | None
    because: tuple[str, ...]
    contrary: tuple[str, ...]
    would_change: tuple[str, ...]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Two campaigns, and how likely one hand is behind both. ``signs``: what was compared, a sentence each."""

    one: str
    other: str
    probabilities: dict[str, float]
    word: Range
    signs: tuple[str, ...]
    signs_bits: tuple[float, ...]  # for one-hand against unrelated


class NameShown(msgspec.Struct, frozen=True, kw_only=True):
    """How far the evidence agrees with a name that a member entered: "consistent with" is the most it says."""

    name: str
    role: str
    entered_by: str
    entered_on: str
    basis: str
    consistency: str
    in_common: tuple[str, ...]
    contrary: tuple[str, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign of a group, for the timeline. ``source`` is the file it came from."""

    id: str
    label: str
    source: str
    level: str
    accounts: int
    exchanges: int
    first: str
    last: str
    noticed: str | None
    blocked: str | None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What other members saw of a group: how many identifiers of a type, by how many members, on which days."""

    type: str
    values: int
    members: tuple[str, ...]
    first: str | None
    last: str | None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Campaigns that one hand may run, judged together. Its name is neutral and means nothing."""

    name: str
    conclusion: str
    first: str  # the likeliest hypothesis
    determined: bool
    campaigns: tuple[Part, ...]
    links: tuple[Link, ...]
    hypotheses: tuple[Hypothesised, ...]
    facts: tuple[Fact, ...]
    unknown: tuple[str, ...]  # questions that nothing answered
    claims: tuple[Claim, ...]
    changes: tuple[Change, ...]
    rests_on: tuple[Change, ...]
    sensitivity: tuple[Sensitivity, ...]
    odds_to_overturn: float
    names: tuple[NameShown, ...]
    seen_elsewhere: tuple[Seen, ...]


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of ``attribution.json``. ``links_between``: pairs that were not joined but come near."""

    campaigns: int
    groups: tuple[Group, ...]
    links_between: tuple[Link, ...]
    prior: dict[str, float]
    link_prior: dict[str, float]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
