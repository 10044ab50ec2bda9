"""The sample while it is being composed: who asked what when, and the truth about it."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from cast import Account, Registry
from recordings import Recorded, continues, homeless
from rhythm import Clock, sittings

WEEK = 7 * 86400.0


class Sample:
    """Holds placed requests as ``(seconds since the start, account, recorded request)``."""

    def __init__(
        self, rng: random.Random, registry: Registry, recordings: dict[str, dict[str, list[Recorded]]]
    ) -> None:
        self.rng = rng
        self.registry = registry
        self.recordings = recordings
        self.placed: list[tuple[float, Account, Recorded]] = []
        self.campaigns: list[dict[str, Any]] = []
        self.permits: list[dict[str, Any]] = []
        people = list(recordings["people"].values())
        rng.shuffle(people)
        self._people: Iterator[list[Recorded]] = iter(people)

    def person(self) -> list[Recorded]:
        """The recorded requests of one more ordinary person, each person once."""
        return next(self._people)

    def people_left(self) -> Iterator[list[Recorded]]:
        """Everyone who was not taken for cover traffic or for a second habit of another account."""
        return self._people

    def place(self, account: Account, times: Sequence[float], rows: Sequence[Recorded]) -> None:
        """Put requests into the week; what would fall outside of it is moved inside by whole weeks.

        The times of an account made during the week are pressed into what was left of it.
        """
        if not homeless(rows):
            raise SystemExit(f"a recorded request of {account.kinds} names a folder of this machine")
        left = (WEEK - account.since) / WEEK
        for at, row in zip(times, rows, strict=True):
            self.placed.append((account.since + at % WEEK * left, account, row))

    def chat(self, account: Account, clock: Clock, rows: Sequence[Recorded]) -> None:
        """Place the requests of a person: conversations stay together."""
        self.place(account, sittings(self.rng, clock, [continues(row) for row in rows], keep=0.35), rows)

    def campaign(self, name: str, accounts: Sequence[Account], tools: list[str], note: str) -> None:
        """Note the truth about a campaign."""
        names = sorted(account.name for account in accounts)
        self.campaigns.append({"name": name, "accounts": names, "tools": tools, "note": note})

    def ordinary(self) -> dict[str, str]:
        """Account -> kind, for everyone in no campaign."""
        guilty = {name for campaign in self.campaigns for name in campaign["accounts"]}
        seen = {account.name: account for _, account, _ in self.placed}
        return {name: ", ".join(seen[name].kinds) for name in sorted(seen) if name not in guilty}
