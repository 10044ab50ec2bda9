"""Distillers share the template and divide the payload; classmates and benchmark runners share the payload.

Sees: how many core exchanges carry a whole prompt, or a payload passage by passage, that another member sent too.
Wrongs: an agency that runs one application for many customers divides its payload as well. Evaded by sending duplicates
on purpose, at their price.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import UNKNOWN
from stillwatch.detect.reuse import NOT_LOOKED
from stillwatch.vocabulary.sketches import KINDS

#: Share of prompts sent by two members or more -> bits. DESIGN section 6.4: 0-5 % among distillers, > 50 % among
#: classmates.
_SHARES = (0.0, 0.1, 0.25, 0.4, 0.6, 1.0)
_BITS = (3.0, 2.5, 1.0, -1.0, -4.5, -6.0)
#: A payload counts as shared where this many passages, and this share of it, stand with another member too. Less is the
#: small change of a subject: two sums about trains share a phrase.
FEWEST_REUSED, REUSED_SHARE = 4, 0.8
#: How many passages a text has: about two in a window of 16 symbols and a gram, at most 32 (sketch.assemble).
SYMBOLS_A_PASSAGE, MOST_PASSAGES = 8.5, 32


def assess(group: Group) -> Fact | None:
    """Null: members choose their prompts alone. Unit: core exchanges with a known prompt."""
    prompt, account = group.core["prompt"], group.core["account"]
    known = prompt != UNKNOWN
    if group.reuse is not None:
        known &= group.reuse != NOT_LOOKED
    if int(known.sum()) < 2 * 3:
        return None
    pairs = np.unique(np.stack([prompt[known], account[known]], axis=1), axis=0)
    distinct, holders = np.unique(pairs[:, 0], return_counts=True)
    shared = np.isin(prompt[known], distinct[holders > 1])
    if group.reuse is not None:
        shared |= _reused(group)[known]
    share = float(np.mean(shared))
    bits = float(np.interp(share, _SHARES, _BITS))
    bits *= scaled(len(group.members), 8) if bits > 0 else scaled(len(group.members), 4)
    return Fact(
        observed=f"{percent(share)} of the payload comes from two members or more",
        ordinary="more than 50 % in a class or a benchmark; 0-5 % where work is divided",
        weight_bits=bits,
        text=f"Of {int(known.sum())} prompts that carry the template, {percent(share)} were sent by more than one "
        "member: " + ("the work is divided." if bits > 0 else "they do the same work, not shares of one job."),
    )


def _reused(group: Group) -> np.ndarray:
    """Core exchanges most of whose payload another member sent too, by passages."""
    assert group.reuse is not None
    own = np.minimum(group.core["prompt_symbols"] / SYMBOLS_A_PASSAGE, MOST_PASSAGES)
    template = group.core["matched"] * float(np.mean(group.kinds == KINDS.index("passage"))) if len(group.kinds) else 0
    payload = np.maximum(own - template, FEWEST_REUSED)
    reused: np.ndarray = (group.reuse >= FEWEST_REUSED) & (group.reuse >= REUSED_SHARE * payload)
    return reused


PAYLOAD_PARTITION = EvidenceLine("payload-partition", "coordination", assess, "division")
