"""WHAT LEFT, AND CAN ANYBODY PROVE IT? A tamper-evident log of releases, refusals and decisions (RFC 6962, C2SP)."""

from stillwatch.guard.ledger.checkpoints import Checkpoint, NoteError, Signature, signed
from stillwatch.guard.ledger.comparing import Comparison, compare
from stillwatch.guard.ledger.export import export
from stillwatch.guard.ledger.hashing import leaf_hash
from stillwatch.guard.ledger.keys import LOG_KEY, WITNESS_KEY, Signer, VerifierKey
from stillwatch.guard.ledger.leaves import Leaf, LeafError, decode, digest, encode
from stillwatch.guard.ledger.proofs import consistency_fault, inclusion_fault
from stillwatch.guard.ledger.receipts import InclusionProof, prove
from stillwatch.guard.ledger.tree import Frontier, Head, Log, MemoryNodes, NodeKey, Nodes
from stillwatch.guard.ledger.verifying import Fault, Report, Trust, verify
from stillwatch.guard.ledger.witness import Cosigned, Declined, Request, Witness

__all__ = [
    "LOG_KEY",
    "WITNESS_KEY",
    "Checkpoint",
    "Comparison",
    "Cosigned",
    "Declined",
    "Fault",
    "Frontier",
    "Head",
    "InclusionProof",
    "Leaf",
    "LeafError",
    "Log",
    "MemoryNodes",
    "NodeKey",
    "Nodes",
    "NoteError",
    "Report",
    "Request",
    "Signature",
    "Signer",
    "Trust",
    "VerifierKey",
    "Witness",
    "compare",
    "consistency_fault",
    "decode",
    "digest",
    "encode",
    "export",
    "inclusion_fault",
    "leaf_hash",
    "prove",
    "signed",
    "verify",
]
