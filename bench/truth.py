"""Who was what in a log whose truth is known, and what a scan made of it.

A campaign counts as *found* where a campaign at ``review`` or ``act`` holds at least half of its accounts. *Precision*
is over everything at ``review`` or ``act`` in the run, campaigns that were made up by mistake included: the share of
the accounts listed there that belong to a campaign. *Recall* is the share of the campaigns' accounts listed there.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

LEVELS = ("act", "review")


class Truth(NamedTuple):
    """``campaigns``: name -> its accounts. ``ordinary``: account -> what kind of account it is."""

    campaigns: Mapping[str, frozenset[str]]
    ordinary: Mapping[str, str]


class Judged(NamedTuple):
    """What a scan made of a log. ``levels``: campaign -> ``act``, ``review``, ``missed``; ``wronged``: level -> kinds.

    ``listed`` and ``right`` count accounts at either level, and those of them that belong to a campaign; ``all`` the
    accounts of campaigns; ``raised``: level -> campaigns that the scan put there.
    """

    levels: Mapping[str, str]
    listed: int
    right: int
    all: int
    raised: Mapping[str, int]
    wronged: Mapping[str, Counter[str]]

    @property
    def precision(self) -> float | None:
        """``None`` where nothing was listed."""
        return self.right / self.listed if self.listed else None

    @property
    def recall(self) -> float | None:
        """``None`` where there was nothing to find."""
        return self.right / self.all if self.all else None

    @property
    def found(self) -> int:
        """Campaigns that were found."""
        return sum(level in LEVELS for level in self.levels.values())


def recorded(file: Path) -> Truth:
    """The truth of the recorded sample."""
    raw: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    return Truth({c["name"]: frozenset(c["accounts"]) for c in raw["campaigns"]}, raw["ordinary"])


def composed(truth: Mapping[str, Any]) -> Truth:
    """The truth of a composed population."""
    campaigns: dict[str, set[str]] = {}
    ordinary: dict[str, str] = {}
    for account, known in truth["accounts"].items():
        if known["campaign"]:
            campaigns.setdefault(known["campaign"], set()).add(account)
        else:
            ordinary[account] = known["kind"]
    return Truth({name: frozenset(accounts) for name, accounts in campaigns.items()}, ordinary)


def judge(truth: Truth, scan: Mapping[str, Any]) -> Judged:
    """Hold what ``campaigns.json`` says against the truth."""
    found = [(c["level"], {member["account"] for member in c["accounts"]}) for c in scan["campaigns"]]
    raised = [(level, members) for level, members in found if level in LEVELS]
    listed = set().union(*(members for _, members in raised))
    guilty = frozenset().union(*truth.campaigns.values())
    wronged = {
        level: Counter(
            truth.ordinary.get(account, "not in the truth")
            for account in set().union(*(members for at, members in raised if at == level)) - guilty
        )
        for level in LEVELS
    }
    return Judged(
        levels={name: _level(accounts, raised) for name, accounts in truth.campaigns.items()},
        listed=len(listed),
        right=len(listed & guilty),
        all=len(guilty),
        raised={level: sum(at == level for at, _ in raised) for level in LEVELS},
        wronged=wronged,
    )


def _level(accounts: frozenset[str], raised: list[tuple[str, set[str]]]) -> str:
    """The level of the campaign that holds most of ``accounts``, of equals the higher; at least half of them."""
    holding = [(len(accounts & members), level == "act", level) for level, members in raised]
    best = max(holding, default=(0, False, ""))
    return best[2] if best[0] and 2 * best[0] >= len(accounts) else "missed"
