"""How often each answer is given under each hypothesis: tables, and where they come from.

``likelihoods.json`` is written by ``python -m bench.attribution.tune`` from composed weeks of the tuning half: counts,
shrunk towards what all hypotheses together show, so that few cases give likelihood ratios near one. ``something-else``
has the pooled shares: it gains where the others fit badly. Composed cases are not the world: ``doubt`` says how much is
kept back for that (``weighing``). Answers about several campaigns (``ACROSS``) have no counts: they are judgements, set
by hand, and say so wherever they are shown.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from stillwatch.attribute.hypotheses import IDS
from stillwatch.attribute.questions import Asked


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """``shares``: question -> hypothesis -> share of each level, summing to 1.

    ``likeness`` (0..1): how much two answers of one block say the same; ``temper`` (0..1]: the power that all
    likelihoods are raised to; ``doubt`` (0..1): the share of the prior that is mixed into every conclusion.
    """

    shares: dict[str, dict[str, tuple[float, ...]]]
    likeness: float
    temper: float
    doubt: float
    tuned_on: str


class Across(Asked, frozen=True, kw_only=True):
    """A question about a group as a whole, with its table set by hand."""

    shares: dict[str, tuple[float, ...]]


def _table(*rows: tuple[float, ...]) -> dict[str, tuple[float, ...]]:
    pooled = tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
    return dict(zip(IDS, (*rows, pooled), strict=True))


#: Rows in the order of ``hypotheses.IDS``, the last (pooled) is computed.
ACROSS: tuple[Across, ...] = (
    Across(
        id="purposes-apart",
        block="across",
        text="Do linked campaigns that run side by side want different things?",
        levels=("apart", "alike"),
        means=("different ways of eliciting or different capabilities", "the same"),
        shares=_table((0.3, 0.7), (0.75, 0.25), (0.6, 0.4), (0.4, 0.6), (0.4, 0.6), (0.6, 0.4), (0.3, 0.7)),
    ),
    Across(
        id="replaced",
        block="replacement",
        text="Did a linked campaign begin when another ended or was shut out?",
        levels=("soon", "no"),
        means=("within a day", "no"),
        shares=_table((0.35, 0.65), (0.35, 0.65), (0.12, 0.88), (0.12, 0.88), (0.05, 0.95), (0.05, 0.95), (0.08, 0.92)),
    ),
    Across(
        id="seen-elsewhere",
        block="members",
        text="What of it have other members seen?",
        levels=("own", "network", "words", "nothing"),
        means=(
            "payment or sign-up identifiers",
            "networks or clients only",
            "wording only",
            "nothing that was asked about",
        ),
        shares=_table(
            (0.40, 0.17, 0.15, 0.28),
            (0.45, 0.17, 0.12, 0.26),
            (0.40, 0.20, 0.08, 0.32),
            (0.25, 0.15, 0.08, 0.52),
            (0.05, 0.15, 0.45, 0.35),
            (0.05, 0.55, 0.08, 0.32),
            (0.05, 0.15, 0.45, 0.35),
        ),
    ),
)

ACROSS_BY_ID: Mapping[str, Across] = {one.id: one for one in ACROSS}


@cache
def shipped() -> Tables:
    """The tables of this version."""
    return msgspec.json.decode((files("stillwatch.attribute") / "likelihoods.json").read_bytes(), type=Tables)
