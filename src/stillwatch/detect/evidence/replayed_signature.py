"""A reasoning signature shown outside its own account: near-deterministic.

Sees: opaque reasoning tokens that members send and that were issued to, or are sent by, another customer's account.
Wrongs: one customer that moves a session between its own accounts (not counted: other customers only). Evaded by not
replaying, which is the point.
"""

from stillwatch.detect.evidence.line import EvidenceLine, Fact
from stillwatch.detect.evidence.shared_infrastructure import covered
from stillwatch.detect.group import Group

#: Members that must show one before it speaks: a leaked transcript may be pasted by one or two.
FEWEST = 3
#: Bits for each such member beyond the first two, up to the whole.
EACH, MOST = 4.0, 14.0
#: A crowd of strangers with a few replaying accounts in it is no ring: below the first share of members nothing is
#: said, from the second on all of it.
SMALLEST_SHARE, WHOLE_SHARE = 0.1, 0.4


def assess(group: Group) -> Fact | None:
    """Null: a signature stays in its session, so strangers never show the same one."""
    tied, values = covered(group, "signature")
    share = tied / len(group.members)
    if tied < FEWEST or share < SMALLEST_SHARE:
        return None
    return Fact(
        observed=f"{tied} of {len(group.members)} accounts show {values} signatures of each other's sessions",
        ordinary="none: a signature belongs to one session of one account",
        weight_bits=min(MOST, EACH * (tied - FEWEST + 1)) * min(1.0, share / WHOLE_SHARE),
        text=f"{tied} of {len(group.members)} members, of different customers, sent {values} opaque reasoning "
        "signatures that were issued to, or sent by, another member.",
    )


REPLAYED_SIGNATURE = EvidenceLine("replayed-signature", "replay", assess)
