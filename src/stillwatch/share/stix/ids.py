"""Identifiers that anyone can compute again: UUIDv5 over what an object is about.

STIX asks for UUIDv4 or UUIDv5 (section 2.9). Ours are all UUIDv5, so that a second export of the same campaign is the
same object and no copy is made, and so that members who speak of the same technique speak of one attack pattern.
"""

import uuid

from stillwatch.guard.canonical import canonical

#: Drawn once; part of the wire format. Another namespace than STIX's own for observables, which is not ours to use.
NAMESPACE = uuid.UUID("2455d217-6e2b-4211-967e-ab4b9e3c252e")


def object_id(kind: str, *about: str) -> str:
    """The identifier of the ``kind`` of object that is about these strings, in this order."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, canonical([kind, *about]).decode())}"
