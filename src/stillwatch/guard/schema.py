"""The closed schema: what an agreement's clauses let through, as a tree that is walked beside an object.

A field is written as a path: ``campaign.labels[]`` is each label of a campaign, ``*.created`` is that property of every
type that the agreement knows, ``.stillwatch`` stands for our extension's key. Whatever the tree does not name is
refused, at every depth. ``sound`` answers fast, for the server; ``faults`` walks again and says what is wrong;
``grounds`` says which clause let each value through.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stillwatch.guard.known import EXTENSION_ID
from stillwatch.guard.rules import Check

#: More than any object of ours has in one list; a longer list is a table.
LONGEST_LIST = 400


@dataclass(slots=True)
class Leaf:
    """A single value under a clause's rule. ``held`` tells free text that must wait for a person."""

    clause: str
    check: Check
    held: Callable[[str], bool] | None = None


@dataclass(slots=True)
class Many:
    """A list of at least one, each the same kind of node, none twice."""

    item: "Node"


@dataclass(slots=True)
class Record:
    """An object with these keys and no other."""

    keys: dict[str, "Node"] = field(default_factory=dict)


Node = Leaf | Many | Record


def plant(types: dict[str, Record], path: str, leaf: Leaf) -> None:
    """Add a field to the trees of ``types``. Raises ``ValueError`` where the path is none or is taken."""
    kind, *steps = path.replace("stillwatch", EXTENSION_ID).split(".")
    if not steps or not all(step.removesuffix("[]") for step in steps):
        raise ValueError(f"{path} is no path of the form type.property")
    for name in list(types) if kind == "*" else [kind]:
        _plant(types.setdefault(name, Record()), steps, leaf, path)


def _plant(record: Record, steps: list[str], leaf: Leaf, path: str) -> None:
    step, rest = steps[0], steps[1:]
    key, many = step.removesuffix("[]"), step.endswith("[]")
    if not rest and key in record.keys:
        raise ValueError(f"{path} is a field of two clauses")
    if not rest:
        record.keys[key] = Many(leaf) if many else leaf
        return
    below = record.keys.setdefault(key, Many(Record()) if many else Record())
    inner = below.item if isinstance(below, Many) else below
    if not isinstance(inner, Record) or isinstance(below, Many) is not many:
        raise ValueError(f"{path} is a single value in another clause")
    _plant(inner, rest, leaf, path)


def sound(node: Node, value: Any) -> bool:
    """Whether ``value`` and all below it is what the tree names."""
    if type(node) is Leaf:
        return node.check(value) is None
    if type(node) is Record:
        if type(value) is not dict or not value:
            return False
        keys = node.keys
        for key, one in value.items():
            below = keys.get(key)
            if below is None or not sound(below, one):
                return False
        return True
    return _list_fault(value) is None and all(sound(node.item, one) for one in value)  # type: ignore[union-attr]


def faults(node: Node, value: Any, path: str) -> Iterator[str]:
    """Everything that is wrong, a sentence each. Values are never repeated, nor keys that nobody listed."""
    match node:
        case Leaf():
            if (fault := node.check(value)) is not None:
                yield f"{path} {fault} (clause {node.clause})"
        case Many():
            if (fault := _list_fault(value)) is not None:
                yield f"{path} {fault}"
            else:
                for position, one in enumerate(value):
                    yield from faults(node.item, one, f"{path}[{position}]")
        case Record():
            if type(value) is not dict or not value:
                yield f"{path} is no object with content"
                return
            for key, one in value.items():
                below = node.keys.get(key) if type(key) is str else None
                if below is None:
                    yield f"{path} has a property that no clause names: leave it out"
                else:
                    yield from faults(below, one, f"{path}.{key}")


def grounds(node: Node, value: Any, path: str = "") -> Iterator[tuple[str, Leaf, Any]]:
    """Every value of a sound object: its path (``labels[0]``), the leaf that let it through, the value."""
    match node:
        case Leaf():
            yield path, node, value
        case Many():
            for position, one in enumerate(value):
                yield from grounds(node.item, one, f"{path}[{position}]")
        case Record():
            for key, one in value.items():
                yield from grounds(node.keys[key], one, f"{path}.{key}" if path else key)


def at(item: Mapping[str, Any], *keys: str) -> Any:
    """The value below these keys; ``None`` where there is none."""
    here: Any = item
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    return here


def _list_fault(value: Any) -> str | None:
    if type(value) is not list or not value:
        return "is no list with content"
    if len(value) > LONGEST_LIST:
        return f"is longer than {LONGEST_LIST}"
    texts = [one for one in value if type(one) is str]
    return None if len(set(texts)) == len(texts) else "has the same value twice"
