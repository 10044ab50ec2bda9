"""The ledger as a growing RFC 6962 tree: what an append writes, and which proofs it can give.

Only *complete* subtrees are kept, named by ``(level, index)``: the node covers the leaves from ``index << level`` up to
``(index + 1) << level``. Such a node never changes once written, so storage is insert-only, and every earlier root and
proof can be made from it for ever. Where they are kept is not decided here: a store implements ``Nodes``, puts the
nodes into the same transaction as what they prove, and nothing is half written.

Costs for n leaves: an append reads at most log2(n) hashes for the whole batch, writes about two a leaf; a proof reads
at most 2·log2(n) in one ``get``. Source: RFC 6962 sections 2.1, 2.1.1 and 2.1.2 (RFC 9162 section 2.1 says the same).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger.hashing import joined, leaf_hashes, parents

#: (level, index); level 0 holds the leaf hashes. A level is below 64, an index below 2**63.
NodeKey = tuple[int, int]


class Nodes(Protocol):
    """Where complete-subtree hashes live. Keys are never overwritten with another hash."""

    def get(self, keys: Sequence[NodeKey]) -> Mapping[NodeKey, bytes]:
        """The hashes (32 bytes each) of these keys; one that is not there may be left out."""
        ...

    def put(self, hashes: Mapping[NodeKey, bytes]) -> None:
        """Keep these. All of them are new."""
        ...


class MemoryNodes:
    """``Nodes`` in memory: for offline proofs, and to show how little a store must do."""

    def __init__(self) -> None:
        self.hashes: dict[NodeKey, bytes] = {}

    def get(self, keys: Sequence[NodeKey]) -> Mapping[NodeKey, bytes]:
        return {key: self.hashes[key] for key in keys if key in self.hashes}

    def put(self, hashes: Mapping[NodeKey, bytes]) -> None:
        self.hashes.update(hashes)


class Head(NamedTuple):
    """How large the tree is, and its root (32 bytes): what a checkpoint signs."""

    size: int
    root: bytes


def covering(start: int, stop: int) -> list[NodeKey]:
    """The complete subtrees that make up leaves ``start`` to ``stop`` (without), the largest first.

    ``start`` must be a multiple of the largest power of two up to ``stop - start``, as it is in every subtree of
    RFC 6962.
    """
    keys = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        keys.append((level, start >> level))
        start += 1 << level
    return keys


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that an append must know of the past: the complete subtrees of ``covering(0, size)``, in its order.

    A value: ``extended`` makes a new one. It can grow a tree without any storage, as verifying an export does.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def head(self) -> Head:
        return Head(self.size, joined(self.peaks))

    def extended(self, hashes: Sequence[bytes]) -> tuple["Frontier", dict[NodeKey, bytes]]:
        """This frontier with leaf hashes added behind it, and every complete subtree that they completed."""
        waiting = {level: peak for (level, _), peak in zip(covering(0, self.size), self.peaks, strict=True)}
        made: dict[NodeKey, bytes] = {}
        level, start, row = 0, self.size, list(hashes)
        while row:
            made.update(zip([(level, index) for index in range(start, start + len(row))], row, strict=True))
            if start & 1:  # the first of the row is a right child: its left sibling was waiting for it
                row.insert(0, waiting.pop(level))
            if len(row) & 1:
                waiting[level] = row[-1]
            level, start, row = level + 1, start >> 1, parents(row)
        peaks = tuple(waiting[level] for level in sorted(waiting, reverse=True))
        return Frontier(self.size + len(hashes), peaks), made


class Log:
    """A tree over stored nodes. One writer at a time; make a new one when a transaction is rolled back.

    ``size`` is how many leaves the store holds. The first append (or root) reads the frontier; later ones read nothing.
    """

    def __init__(self, nodes: Nodes, size: int = 0) -> None:
        self._nodes = nodes
        self._size = size
        self._frontier: Frontier | None = None if size else Frontier()

    @property
    def size(self) -> int:
        return self._size

    @property
    def frontier(self) -> Frontier:
        """May be kept by the caller, to open the log again without reading (``Log.at``)."""
        if self._frontier is None:
            self._frontier = Frontier(self._size, tuple(self._read(covering(0, self._size))))
        return self._frontier

    @classmethod
    def at(cls, nodes: Nodes, frontier: Frontier) -> "Log":
        log = cls(nodes, frontier.size)
        log._frontier = frontier
        return log

    def append(self, leaves: Iterable[bytes]) -> Head:
        """Add leaves (their bytes, not their hashes) at the end, in one ``put``. If that fails, nothing has changed."""
        return self.append_hashes(leaf_hashes(leaves))

    def append_hashes(self, hashes: Sequence[bytes]) -> Head:
        frontier, made = self.frontier.extended(hashes)
        if made:
            self._nodes.put(made)
        self._frontier, self._size = frontier, frontier.size
        return frontier.head

    def head(self, size: int | None = None) -> Head:
        """The root now, or as it was when the log held ``size`` leaves."""
        if size is None or size == self._size:
            return self.frontier.head
        self._check(size)
        return Head(size, joined(self._read(covering(0, size))))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(m, D[n]) of RFC 6962 section 2.1.1: from the leaf's sibling up to the root's child."""
        size = self._size if size is None else size
        self._check(size)
        if not 0 <= index < size:
            raise IndexError(f"leaf {index} is not in a log of {size}")
        return self._proof(_path(index, size))

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """PROOF(m, D[n]) of RFC 6962 section 2.1.2; empty where there is nothing to prove (``old`` is 0 or ``new``)."""
        new = self._size if new is None else new
        self._check(new)
        if not 0 <= old <= new:
            raise IndexError(f"a log of {new} leaves was never one of {old}")
        return self._proof(_steps(old, new))

    def _check(self, size: int) -> None:
        if not 0 <= size <= self._size:
            raise IndexError(f"the log holds {self._size} leaves, not {size}")

    def _proof(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The root of each range of leaves, all read at once."""
        covers = [covering(start, stop) for start, stop in ranges]
        found = iter(self._read([key for cover in covers for key in cover]))
        return [joined([next(found) for _ in cover]) for cover in covers]

    def _read(self, keys: Sequence[NodeKey]) -> list[bytes]:
        found = self._nodes.get(keys) if keys else {}
        missing = [key for key in keys if key not in found]
        if missing:
            level, index = missing[0]
            raise IntegrityError(
                f"the ledger's tree has a hole: the hash over leaves {index << level} to {((index + 1) << level) - 1}"
                " is missing from the store"
            )
        return [found[key] for key in keys]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``: where RFC 6962 cuts a tree into its left and its right part."""
    return 1 << (size - 1).bit_length() - 1


def _path(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots make an inclusion proof, the lowest first."""
    ranges, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _steps(old: int, new: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose roots make a consistency proof, the lowest first: SUBPROOF, unrolled."""
    if old in (0, new):
        return []
    ranges, start, stop = [], 0, new
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    # The old tree's own root is left out where the verifier holds it: where no step went right.
    if start:
        ranges.append((start, stop))
    return ranges[::-1]
