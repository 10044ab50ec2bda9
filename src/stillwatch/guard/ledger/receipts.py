"""A proof that one leaf is in the ledger, in a small file that needs neither the ledger nor the forum to be checked.

The format is C2SP tlog-proof (``c2sp.org/tlog-proof@v1``): the leaf's number, the hashes of its inclusion proof and
the checkpoint with its cosignatures. Our leaf travels as the format's extra data; it is believed only because its hash
leads to the signed root.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from stillwatch.errors import NoInputError
from stillwatch.guard.ledger.checkpoints import Checkpoint, NoteError
from stillwatch.guard.ledger.export import CheckpointLine, LeafLine, LineError, read
from stillwatch.guard.ledger.hashing import HASH_BYTES, leaf_hash, parents
from stillwatch.guard.ledger.keys import VerifierKey, base64, from_base64
from stillwatch.guard.ledger.proofs import inclusion_fault
from stillwatch.guard.ledger.tree import Log, NodeKey
from stillwatch.guard.ledger.verifying import distinct_witnesses

_FORMAT = "c2sp.org/tlog-proof@v1"
_FIRST = re.compile(r"(?:extra ([A-Za-z0-9+/]+={0,2})\n)?index (0|[1-9][0-9]{0,18})(?:\n(.*))?", re.DOTALL)


@dataclass(frozen=True)
class InclusionProof:
    """``str()`` gives the file."""

    index: int
    leaf: bytes
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint

    def __str__(self) -> str:
        lines = [_FORMAT, f"extra {base64(self.leaf)}", f"index {self.index}", *map(base64, self.hashes), ""]
        return "\n".join(lines) + f"\n{self.checkpoint}"

    @classmethod
    def parse(cls, text: str) -> "InclusionProof":
        """Raises ``NoteError``."""
        head, _, note = text.partition("\n\n")
        start, _, rest = head.partition("\n")
        match = _FIRST.fullmatch(rest)
        if start != _FORMAT or match is None:
            raise NoteError(f"this is no proof of inclusion: it should begin with {_FORMAT}")
        leaf = from_base64(match[1]) if match[1] else None
        if leaf is None:
            raise NoteError("the proof does not carry its leaf")
        hashes = [from_base64(line) for line in match[3].split("\n")] if match[3] else []
        whole = tuple(entry for entry in hashes if entry is not None and len(entry) == HASH_BYTES)
        if len(whole) != len(hashes):
            raise NoteError("a hash in the proof can't be read")
        return cls(int(match[2]), leaf, whole, Checkpoint.parse(note))

    def faults(
        self, logs: Sequence[VerifierKey], witnesses: Sequence[VerifierKey] = (), quorum: int = 0
    ) -> tuple[str, ...]:
        """Why the leaf is not shown to stand in this log: nothing where it is. Without a key nothing holds."""
        found = distinct_witnesses(self.checkpoint, witnesses, logs)
        faults = [self.checkpoint.fault(*logs), *self.checkpoint.signers(witnesses)[1]]
        if len(found) < quorum:
            faults.append(f"{len(found)} of the {quorum} witnesses that you ask for cosigned the checkpoint")
        head = self.checkpoint.head
        faults.append(inclusion_fault(leaf_hash(self.leaf), self.index, head.size, self.hashes, head.root))
        return tuple(fault for fault in faults if fault is not None)


def prove(lines: Iterable[bytes], index: int) -> InclusionProof:
    """The proof for a leaf of an export, under the newest checkpoint there. ``verify`` the export first.

    Keeps 32 bytes a leaf. Raises ``NoInputError`` where the leaf or a checkpoint over it is not there.
    """
    hashes, leaf, newest = bytearray(), None, None
    for data in lines:
        try:
            line = read(data)
        except LineError:
            continue
        if isinstance(line, LeafLine):
            if len(hashes) == index * HASH_BYTES:
                leaf = bytes(line.leaf)
            hashes += leaf_hash(bytes(line.leaf))
        elif isinstance(line, CheckpointLine):
            newest = Checkpoint.parse(line.checkpoint)
    if leaf is None:
        raise NoInputError(f"there is no leaf {index}: the file holds {len(hashes) // HASH_BYTES}")
    if newest is None or newest.size <= index or newest.size * HASH_BYTES > len(hashes):
        raise NoInputError(f"no checkpoint covers leaf {index} yet: export the ledger again when one was signed")
    log = Log(_FlatHashes(bytes(hashes)), newest.size)
    return InclusionProof(index, leaf, tuple(log.inclusion(index)), newest)


class _FlatHashes:
    """``Nodes`` over leaf hashes alone, one behind the other: a node is computed when it is asked for."""

    def __init__(self, hashes: bytes) -> None:
        self._hashes = hashes

    def get(self, keys: Sequence[NodeKey]) -> Mapping[NodeKey, bytes]:
        return {key: self._node(*key) for key in keys}

    def put(self, hashes: Mapping[NodeKey, bytes]) -> None:
        raise TypeError("an export does not grow")

    def _node(self, level: int, index: int) -> bytes:
        first, last = index << level, (index + 1) << level
        row = [self._hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(first, last)]
        while len(row) > 1:
            row = parents(row)
        return row[0]
