"""What a member computes: blinds and unblinds, checks both holders with its own coins, turns evaluations into tags.

Everything random follows from one 32-byte secret of the session, so that a member killed at any step goes on with the
same bytes. For each identifier it costs a hash to the group and four products; the holders, one each.
"""

from collections.abc import Sequence
from hashlib import shake_256

import msgspec

from stillwatch.match.faults import ProofError
from stillwatch.match.group import SIZE, Point, Scalar, inverses, reduced, times
from stillwatch.match.proofs import coins, weighted
from stillwatch.match.voprf import finalize, hash_to_group


def inputs(values: Sequence[bytes]) -> list[Point]:
    """The group elements that stand for canonical identifiers."""
    return [hash_to_group(value) for value in values]


def blinds(secret: bytes, count: int) -> list[Scalar]:
    """Blinding factors, uniform (each is reduced from 64 bytes) and new for each session secret."""
    wide = 2 * SIZE
    stream = shake_256(b"stillwatch match blinds v1" + secret).digest(wide * count)
    return [reduced(stream[start : start + wide]) for start in range(0, len(stream), wide)]


def blinded(elements: Sequence[bytes], secret: bytes) -> list[Point]:
    """Each element times its blinding factor."""
    return [times(blind, element) for blind, element in zip(blinds(secret, len(elements)), elements, strict=True)]


def unblinded(evaluated: Sequence[bytes], secret: bytes) -> list[Point]:
    """Each evaluation over its blinding factor: the identifier's element times both keys."""
    return [times(one, item) for one, item in zip(inverses(blinds(secret, len(evaluated))), evaluated, strict=True)]


def sum_to_check(points: Sequence[Point], evaluated: Sequence[Point], secret: bytes) -> Point:
    """The weighted sum of what was asked, weights drawn after all evaluations are here."""
    return weighted(coins(secret, evaluated), points)


def check_sums(
    first: Sequence[Point], evaluated: Sequence[Point], secret: bytes, of_first: Point, of_all: Point
) -> None:
    """``ProofError`` if the evaluations are not what the proven weighted sums say; it names the holder that erred.

    ``first``: what the forum answered; ``evaluated``: what the trustee made of it; ``of_first`` and ``of_all``: the
    weighted sum after the forum and after both, each proven.
    """
    weights = coins(secret, evaluated)
    if weighted(weights, evaluated) != of_all:
        honest = weighted(weights, first) == of_first
        raise ProofError("trustee" if honest else "forum", "evaluated with another key than the one it published")


def context(forum: str, epoch: str, kind: str) -> bytes:
    """What a tag is for. It stands in ``finalize`` where RFC 9497 has the private input: see docs/match.md, *Tags*."""
    return msgspec.msgpack.encode(("stillwatch match tag v1", forum, epoch, kind))


def tags(elements: Sequence[Point], place: bytes) -> list[bytes]:
    """64 secret bytes for each unblinded evaluation: equal for all members that hold the same identifier."""
    return [finalize(place, element) for element in elements]
