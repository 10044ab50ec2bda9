"""Is this a STIX 2.1 object? Any type of the standard, and types of others' by their common properties.

The tables in ``domain`` and ``observables`` say what each type is made of; this module walks an object along its table
once. Properties come first; rules between properties are only asked of an object whose properties are all well-formed,
so that they can read values without asking again what they are. Open vocabularies are no matter of validity (2.15).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.share.stix.common import (
    COMMON,
    COMMON_REQUIRED,
    OBSERVABLE_COMMON,
    OBSERVABLE_REQUIRED,
    other_property,
    shown,
)
from stillwatch.share.stix.domain import DOMAIN_OBJECTS, META_OBJECTS
from stillwatch.share.stix.kinds import identifier, moment
from stillwatch.share.stix.observables import EMBEDDED, OBSERVABLES
from stillwatch.share.stix.shapes import Shape

SHAPES: dict[str, Shape] = DOMAIN_OBJECTS | META_OBJECTS | OBSERVABLES

_OTHER_OBJECT = Shape(COMMON, frozenset(COMMON_REQUIRED), ())
_OTHER_OBSERVABLE = Shape(OBSERVABLE_COMMON, frozenset(OBSERVABLE_REQUIRED), ())
_TYPE_NAME = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?").fullmatch
_INDEX = re.compile(r"\[(\d{1,9})\]").fullmatch
_identifier = identifier()

#: More faults than this in one object help nobody.
MOST_TOLD = 20


def problems(obj: Mapping[str, Any]) -> list[str]:
    """What is wrong with ``obj`` as a STIX 2.1 object, a sentence each; empty if nothing is.

    ``obj`` is decoded JSON. At most ``MOST_TOLD`` sentences. No sentence repeats a value of the object.
    """
    kind = obj.get("type")
    if type(kind) is not str:
        return ["type is missing" if kind is None else "type is not a string"]
    if kind == "bundle":
        return _bundle(obj)
    shape = SHAPES.get(kind)
    if shape is None:
        shape = _OTHER_OBJECT if "created" in obj or "modified" in obj else _OTHER_OBSERVABLE
        if not 3 <= len(kind) <= 250 or _TYPE_NAME(kind) is None or kind == "action":
            return ["type is no type name (a-z, 0-9 and -; 3 to 250 characters)"]
    found = _along(shape, kind, obj)
    if found:
        return found[:MOST_TOLD]
    if kind == "observed-data" and "objects" in obj:
        found.extend(_embedded(obj["objects"]))
    return found[:MOST_TOLD]


def _along(shape: Shape, kind: str, obj: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    if not shape.required <= obj.keys():
        found.extend(f"{name} is missing" for name in sorted(shape.required - obj.keys()))
    checks = shape.properties
    for name, value in obj.items():
        check = checks.get(name)
        fault = check(value) if check is not None else other_property(name, value)
        if fault is not None:
            found.append(f"{name if check is not None else shown(name)}{fault}")
    if not found:
        found.extend(_together(shape, kind, obj))
    return found


def _together(shape: Shape, kind: str, obj: Mapping[str, Any]) -> Iterator[str]:
    own = obj["id"]
    if _identifier(own) is not None:
        yield "id is not an identifier (type--UUID)"
        return
    if own[:-38] != kind:
        yield "id is not of this object's type"
    versioned = "modified" in shape.required
    if versioned and obj["created"] != obj["modified"] and moment(obj["modified"]) < moment(obj["created"]):
        yield "modified is earlier than created"
    for rule in shape.rules:
        yield from rule(obj)
    for marking in obj.get("granular_markings", ()):
        for selector in marking["selectors"]:
            if not _leads_somewhere(selector, obj):
                yield "granular_markings has a selector that leads to nothing in this object"


def _leads_somewhere(selector: str, obj: Any) -> bool:
    for segment in selector.split("."):
        index = _INDEX(segment)
        if index is not None and type(obj) is list:
            place = int(index.group(1))
            if place >= len(obj):
                return False
            obj = obj[place]
        elif index is None and isinstance(obj, Mapping) and segment in obj:
            obj = obj[segment]
        else:
            return False
    return True


def _bundle(obj: Mapping[str, Any]) -> list[str]:
    """A bundle is no object of the standard's kinds (section 8): an id and a list of objects."""
    fault = identifier("bundle")(obj.get("id"))
    found = [] if fault is None else [f"id{fault}"]
    objects = obj.get("objects", ())
    if "objects" in obj and (type(objects) is not list or not objects):
        return [*found, "objects is not a list of at least one object"]
    for place, one in enumerate(objects):
        if type(one) is not dict:
            found.append(f"objects[{place}] is not an object")
        elif one.get("type") == "bundle":
            found.append(f"objects[{place}] is a bundle: bundles don't nest")
        else:
            found.extend(f"objects[{place}]: {problem}" for problem in problems(one))
        if len(found) >= MOST_TOLD:
            break
    return found[:MOST_TOLD]


def _embedded(objects: Mapping[str, Any]) -> Iterator[str]:
    """The deprecated container of observed data (4.14): each an SCO, and no reference that leads nowhere."""
    for number, one in enumerate(objects.values(), 1):
        place = f"objects, number {number}"
        if type(one) is not dict or type(one.get("type")) is not str:
            yield f"{place} is not an observable object"
            continue
        shape = EMBEDDED.get(one["type"], _OTHER_OBSERVABLE)
        yield from (f"{place}: {problem}" for problem in _along(shape, one["type"], one))
        for name, value in one.items():
            if name in shape.properties and name.endswith(("_ref", "_refs")):
                keys = value if type(value) is list else [value]
                if any(type(ref) is not str or ref not in objects for ref in keys) and name != "object_marking_refs":
                    yield f"{place}: {name} leads to no object of this container"
