"""Requests that ask for what a student model learns from: reasoning, grades, tasks, rewrites.

Sees: the share of core exchanges whose sketch scores show a technique of DOMAIN section 2, rows 16-27. Wrongs:
evaluation harnesses grade, prompt optimisers ask for steps. Evaded by private wording; then other families must speak.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group
from stillwatch.vocabulary.sketches import SHOWN
from stillwatch.vocabulary.techniques import BY_ID

#: Score columns and how much a group full of them weighs. Grading is what every judge does, so it weighs less.
MOST = {
    "t16": 6.0, "t17": 5.0, "t18": 6.0, "t19": 6.0, "t20": 5.0, "t22": 4.0, "t23": 4.5,
    "t24": 5.5, "t25": 2.5, "t26": 5.0, "t27": 5.0, "t29": 4.5,
}  # fmt: skip
#: Requests that ask for ordinary work, in a whole group: that speaks for an application, but private wording hides too.
#: It tells less of a large crowd: strangers by the hundred seldom share a template for work, asked for plainly or not.
_SIZES, _LEAST = (20, 100), (-2.0, -1.0)


def assess(group: Group) -> Fact | None:
    """Null: a group of strangers on one template; most such templates serve applications and ask for none of this.

    What many accounts here live by (a prompt habit such as scratch-pad tags) weighs less: log2(1 / their share).
    """
    if group.origin == "surge":  # its core was chosen by what it asks for
        return None
    names = list(MOST)
    shown = np.stack([group.core[name] >= SHOWN for name in names])
    if shown.shape[1] < 5:
        return None
    any_shown = float(np.mean(shown.any(axis=0)))
    usual = np.array([_live_by(group, name) for name in names])
    most = np.minimum([MOST[name] for name in names], np.log2(0.9 / (usual + 0.01)))
    top = int(np.argmax(shown.mean(axis=1) * np.maximum(most, 0.1)))
    outsiders = group.outsiders("eliciting").sum() / max(1, group.outsiders("exchanges").sum())
    best = float(np.mean(np.max(np.maximum(most, 0.0)[:, None] * shown, axis=0))) / max(any_shown, 1e-9)
    least = float(np.interp(len(group.members), _SIZES, _LEAST))
    bits = float(np.interp(any_shown, (0.0, 0.08, 0.25, 0.6, 0.9), (least, least + 0.5, 0.5, 0.75 * best, best)))
    technique = BY_ID["SW-T" + names[top][1:]]
    return Fact(
        observed=f"{percent(any_shown)} of the requests; mostly {technique.name} ({technique.id})",
        ordinary=f"{percent(float(outsiders))} of all other accounts' requests",
        weight_bits=bits,
        text=f"{percent(any_shown)} of the requests ask for what a student model learns from"
        + (f", mostly {technique.name} ({technique.id})" if any_shown > 0.05 else "")
        + f"; elsewhere in this log {percent(float(outsiders))} do.",
    )


def _live_by(group: Group, name: str) -> float:
    """Share of other accounts most of whose requests show the technique."""
    living, busy = group.population.living_by(name)
    inside = group.rows
    others = int(busy.sum()) - int(busy[inside].sum())
    return (int(living.sum()) - int(living[inside].sum())) / others if others else 0.0


ELICITATION = EvidenceLine("elicitation", "elicitation", assess)
