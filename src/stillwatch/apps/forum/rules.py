"""What each agreement asks of an object on arrival. The guard decides; this only asks it, once more.

A member's own guard is not trusted: the closed schema is applied again here (DESIGN section 7). Under the shipped
``open-stix`` agreement any valid STIX 2.1 object may come in.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stillwatch.adapters.stores.forum.records import Collection
from stillwatch.apps.forum.admission import Objection, Rule
from stillwatch.share.stix import problems


class OpenStix:
    """Any valid STIX 2.1 object. Nothing expires by itself; whoever brought an object decides how long it stays."""

    owned = False

    def objection(self, item: Mapping[str, Any], now: datetime) -> Objection | None:
        if item.get("type") == "bundle":
            return Objection(("a bundle is no object: send what is in it",), ("open-stix/valid-stix",))
        found = problems(item)
        return Objection(tuple(found), ("open-stix/valid-stix",)) if found else None

    def expires_us(self, item: Mapping[str, Any]) -> int | None:
        return None


class Rules:
    """The rule of each collection, made once."""

    def __init__(self) -> None:
        self._found: dict[int, Rule] = {}

    def of(self, place: Collection) -> Rule:
        if place.id not in self._found:
            self._found[place.id] = OpenStix()
        return self._found[place.id]
