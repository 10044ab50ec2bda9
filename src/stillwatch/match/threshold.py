"""Labels and shares: below the threshold the forum holds noise, from it on it can add up what the holders say.

The idea is STAR's (Davidson and others, *STAR: Secret Sharing for Private Threshold Aggregation Reporting*,
arXiv:2109.10074): all who hold the same tag derive the same polynomial of degree ``threshold - 1``; each uploads its
own point of it, at a place that follows from its name; so many points give the polynomial, fewer give nothing (Shamir
1979: for fewer points every secret is equally likely). Ours differs in one thing: the label is a hash of the shared
secret, so that whoever joins points sees whether they were honest, and whose were not.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256, shake_256
from itertools import combinations, islice

import msgspec

from stillwatch.match.faults import MalformedError
from stillwatch.match.group import ORDER, SIZE
from stillwatch.match.payload import Told, binding, members, seal, together, unseal
from stillwatch.match.wire import LABEL, Found

#: How many choices of points are tried before a label with dishonest points is left closed.
_TRIES = 500


class Piece(msgspec.Struct, frozen=True):
    """What a member makes of one tag: the label, its own share, and the key that the payload is sealed with."""

    label: bytes
    share: bytes
    key: bytes


class Row(msgspec.Struct, frozen=True):
    """What the forum holds of one member for one label."""

    share: bytes
    nonce: bytes
    sealed: bytes
    evidence: bytes


class Opened(msgspec.Struct, frozen=True):
    """A label at or above its threshold: what each honest member told, and whose row does not fit the others."""

    told: Mapping[str, Told]
    misfits: tuple[str, ...]


@lru_cache(maxsize=4096)
def place(member: str) -> int:
    """Where a member's share lies on every polynomial: never 0, where the secret is."""
    return (
        int.from_bytes(shake_256(b"stillwatch match place v1" + member.encode()).digest(64), "little") % (ORDER - 1) + 1
    )


def split(tag: bytes, threshold: int, at: int) -> Piece:
    """The label, the share at ``at`` (see ``place``) and the payload key that follow from a tag."""
    factors = _factors(tag, threshold)
    value = 0
    for factor in reversed(factors):
        value = (value * at + factor) % ORDER
    secret = _bytes(factors[0])
    return Piece(_label(secret), _bytes(value), _key(secret))


def label_of(tag: bytes, threshold: int) -> bytes:
    """The label alone."""
    return _label(_bytes(_factors(tag, threshold)[0]))


def seal_for(piece: Piece, told: Told, epoch: str, kind: str, member: str) -> Row:
    """The row a member uploads for one piece, but for its evidence digest."""
    nonce, sealed = seal(told, piece.key, binding(epoch, kind, piece.label, member))
    return Row(piece.share, nonce, sealed, b"")


def open_label(label: bytes, rows: Mapping[str, Row], threshold: int, epoch: str, kind: str) -> Opened | None:
    """What the holders of a label tell; ``None`` while fewer than ``threshold`` distinct members hold it honestly."""
    if threshold < 2:
        raise MalformedError("a threshold is 2 at least")
    points = {member: (place(member), int.from_bytes(row.share, "little") % ORDER) for member, row in rows.items()}
    chosen = _fitting(label, points, threshold)
    if chosen is None:
        return None
    key = _key(_bytes(_at(chosen, 0)))
    told = {}
    for member, row in rows.items():
        where, value = points[member]
        said = unseal(key, binding(epoch, kind, label, member), row.nonce, row.sealed)
        if said is not None and ((where, value) in chosen or _at(chosen, where) == value):
            told[member] = said
    return Opened(told, tuple(sorted(set(rows) - set(told)))) if len(told) >= threshold else None


def found(label: bytes, opened: Opened, asker: str) -> Found | None:
    """What one holder of the label is told about the others; ``None`` for a member that does not hold it honestly."""
    others = [told.note for member, told in opened.told.items() if member != asker]
    if asker not in opened.told or not others:
        return None
    note = together(others)
    return Found(label, members(len(opened.told)), note.accounts, note.exchanges, note.first, note.last)


def _fitting(label: bytes, points: Mapping[str, tuple[int, int]], threshold: int) -> Sequence[tuple[int, int]] | None:
    """So many points whose secret has this label."""
    ordered = [points[member] for member in sorted(points)]
    for chosen in islice(combinations(ordered, threshold), _TRIES):
        if _label(_bytes(_at(chosen, 0))) == label:
            return chosen
    return None


def _at(points: Sequence[tuple[int, int]], where: int) -> int:
    """The polynomial through these points, at this place."""
    factors = _lagrange(tuple(here for here, _ in points), where)
    return sum(factor * value for factor, (_, value) in zip(factors, points, strict=True)) % ORDER


@lru_cache(maxsize=2**16)
def _lagrange(places: tuple[int, ...], where: int) -> tuple[int, ...]:
    """What the value at each place weighs in the value at ``where``: the same for all labels of the same members."""
    out = []
    for here in places:
        above = below = 1
        for other in places:
            if other != here:
                above = above * (where - other) % ORDER
                below = below * (here - other) % ORDER
        out.append(above * pow(below, -1, ORDER) % ORDER)
    return tuple(out)


def _factors(tag: bytes, threshold: int) -> list[int]:
    """The polynomial that follows from a tag, its secret first; each factor is reduced from 64 bytes, so uniform."""
    wide = 2 * SIZE
    stream = shake_256(b"stillwatch match polynomial v1" + threshold.to_bytes(2, "big") + tag).digest(wide * threshold)
    return [int.from_bytes(stream[start : start + wide], "little") % ORDER for start in range(0, len(stream), wide)]


def _bytes(value: int) -> bytes:
    return value.to_bytes(SIZE, "little")


def _label(secret: bytes) -> bytes:
    return sha256(b"stillwatch match label v1" + secret).digest()[:LABEL]


def _key(secret: bytes) -> bytes:
    return sha256(b"stillwatch match key v1" + secret).digest()
