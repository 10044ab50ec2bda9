"""Does an object speak for whoever sends it, and for nobody else? Asked at home and, with the credential, on arrival.

Two attacks by a member with a good credential: it puts words in another's mouth (``created_by_ref``), and it takes the
identifier that another's opinion or sighting will have before the other speaks, so that this one comes too late.
Identifiers of what a member says hold its name (docs/stix.md), so the second is closed by computing them again.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from stillwatch.guard import known
from stillwatch.guard.schema import Leaf, Record

#: The same from whoever sends it; ``coherence`` compares these with what everybody knows.
_NOBODY_S = frozenset({"attack-pattern", "identity", "marking-definition", "extension-definition"})

#: What the identifier is computed from, where the maker is part of it (``share.stix.say``).
_ABOUT: dict[str, Callable[[dict[str, Any], str], tuple[str, ...]]] = {
    "sighting": lambda item, member: (item["sighting_of_ref"], member),
    "opinion": lambda item, member: (*item["object_refs"], member),
    "note": lambda item, member: (member, *item["object_refs"], item["content"]),
    "grouping": lambda item, member: (member, item["name"]),
    "report": lambda item, member: (member, item["name"], item["published"][:10]),
}
_MADE_FROM = {
    "sighting": "what was seen and your name",
    "opinion": "the object and your name",
    "note": "your name, the objects and the words",
    "grouping": "your name and that of the grouping",
    "report": "your name, that of the report and the day of publication",
}


def speaks_for_another(item: dict[str, Any], sender: str, tree: Record) -> Iterator[str]:
    """What names another maker than the member ``sender``, a sentence each that says what to do.

    ``item`` has passed the closed schema ``tree`` and agrees with itself.
    """
    kind = item["type"]
    if kind in _NOBODY_S:
        return
    own = _identity(sender)
    if item["created_by_ref"] != own:
        yield (
            f"{kind}.created_by_ref is another's identity: each member sends what it made itself, under the "
            f"identity that follows from its name in the forum{_clause(tree, 'created_by_ref')}"
        )
        return  # the identifier would be another's too
    if item.get("where_sighted_refs", [own]) != [own]:
        yield (
            f"{kind}.where_sighted_refs is another's identity: say what you saw yourself, and leave others to say "
            f"what they saw{_clause(tree, 'where_sighted_refs')}"
        )
    about = _ABOUT.get(kind)
    if about is not None and item["id"] != known.object_id(kind, *about(item, sender)):
        yield (
            f"{kind}.id is not the one of this {kind} by the member that sends it: compute it from "
            f"{_MADE_FROM[kind]}, as docs/stix.md says{_clause(tree, 'id')}"
        )


@lru_cache(maxsize=1024)
def _identity(member: str) -> str:
    return known.object_id("identity", "organization", member)


def _clause(tree: Record, name: str) -> str:
    node = tree.keys.get(name)
    leaf = getattr(node, "item", node)
    return f" (clause {leaf.clause})" if isinstance(leaf, Leaf) else ""
