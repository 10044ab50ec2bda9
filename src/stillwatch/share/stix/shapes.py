"""What a type of STIX object is made of, as a value: its properties, what it needs, and rules between properties."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stillwatch.share.stix.common import COMMON, COMMON_REQUIRED, OBSERVABLE_COMMON, OBSERVABLE_REQUIRED
from stillwatch.share.stix.kinds import Check, moment

#: Reads an object whose properties are all well-formed; says in whole sentences what does not fit together.
Rule = Callable[[Mapping[str, Any]], Iterable[str]]


@dataclass(frozen=True)
class Shape:
    """One type of object."""

    properties: Mapping[str, Check]
    required: frozenset[str]
    rules: tuple[Rule, ...]


def shape(properties: dict[str, Check], required: str = "", rules: Iterable[Rule] = ()) -> Shape:
    """An SDO, SRO or meta object with the common properties. ``required`` is names parted by spaces."""
    return Shape(COMMON | properties, frozenset((*COMMON_REQUIRED, *required.split())), tuple(rules))


def observable(properties: dict[str, Check], required: str = "", rules: Iterable[Rule] = ()) -> Shape:
    """An SCO with the common properties of SCOs."""
    return Shape(OBSERVABLE_COMMON | properties, frozenset((*OBSERVABLE_REQUIRED, *required.split())), tuple(rules))


def some_of(*names: str) -> Rule:
    """At least one of ``names`` is there."""

    def rule(obj: Mapping[str, Any]) -> Iterator[str]:
        if not any(name in obj for name in names):
            yield f"none of {', '.join(names)} is there"

    return rule


def together(*names: str) -> Rule:
    """All of ``names`` or none."""

    def rule(obj: Mapping[str, Any]) -> Iterator[str]:
        if 0 < sum(name in obj for name in names) < len(names):
            yield f"{', '.join(names)} go together"

    return rule


def needs(name: str, *others: str) -> Rule:
    """Where ``name`` is, ``others`` are too."""

    def rule(obj: Mapping[str, Any]) -> Iterator[str]:
        if name in obj and not all(other in obj for other in others):
            yield f"{name} needs {', '.join(others)}"

    return rule


def in_order(first: str, last: str, strictly: bool = False) -> Rule:
    """``last`` is not earlier than ``first``; with ``strictly`` it is later."""
    what = "later than" if strictly else "earlier than"

    def rule(obj: Mapping[str, Any]) -> Iterator[str]:
        if first in obj and last in obj:
            begins, ends = moment(obj[first]), moment(obj[last])
            if ends <= begins if strictly else ends < begins:
                yield f"{last} is {'not ' if strictly else ''}{what} {first}"

    return rule
