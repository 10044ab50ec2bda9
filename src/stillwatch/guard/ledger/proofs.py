"""Does a proof hold? The verifying half of RFC 9162 sections 2.1.3.2 and 2.1.4.2, step by step.

Each function answers with a *fault*: a sentence that says what is wrong, or ``None`` where the proof holds. So nobody
can forget to ask why, and nobody mistakes a proof for a truth value. Proofs come from strangers: any list of bytes is
taken, and none of them can make these functions raise.
"""

from collections.abc import Sequence

from stillwatch.guard.ledger.hashing import EMPTY_ROOT, HASH_BYTES, node_hash


def inclusion_fault(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> str | None:
    """Why the leaf with this *hash* is not shown to stand at ``index`` in the tree of this size and root."""
    if not 0 <= index < size:
        return f"leaf {index} can't be in a log of {size} leaves"
    if _misshapen((leaf, root, *proof)):
        return "a hash in the proof is not 32 bytes long"
    at, last, computed = index, size - 1, leaf  # fn, sn and r of RFC 9162 section 2.1.3.2
    for sibling in proof:
        if last == 0:
            return f"the proof for leaf {index} is longer than a log of {size} leaves allows"
        if at & 1 or at == last:
            computed = node_hash(sibling, computed)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        return f"the proof for leaf {index} is shorter than a log of {size} leaves needs"
    if computed != root:
        return f"leaf {index} is not in the log: the proof leads to another root"
    return None


def consistency_fault(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> str | None:
    """Why the larger tree is not shown to begin with exactly the leaves of the smaller one."""
    if not 0 <= old_size <= new_size:
        return f"the log went back from {old_size} to {new_size} leaves"
    if _misshapen((old_root, new_root, *proof)):
        return "a hash in the proof is not 32 bytes long"
    if old_size in (0, new_size):
        return _fault_without_proof(old_size, old_root, new_size, new_root, proof)
    # RFC 9162 section 2.1.4.2, steps 3 to 5: a complete old tree is itself the first hash of the proof.
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not steps:
        return f"a proof from {old_size} to {new_size} leaves can't be empty"
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return f"the proof from {old_size} to {new_size} leaves is too long"
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        return f"the proof from {old_size} to {new_size} leaves is too short"
    if old != old_root or new != new_root:
        return f"the log of {new_size} leaves does not begin with the {old_size} leaves it had before"
    return None


def _fault_without_proof(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> str | None:
    """The two cases where nothing has to be proved: from the empty log, and from a log to itself."""
    if proof:
        return f"a proof from {old_size} to {new_size} leaves must be empty"
    if old_size == 0 and old_root != EMPTY_ROOT:
        return "a log without leaves has another root"
    if old_size == new_size and old_root != new_root:
        return f"split view: two logs of {new_size} leaves have different roots"
    return None


def _misshapen(hashes: Sequence[bytes]) -> bool:
    return any(len(entry) != HASH_BYTES for entry in hashes)
