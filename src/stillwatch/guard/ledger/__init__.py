"""WHAT LEFT, AND CAN ANYBODY PROVE IT? A tamper-evident log of releases, refusals and decisions (RFC 6962, C2SP)."""

from stillwatch.guard.ledger.hashing import leaf_hash
from stillwatch.guard.ledger.proofs import consistency_fault, inclusion_fault
from stillwatch.guard.ledger.tree import Frontier, Head, Log, MemoryNodes, NodeKey, Nodes

__all__ = [
    "Frontier",
    "Head",
    "Log",
    "MemoryNodes",
    "NodeKey",
    "Nodes",
    "consistency_fault",
    "inclusion_fault",
    "leaf_hash",
]
