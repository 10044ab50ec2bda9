"""A scenario: one readable TOML file that says who is in a population. Sizes are counts, times are days of the log."""

import tomllib
from datetime import datetime
from typing import Literal

import msgspec

from stillwatch.errors import UsageError


class Ordinary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts that nobody should notice; ``shares`` by kind, in place of the usual ones."""

    accounts: int = 2000
    shares: dict[str, float] = {}


class LookAlike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``groups`` groups of one innocent kind; ``every`` stands for all kinds, so many times over.

    They grow with the ordinary accounts when those are scaled.
    """

    kind: str
    groups: int = 1


#: ``kind = "every"``: all look-alikes, each in its usual number of groups.
EVERY: dict[str, int] = {
    "classroom": 1, "evaluation-harness": 2, "framework": 1, "fleet": 1, "agency": 1, "reseller": 2,
    "corporate-gateway": 1, "prompt-optimiser": 2, "batch-jobs": 1, "test-data": 1, "ci": 1, "nightly": 4,
    "drift-monitor": 1, "launch-day": 1, "viral": 1, "hobbyists": 1, "permitted-distiller": 1, "key-migration": 1,
    "small-team": 2, "moved": 4, "rotating-keys": 1, "catalogue": 1, "red-team": 1,
    "reopened": 1, "release-adopters": 1, "viral-template": 1, "new-tool": 1,
}  # fmt: skip


class Campaign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One campaign. ``exchanges`` is the mean per account, cover included; ``cover`` the share that is cover."""

    name: str
    accounts: int
    exchanges: int
    spread: float = 0.2  # log-normal sigma of exchanges per account; 0: the same for all
    cover: float = 0.0
    cover_kinds: tuple[str, ...] = ("chat", "application", "batch")
    wording: Literal["fixed", "per-account", "per-request", "none"] = "fixed"
    techniques: tuple[str, ...] = ("SW-T16",)
    tool: str | None = None  # a recorded program to send in place of our wordings; "each": one campaign for each
    payload: str = "maths"  # a capability of the material, or "people": other people's prompts
    pacing: Literal["even", "human", "burst"] = "even"
    from_day: float = 0.0
    for_days: float | None = None  # None: to the end of the log
    onset: Literal["together", "spread"] = "together"
    infrastructure: Literal["shared", "tenth", "proxy", "dispersed"] = "shared"  # proxy: only the way out is shared
    addresses: int = 12  # of the shared part
    surfaces: tuple[str, ...] = ()
    stripped: bool = False  # no client fields at all
    model: str | None = None  # None: each account has its own
    banned_day: float | None = None  # half of the accounts stop here, the other half begins
    release_day: float | None = None  # from here on ``released`` is asked for, by most within a day
    released: str = "m-next"
    accounts_are: Literal["own", "stolen", "pooled"] = "own"  # stolen: the cover is the owner's, with their client
    programme: str | None = None  # all accounts were opened under it: education, research, startup, trial
    permit_exchanges: int | None = None  # one organisation with a permit for so many exchanges
    probes: int = 0  # so many tasks only, asked over and over
    refused: float = 0.0  # share of requests that the model declines; up to ``search_day`` where there is one
    search_day: float | None = None  # until then techniques and wordings are tried, from then on one is used


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A population. ``start`` is a midnight in UTC."""

    name: str
    about: str
    start: datetime
    days: int = 7
    ordinary: Ordinary = Ordinary()
    lookalike: tuple[LookAlike, ...] = ()
    campaign: tuple[Campaign, ...] = ()
    extract: int = 160  # characters of each completion that the log keeps

    @property
    def start_us(self) -> int:
        return int(self.start.timestamp()) * 1_000_000


def parse(text: str, name: str = "scenario") -> Scenario:
    """Reads a scenario. ``UsageError`` says what is wrong with it and where."""
    try:
        scenario = msgspec.convert(tomllib.loads(text), Scenario)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise UsageError(f"{name} can't be read as a scenario: {problem}") from problem
    if scenario.start.utcoffset() is None:
        raise UsageError(f"{name}: start needs a time zone, for example 2026-06-01T00:00:00Z")
    every = tuple(LookAlike(kind, groups * item.groups) for item in scenario.lookalike if item.kind == "every"
                  for kind, groups in EVERY.items())  # fmt: skip
    listed = tuple(item for item in scenario.lookalike if item.kind != "every")
    scenario = msgspec.structs.replace(scenario, lookalike=listed + every)
    for campaign in scenario.campaign:
        if not 0 <= campaign.cover < 1:
            raise UsageError(f"{name}: cover of {campaign.name} must be at least 0 and below 1")
    return scenario


def scaled(scenario: Scenario, ordinary: int | None) -> Scenario:
    """The same with another number of ordinary accounts; look-alikes grow or shrink alike (one group at least)."""
    if ordinary is None or ordinary == scenario.ordinary.accounts:
        return scenario
    factor = ordinary / max(1, scenario.ordinary.accounts)
    lookalikes = tuple(
        LookAlike(item.kind, max(1, round(item.groups * factor)) if item.groups and ordinary else 0)
        for item in scenario.lookalike
    )
    return msgspec.structs.replace(
        scenario,
        ordinary=msgspec.structs.replace(scenario.ordinary, accounts=ordinary),
        lookalike=lookalikes,
    )
