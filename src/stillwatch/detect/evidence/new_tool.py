"""A tool becomes popular: customers of long standing take it up, a few more every day.

Sees: many organisations, accounts older than the template, beginnings without waves that grow, settings of their own.
Weighs against only. Lets through: a campaign on bought old accounts that ramps up slowly with varied settings, at the
price of all of these at once. An app or framework with one setting for all its users is not helped.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.evidence.shared_infrastructure import covered
from stillwatch.detect.group import Group
from stillwatch.detect.population import UNKNOWN, narrowest

DAY_US = 86_400_000_000
#: An account counts as older than the template from so many days before its first appearance.
OLDER_US = 14 * DAY_US
FEWEST = 8
#: The template must be in the log for this long to have a curve.
SHORTEST_US = 2 * DAY_US
LEAST = -2.0
#: A wave of beginnings holds at least this share of the members.
CROWDED = 0.3


def assess(group: Group) -> Fact | None:
    """Null: members' beginnings, ages, organisations and settings are those of one operator. Unit: the account.

    The weight is the product of five shares: an adoption that lacks one of them is none. A template that was there when
    the log began may be of any age, so nothing is said.
    """
    if len(group.members) < FEWEST or not len(group.core["ts_us"]):
        return None
    first, last = int(group.onsets.min()), int(group.core["ts_us"].max())
    new = first - int(group.population["first_us"].min()) >= DAY_US
    if last - first < SHORTEST_US or not new:
        return None
    older = float(np.mean(_older(group, first)))
    place = (group.onsets - first) / (last - first)
    gradual = narrowest(place, CROWDED)
    late = float(np.mean(place > 0.5))
    apart = _organisations(group) * (
        1.0 - max(covered(group, name)[0] for name in ("network", "payment")) / len(group.members)
    )
    alike = _same_settings(group)
    adopted = (
        float(np.interp(older, (0.5, 0.9), (0.0, 1.0)))
        * float(np.interp(gradual, (0.03, 0.15), (0.0, 1.0)))
        * float(np.interp(late, (0.3, 0.5), (0.0, 1.0)))
        * float(np.interp(apart, (0.5, 0.9), (0.0, 1.0)))
        * float(np.interp(alike, (0.3, 0.8), (1.0, 0.0)))
    )
    return Fact(
        observed=f"{percent(older)} of the accounts are older than the template; {percent(late)} took it up in the "
        "later half of its time here",
        ordinary="the accounts of one operator begin together, or are made for it, and are set alike",
        weight_bits=LEAST * adopted * scaled(len(group.members), 20),
        text=f"{percent(older)} of the members had accounts before the template first appeared; {percent(late)} took "
        f"it up in the later half of its time; any two are set alike in {percent(alike)} of cases.",
    )


def _older(group: Group, first: int) -> np.ndarray:
    """Members made two weeks before the template came, or seen here a day before it."""
    created, seen = group.account("created_us"), group.account("first_us")
    made = (created != UNKNOWN) & (created < first - OLDER_US)
    older: np.ndarray = made | (seen < first - DAY_US)
    return older


def _organisations(group: Group) -> float:
    """Parties per member: an account without an organisation is a party of its own."""
    organization = group.account("organization")
    known = organization[organization != UNKNOWN]
    return (len(np.unique(known)) + int((organization == UNKNOWN).sum())) / len(group.members)


def _same_settings(group: Group) -> float:
    """Chance that two members, drawn with one core exchange each, sent the same sampling parameters."""
    pairs = np.stack([group.core["account"], group.core["parameters"]])
    distinct = np.unique(pairs, axis=1)
    weight = 1.0 / np.bincount(np.searchsorted(group.members, distinct[0]), minlength=len(group.members))
    _, code = np.unique(distinct[1], return_inverse=True)
    shares = np.bincount(code, weights=weight[np.searchsorted(group.members, distinct[0])])
    n = float(shares.sum())
    if n < 2:
        return 1.0
    return max(0.0, (float((shares**2).sum()) - n) / (n * (n - 1.0)))


NEW_TOOL = EvidenceLine("new-tool", "explanation", assess)
