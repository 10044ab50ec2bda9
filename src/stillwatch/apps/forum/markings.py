"""From the markings on an object to its audience. What cannot be told apart is taken as the narrower.

The strictest marking found anywhere on the object, on the whole or on a part (``granular_markings``), counts for the
whole: parts are not cut out of what a member signed. Ids: FIRST TLP 2.0 for STIX (OASIS CTI, "STIX TLP 2.0 marking
definitions extension") and the TLP 1.0 instances of STIX 2.1 section 7.2.1.4.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.adapters.stores.forum.records import Audience

_STRICT = frozenset({"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"})
_RED = frozenset(
    {
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",  # TLP 2.0
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",  # TLP 1.0
    }
)

#: The header in which a client names the members that may see its TLP:RED objects, separated by commas.
RECIPIENTS_HEADER = "X-Stillwatch-Recipients"


def audience(item: Mapping[str, Any]) -> Audience:
    """Who of a collection's readers may see ``item`` (a decoded STIX object)."""
    found = set(_markings(item))
    if found & _RED:
        return Audience.NAMED
    return Audience.ORGANISATIONS if found & _STRICT else Audience.COLLECTION


def _markings(item: Mapping[str, Any]) -> Iterator[str]:
    yield from _texts(item.get("object_marking_refs"))
    granular = item.get("granular_markings")
    for part in granular if isinstance(granular, list) else ():
        if isinstance(part, dict):
            yield from _texts([part.get("marking_ref")])


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, str):
            yield one.lower()
