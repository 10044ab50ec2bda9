"""The three hashes of an RFC 6962 tree (section 2.1), all SHA-256 and 32 bytes long.

A leaf and an inner node start with different bytes. Without them an inner node could be shown as a leaf, and a proof
for one list would hold for another (second preimage).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32

#: The root of the tree without leaves: the hash of nothing.
EMPTY_ROOT = sha256(b"").digest()

_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(_LEAF + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    return [sha256(_LEAF + leaf).digest() for leaf in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()


def parents(row: Sequence[bytes]) -> list[bytes]:
    """The hashes one level up; the last of an odd row has no parent yet."""
    return [sha256(_NODE + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root above complete subtrees that stand side by side, the largest first: they are joined from the right."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for left in reversed(peaks[:-1]):
        root = node_hash(left, root)
    return root
