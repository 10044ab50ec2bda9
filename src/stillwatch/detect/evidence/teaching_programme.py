"""Classes look like campaigns: many new accounts, one sheet of exercises, one network.

Sees: members enrolled in an education programme. Weighs against. Wrongs (lets through): programme abuse (SW-T02), which
payload partition and payment ties still show.
"""

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group

#: Code of ``education`` in the accounts table.
EDUCATION = 1


def assess(group: Group) -> Fact | None:
    """Null: members' programmes are drawn like other accounts'."""
    known = group.known("programme")
    if not len(known):
        return None
    share = float((known == EDUCATION).sum() / len(group.members))
    if share < 0.3:
        return None
    return Fact(
        observed=f"{percent(share)} of the accounts are in an education programme",
        ordinary="a class shares its start, its network and its exercises",
        weight_bits=-5.0 * share,
        text=f"{percent(share)} of the accounts belong to an education programme: a class would look like this.",
    )


TEACHING_PROGRAMME = EvidenceLine("teaching-programme", "explanation", assess)
