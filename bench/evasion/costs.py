"""What a harvest costs, in units of one exchange: the assumptions first, as numbers that a reader may change.

Nobody publishes an operator's bill. The prices are round guesses of the right order, for a long answer of a large model
at list price; what matters of them is their ratio. A harvest is counted in *useful* exchanges: own ones (no cover),
each worth 1 where the wording draws out reasoning, less where there is none and the answer is plain.
"""

import math
from typing import NamedTuple

import msgspec

from bench.evasion.cells import ACCOUNTS, COVERS, EXCHANGES, INFRASTRUCTURES, LANES, LIMIT, WORDINGS
from stillwatch.rehearse.scenario import Campaign

PACINGS = ("even", "human")
ONSETS = ("together", "spread")
_OPERATORS_ADDRESSES = 12  # of the shared way out, as scenarios have it
_ASKED = 0.5  # share of own exchanges without wording that ask for a task; the others are small talk


class Prices(msgspec.Struct, frozen=True):
    """In exchanges. ``address`` stands for an address, a client and a means of payment that no other account has."""

    exchange: float = 1.0
    account: float = 50.0
    rewording: float = 0.5
    address: float = 30.0
    plain_worth: float = 0.25  # of a plain answer, where one with its reasoning is worth 1


class Tactic(msgspec.Struct, frozen=True, order=True):
    """What an attacker chooses. ``exchanges`` per account, cover included."""

    exchanges: int
    cover: float = 0.0
    wording: str = "fixed"
    infrastructure: str = "shared"
    pacing: str = "even"
    onset: str = "together"

    @property
    def name(self) -> str:
        """Short and unique."""
        parts = (self.wording, self.infrastructure, self.pacing, self.onset)
        return f"e{self.exchanges}-c{self.cover:g}-{'-'.join(parts)}"


#: One template, no cover, one infrastructure, few accounts that each ask a hundred times.
NAIVE = Tactic(100)

#: Axis -> its values, from the cheapest or plainest on. Search moves along these.
AXES: dict[str, tuple[object, ...]] = {
    "exchanges": tuple(reversed(EXCHANGES)),
    "cover": COVERS,
    "wording": WORDINGS,
    "infrastructure": INFRASTRUCTURES,
    "pacing": PACINGS,
    "onset": ONSETS,
}


class Size(NamedTuple):
    """``own`` exchanges in all, cover left out; ``total`` with cover."""

    accounts: int
    own: float
    total: int


def size(tactic: Tactic, useful: int, prices: Prices) -> Size:
    """How large a campaign must be to bring so many useful exchanges. Each account asks at least once for itself."""
    worth = _ASKED * prices.plain_worth if tactic.wording == "none" else 1.0
    own = max(1.0, tactic.exchanges * (1 - tactic.cover))
    accounts = math.ceil(round(useful / worth / own, 6))
    return Size(accounts, accounts * own, accounts * tactic.exchanges)


def fits(tactic: Tactic, useful: int, prices: Prices) -> bool:
    """Whether it is within the limits of what is run."""
    needed = size(tactic, useful, prices)
    return needed.total <= LIMIT and needed.accounts <= ACCOUNTS[-2]


def cost(tactic: Tactic, useful: int, prices: Prices) -> float:
    """The whole bill."""
    needed = size(tactic, useful, prices)
    return _beforehand(tactic, needed, prices) + _running(tactic, needed, prices)


def spent(tactic: Tactic, useful: int, prices: Prices, share: float) -> float:
    """The bill of a campaign that ends when ``share`` of it has been served: accounts are paid for beforehand."""
    needed = size(tactic, useful, prices)
    return _beforehand(tactic, needed, prices) + share * _running(tactic, needed, prices)


def _beforehand(tactic: Tactic, needed: Size, prices: Prices) -> float:
    apart = {"shared": 0.0, "tenth": 0.9, "dispersed": 1.0}[tactic.infrastructure]
    addresses = needed.accounts * apart + (_OPERATORS_ADDRESSES if apart < 1 else 0)
    wordings = needed.accounts if tactic.wording == "per-account" else 0
    return needed.accounts * prices.account + addresses * prices.address + wordings * prices.rewording


def _running(tactic: Tactic, needed: Size, prices: Prices) -> float:
    wordings = needed.own if tactic.wording == "per-request" else 0
    return needed.total * prices.exchange + wordings * prices.rewording


def planned(tactic: Tactic, useful: int, prices: Prices, name: str, lane: int) -> Campaign:
    """As a scenario has it."""
    technique, payload = LANES[lane % len(LANES)]
    fields = msgspec.structs.asdict(tactic)
    accounts = size(tactic, useful, prices).accounts
    fields |= {"name": name, "accounts": accounts, "techniques": (technique,), "payload": payload}
    return msgspec.convert(fields, Campaign)
