"""Candidates from pieces: wording that is made anew for each account or request, out of one kit.

A paraphrase for each account leaves no template that all show, but phrases of the kit come back: each in some accounts,
each account in several phrases. So the templates interlock, where those of one pipeline are shown by the same accounts
and those of strangers by others. An account is in no pair here either: templates are compared, not accounts.

Pieces are chosen by what they weigh, so what they make together is no group drawn by chance: nobody may read a p-value
off it, and it is never more than ``review``.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stillwatch.detect.candidates.templates import SHOWN_BY, Candidate, quiet
from stillwatch.detect.evidence.line import Evidence
from stillwatch.detect.population import I64
from stillwatch.detect.weigh import Weight

#: What a piece weighs at least, and how plainly its work is divided: a class shares its tasks, and tasks interlock too.
#: Set on the tuning half and on one log of a stranger's; ADR 12 says which logs the rules below were set on.
PIECE_BITS = 4.0
DIVIDED, DIVIDED_BITS = "payload-partition", 2.0
#: Fewer pieces than this are two templates of one pipeline, say.
FEWEST_PIECES = 4
#: An account belongs where it shows so many of the pieces, and this share of what half of the others show; a piece
#: where this share of those who show it belong: what strangers ask too, and phrases of a public template, fall away.
SHOWN_PIECES, SHOWN_SHARE, MOSTLY = 2, 0.5, 2 / 3
#: Pieces hang together by so many accounts, and by this share of the smaller one: cover traffic puts one or two of a
#: campaign's accounts into other people's templates.
FEWEST_COMMON, COMMON = 2, 0.2
#: What they make together is this many times the largest of them: else it says nothing new.
LARGER = 1.25


class Piece(NamedTuple):
    """A template that was judged: its candidate, and the members of its group."""

    candidate: Candidate
    members: I64


def piece(candidate: Candidate, members: I64, evidence: Iterable[Evidence], weight: Weight) -> Piece | None:
    """The piece that a judged candidate is; ``None`` where it is none."""
    if not len(candidate.entities) or candidate.pieces or weight.bits < PIECE_BITS:
        return None
    divided = sum(item.weight_bits for item in evidence if item.id == DIVIDED)
    return Piece(candidate, members) if divided >= DIVIDED_BITS else None


def candidates(pieces: Sequence[Piece]) -> list[Candidate]:
    """What interlocking pieces make together, the largest first."""
    if len(pieces) < FEWEST_PIECES:
        return []
    sizes = np.array([len(piece.members) for piece in pieces], dtype=np.int64)
    known, column = np.unique(np.concatenate([piece.members for piece in pieces]), return_inverse=True)
    row = np.repeat(np.arange(len(pieces)), sizes)
    shape = (len(pieces), len(known))
    shows = sparse.csr_matrix((np.ones(len(row), dtype=np.int32), (row, column)), shape=shape)
    kept = _interlocking(shows, sizes)
    if not len(kept):
        return []
    compared = shows[kept][:, quiet(np.asarray(shows[kept].sum(axis=0)).ravel())]
    common = (compared @ compared.T).tocoo()
    smaller = np.minimum(sizes[kept][common.row], sizes[kept][common.col])
    locked = common.data >= np.maximum(FEWEST_COMMON, COMMON * smaller)
    graph = sparse.coo_matrix(
        (np.ones(int(locked.sum())), (common.row[locked], common.col[locked])), shape=(len(kept),) * 2
    )
    count, labels = connected_components(graph, directed=False)
    found = []
    for label in range(count):
        mine = kept[labels == label]
        shown = np.asarray(shows[mine].sum(axis=0)).ravel()
        belongs = shown >= SHOWN_PIECES
        if len(mine) < FEWEST_PIECES or int(belongs.sum()) < max(SHOWN_BY, LARGER * int(sizes[mine].max())):
            continue
        belongs &= shown >= SHOWN_SHARE * float(np.median(shown[belongs]))
        found.append(_together([pieces[i].candidate for i in mine.tolist()], known[belongs]))
    return sorted(found, key=lambda candidate: (-len(candidate.accounts), int(candidate.accounts[0])))


def _interlocking(shows: sparse.csr_matrix, sizes: I64) -> I64:
    """The pieces [pieces] that are left when those that are mostly shown by accounts of no other piece are taken away,
    again and again. ``shows`` is [pieces, accounts]."""
    kept = np.arange(len(sizes))
    while True:
        belongs = np.asarray(shows[kept].sum(axis=0)).ravel() >= SHOWN_PIECES
        inside = np.asarray(shows[kept][:, belongs].sum(axis=1)).ravel()
        left = kept[inside >= MOSTLY * sizes[kept]]
        if len(left) == len(kept):
            return kept
        kept = left


def _together(pieces: Sequence[Candidate], accounts: I64) -> Candidate:
    """All fingerprints of the pieces, and the accounts that belong to them."""
    kinds = np.concatenate([piece.kinds.astype(np.int64) for piece in pieces])
    entities = np.concatenate([piece.entities for piece in pieces])
    core = np.unique(np.stack([kinds, entities], axis=1), axis=0)
    return Candidate(core[:, 0].astype(np.int8), core[:, 1], accounts, accounts, pieces=len(pieces))
