"""What a scan concludes: the shape of ``campaigns.json``, and the figures from which a report is drawn.

``Scan`` and what hangs on it encode with msgspec to the keys of DESIGN section 5: keys may be added, none renamed.
``Figures`` holds what the charts need and is no part of that file. Times are ISO 8601 strings in UTC ending in ``Z``;
weights are bits, log2(P(observed | campaign) / P(observed | ordinary)); shares and memberships lie in 0..1.
"""

from typing import Literal

import msgspec

#: ``act``: decide without a person first; ``review``: an analyst's queue; ``watch``: context.
Level = Literal["act", "review", "watch"]

#: Levels from the most to the least urgent.
LEVELS: tuple[Level, ...] = ("act", "review", "watch")


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What was read. ``first``/``last`` encode as ``from``/``to``; ``None`` where nothing was readable."""

    exchanges: int
    accounts: int
    quarantined: int
    first: str | None = msgspec.field(name="from")
    last: str | None = msgspec.field(name="to")
    seconds: float
    #: What a reader must know about this run: searched more coarsely, capped, missing columns. One sentence each.
    notes: tuple[str, ...] = ()


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """One account of a campaign and the probability that it belongs."""

    account: str
    membership: float


class TechniqueShare(msgspec.Struct, frozen=True, kw_only=True):
    """A technique (``SW-T01`` ... ``SW-T31``), its ATLAS id, and the share of the campaign's exchanges that show it."""

    id: str
    atlas: str | None
    share: float


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """What was served for one capability, without duplicates, as an interval in ``unit`` (DOMAIN section 3)."""

    capability: str
    low: int
    mid: int
    high: int
    unit: str
    nearest_public_scale: str


class PublicScale(msgspec.Struct, frozen=True, kw_only=True):
    """A published number of examples that moved a student model; ``low == high`` where it is one number."""

    name: str
    low: int
    high: int
    source: str
    at_least: bool = False


#: What is publicly known of "how much is enough to matter" (DOMAIN section 3), in rising order.
#: Scales, never proof: the last is a range of claims by interested parties.
PUBLIC_SCALE: tuple[PublicScale, ...] = (
    PublicScale(name="LIMO", low=817, high=817, source="arXiv 2502.03387"),
    PublicScale(name="s1", low=1_000, high=1_000, source="arXiv 2501.19393"),
    PublicScale(name="17k long reasoning traces", low=17_000, high=17_000, source="arXiv 2502.07374"),
    PublicScale(name="Alpaca", low=52_000, high=52_000, source="Stanford CRFM, 2023-03-13"),
    PublicScale(name="Lion", low=70_000, high=70_000, source="arXiv 2305.12870"),
    PublicScale(name="R1 distils", low=800_000, high=800_000, source="arXiv 2501.12948"),
    PublicScale(name="Tülu 3", low=1_000_000, high=1_000_000, source="arXiv 2411.15124", at_least=True),
    PublicScale(name="reported campaigns", low=150_000, high=151_000_000, source="claims by providers, 2026"),
)


class Source(msgspec.Struct, frozen=True):
    """Where somebody else's word comes from, and until when it counts; no end where none was given."""

    forum: str
    epoch: str | int
    expires_at: str | None


class EvidenceShown(msgspec.Struct, frozen=True, kw_only=True):
    """One line of evidence as a person reads it. A negative weight speaks for an innocent explanation.

    ``sources`` stands only in lines that rest on what other members said.
    """

    id: str
    family: str = ""  # no key of DESIGN section 5: who writes the file without it means the axis
    axis: str
    observed: str
    ordinary: str
    weight_bits: float
    text: str
    sources: tuple[Source, ...] | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if not self.family:
            msgspec.structs.force_setattr(self, "family", self.axis)


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts that work together, for what, since when, how sure we are and why."""

    id: str
    name: str = ""  # generated and neutral: "Campaign 1"; no key of DESIGN section 5, so it may be missing
    rank: int
    weight_bits: float
    p_value: float | None
    level: Level
    accounts: tuple[Membership, ...]
    exchanges: int
    first_exchange_at: str
    last_exchange_at: str
    noticed_at: str | None  # None: replayed in order of time it never reached `review`
    noticed_after_exchanges: int | None
    techniques: tuple[TechniqueShare, ...]
    capabilities: dict[str, float]
    exposure: tuple[Exposure, ...]
    evidence: tuple[EvidenceShown, ...]
    could_be_wrong: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name:
            msgspec.structs.force_setattr(self, "name", f"Campaign {self.rank}" if self.rank else self.id)


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of ``campaigns.json``, campaigns in order of rank."""

    scanned: Scanned
    campaigns: tuple[Campaign, ...]


class TimelineBucket(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign's exchanges in ``Figures.bucket_seconds`` from ``start``. Empty buckets may be left out."""

    start: str
    exchanges: int


class AccountLink(msgspec.Struct, frozen=True, kw_only=True):
    """An account's exchanges that carry one shared entity (a template, a network, a client, a payment print)."""

    account: str
    kind: str  # template | system | network | client | payment | sign-up | tools | image | signature | ...
    entity: str  # a label for people, never text of a prompt: "passage 7f3a", "203.0.113.0/24"
    exchanges: int


class AccountExchanges(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the campaign's exchanges one account made."""

    account: str
    exchanges: int


class ReplayPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The weight the campaign had after so many of its own exchanges, replayed in order of time."""

    exchanges: int
    weight_bits: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the charts of one campaign need. At most about 60 accounts x 40 entities, the strongest first."""

    bucket_seconds: int  # 3,600 or 86,400
    timeline: tuple[TimelineBucket, ...]
    links: tuple[AccountLink, ...]
    account_exchanges: tuple[AccountExchanges, ...]
    replay: tuple[ReplayPoint, ...]
    review_bits: float  # the weight at which `review` begins in this run
    act_bits: float
    prior_bits: float = 0.0  # where the waterfall starts; part of the campaign's weight
    accounts_left_out: int = 0  # members that `links` does not show
    entities_left_out: int = 0
