"""What a line of evidence is: a declaration and one pure function (STYLE, principle 12)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stillwatch.detect.group import Group


@dataclass(frozen=True)
class Evidence:
    """One observed fact about a group, what is ordinary here, and its weight.

    ``weight_bits`` is log2(P(observed | campaign) / P(observed | ordinary)); negative speaks for an innocent
    explanation.
    """

    id: str
    family: str
    axis: str
    observed: str
    ordinary: str
    weight_bits: float
    text: str


@dataclass(frozen=True)
class Fact:
    """What a line's function returns: everything of ``Evidence`` that the declaration does not say already."""

    observed: str
    ordinary: str
    weight_bits: float
    text: str


@dataclass(frozen=True)
class EvidenceLine:
    """``assess`` returns ``None`` where the log can't tell: missing is not zero.

    Lines of one ``axis`` look at the same fact from several sides and are capped together; an axis lies in one family.
    """

    id: str
    family: str
    assess: Callable[[Group], Fact | None]
    axis: str = ""

    def of(self, group: Group) -> Evidence | None:
        """This line's evidence on a group."""
        fact = self.assess(group)
        if fact is None:
            return None
        bits = round(float(fact.weight_bits), 1)
        return Evidence(self.id, self.family, self.axis or self.family, fact.observed, fact.ordinary, bits, fact.text)


def scaled(accounts: int, full_at: int = 10) -> float:
    """How far a share over few accounts may be believed: 0 for two accounts, 1 from ``full_at`` on."""
    return float(np.clip((accounts - 2) / (full_at - 2), 0.0, 1.0))


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.0f} %" if share >= 0.095 or share == 0 else f"{100 * share:.1f} %"
