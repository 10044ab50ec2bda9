"""What may stand behind a group of campaigns: hypotheses that compete for the same evidence, innocent ones among them.

Competing hypotheses, rather than one that collects support, is Heuer's advice ("Psychology of Intelligence Analysis",
CIA Center for the Study of Intelligence, 1999, chapter 8). The last one keeps room for what nobody thought of.
"""

import msgspec


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True):
    """``one_hand``: one operator runs the accounts. ``collects``: answers are gathered to train a model.

    ``short`` stands in tables and charts, ``says`` is the sentence that evidence speaks for or against.
    """

    id: str
    short: str
    says: str
    one_hand: bool
    collects: bool

    @property
    def innocent(self) -> bool:
        """Whether nobody collects anything. Not the same as lawful, and no finding either way."""
        return not self.collects and self.id != OTHER


OTHER = "something-else"

HYPOTHESES: tuple[Hypothesis, ...] = (
    Hypothesis(
        id="one-collector",
        short="one collector",
        says="one operator collects answers for one purpose: for itself, or for one laboratory",
        one_hand=True,
        collects=True,
    ),
    Hypothesis(
        id="supplier",
        short="supplier to several",
        says="one supplier runs the accounts and collects for several customers with different purposes",
        one_hand=True,
        collects=True,
    ),
    Hypothesis(
        id="reseller",
        short="reseller or gateway",
        says="a reseller or gateway passes on what its customers ask; nobody collects the answers",
        one_hand=True,
        collects=False,
    ),
    Hypothesis(
        id="own-work",
        short="own work",
        says="one organisation, or an agency for it, does its own ordinary work with several accounts",
        one_hand=True,
        collects=False,
    ),
    Hypothesis(
        id="shared-tool",
        short="shared tool",
        says="strangers use the same public tool, framework or prompt, each for themselves",
        one_hand=False,
        collects=False,
    ),
    Hypothesis(
        id="shared-way-out",
        short="shared way out",
        says="strangers happen to leave through the same proxy, carrier or office network",
        one_hand=False,
        collects=False,
    ),
    Hypothesis(
        id="same-tasks",
        short="same tasks",
        says="people were given the same tasks: a class, a benchmark, a launch day",
        one_hand=False,
        collects=False,
    ),
    Hypothesis(
        id=OTHER,
        short="something else",
        says="something that is not on this list",
        one_hand=False,
        collects=False,
    ),
)

IDS: tuple[str, ...] = tuple(hypothesis.id for hypothesis in HYPOTHESES)
BY_ID: dict[str, Hypothesis] = {hypothesis.id: hypothesis for hypothesis in HYPOTHESES}

#: Where no prior is given: all alike, and a little for what is not on the list.
PRIOR_OF_OTHER = 0.05


def flat() -> dict[str, float]:
    """The prior that favours nobody on the list."""
    known = (1.0 - PRIOR_OF_OTHER) / (len(HYPOTHESES) - 1)
    return {one: PRIOR_OF_OTHER if one == OTHER else known for one in IDS}
