"""Sharing agreements: readable TOML that counsel signs, one clause per rule, each clause with its page.

A clause either lets fields through under a rule (``fields`` with ``rule``) or sets a condition on the whole object
(``condition``). ``load`` reads both into what ``clear`` needs. An agreement that would let anything through without an
audience, an expiry, a purpose and a legal basis is no agreement: it is refused here, before anything is asked of it.
docs/guard.md says how to write one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import msgspec

from stillwatch.errors import UsageError
from stillwatch.guard import rules
from stillwatch.guard.release import Kind
from stillwatch.guard.schema import Leaf, Many, Node, Record, plant

SHIPPED = ("threat-signatures", "open-stix", "government", "empty")
_RULES = Literal["one-of", "whole", "id", "named", "text", "pattern", "digest", "hour", "moment", "technique", "ja4",
                 "network", "person", "signature", "version", "address"]  # fmt: skip
_CONDITIONS = Literal["audience", "expiry", "purpose", "legal-basis", "approval", "threshold"]
_NEEDED = ("audience", "expiry", "purpose", "legal-basis")


class Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clause as written. Which of the settings it needs follows from its rule or condition."""

    id: str
    title: str
    fields: tuple[str, ...] = ()
    rule: _RULES | None = None
    condition: _CONDITIONS | None = None
    values: tuple[str | int | bool, ...] = ()
    kinds: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    shape: str = ""
    longest: int = 600
    standard: tuple[str, ...] = ()
    comparisons: Mapping[str, str] = {}
    tlp: tuple[str, ...] = ()
    pap: tuple[str, ...] = ()
    max_days: int = 0
    name: str = ""
    dated: str = ""
    until: str = ""
    elements: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    people: int = 0
    valid_hours: int = 0
    always: bool = False
    k: int = 0


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    version: str
    title: str
    schema: Literal["closed", "open-stix"]
    recipients: Kind = "member"
    types: tuple[str, ...] = ()
    #: Types whose objects everybody knows, and which therefore carry no record of their release.
    public: tuple[str, ...] = ()
    #: Members by the name in their STIX identity; other names wait for a person.
    members: tuple[str, ...] = ()
    clause: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """A sharing agreement, ready to be asked. ``schema`` is ``closed`` or ``open-stix``; ``conditions`` by their word;
    ``tree`` the closed schema by STIX type; ``worded`` the types that may hold free text."""

    name: str
    version: str
    title: str
    schema: str
    recipients: Kind
    public: frozenset[str]
    clauses: tuple[Clause, ...]
    conditions: Mapping[str, Clause]
    tree: Mapping[str, Record]
    worded: frozenset[str]


def load(text: str) -> Agreement:
    """An agreement from TOML. Raises ``UsageError`` that says what to mend."""
    try:
        file = msgspec.toml.decode(text.encode(), type=_File)
        return _agreement(file)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeError, ValueError, KeyError) as error:
        raise UsageError(f"the sharing agreement can't be used: {error}") from error


def shipped_text(name: str) -> str:
    """The TOML of a shipped agreement, as it is signed. Raises ``UsageError`` for another name."""
    if name not in SHIPPED:
        raise UsageError(f"no agreement {name} is shipped; there is: {', '.join(SHIPPED)}")
    return files("stillwatch.guard").joinpath("agreements", f"{name}.toml").read_text("utf-8")


@lru_cache(maxsize=len(SHIPPED))
def shipped(name: str) -> Agreement:
    """One of the agreements that come with Stillwatch: threat-signatures, open-stix, government, empty."""
    return load(shipped_text(name))


def _agreement(file: _File) -> Agreement:
    conditions: dict[str, Clause] = {}
    tree: dict[str, Record] = {name: Record() for name in file.types}
    if len({clause.id for clause in file.clause}) < len(file.clause):
        raise ValueError("two clauses have the same id")
    for clause in file.clause:
        if (clause.rule is None) == (clause.condition is None) or bool(clause.fields) != bool(clause.rule):
            raise ValueError(f"clause {clause.id} needs either fields with a rule, or a condition")
        if clause.condition is not None:
            if clause.condition in conditions:
                raise ValueError(f"clause {clause.id}: there is another clause on {clause.condition}")
            _check_condition(clause)
            conditions[clause.condition] = clause
        else:
            leaf = _leaf(clause, file.members)
            for path in clause.fields:
                plant(tree, path, leaf)
    _check_whole(file, tree, conditions)
    worded = frozenset(name for name, node in tree.items() if _holds(node))
    return Agreement(
        file.name, file.version, file.title, file.schema, file.recipients, frozenset(file.public), file.clause,
        conditions, tree, worded,
    )  # fmt: skip


def _check_condition(clause: Clause) -> None:
    """A condition that lacks its bound would hold for everything."""
    complete: dict[str, Any] = {
        "audience": clause.tlp and clause.pap,
        "expiry": 1 <= clause.max_days <= 366,
        "purpose": clause.values,
        "legal-basis": clause.name and clause.dated and clause.until and clause.elements,
        "approval": clause.people >= 2 and 1 <= clause.valid_hours <= 720,
        "threshold": clause.k >= 2,
    }
    if not complete[str(clause.condition)]:
        raise ValueError(f"clause {clause.id} does not set all that {clause.condition} needs")


def _check_whole(file: _File, tree: Mapping[str, Record], conditions: Mapping[str, Clause]) -> None:
    if stray := sorted(set(tree) - set(file.types)):
        raise ValueError(f"clauses name types that the agreement does not list: {', '.join(stray)}")
    if file.schema == "open-stix" and file.clause:
        raise ValueError("the schema open-stix takes no clauses")
    missing = [name for name in _NEEDED if name not in conditions]
    if file.clause and missing:
        raise ValueError(f"it lets something through without a clause on {', '.join(missing)}")
    if file.types and not file.clause:
        raise ValueError("it lists types and has no clause")


def _leaf(clause: Clause, members: tuple[str, ...]) -> Leaf:
    if clause.rule == "text":
        check, held = rules.text(clause.longest, (*clause.standard, *members))
        return Leaf(clause.id, check, held)
    return Leaf(clause.id, _check(clause))


def _check(clause: Clause) -> rules.Check:
    match clause.rule:
        case "one-of":
            return rules.one_of(clause.values)
        case "whole":
            return rules.whole(clause.low, clause.high)
        case "id":
            return rules.identifier(clause.kinds)
        case "named":
            return rules.named(clause.shape)
        case "pattern":
            paths = {path: rules.literal(name, clause.values) for path, name in clause.comparisons.items()}
            return rules.pattern_rule(paths, clause.high)
        case _:
            return rules.PLAIN[str(clause.rule)]


def _holds(node: Node) -> bool:
    match node:
        case Leaf():
            return node.held is not None
        case Many():
            return _holds(node.item)
        case Record():
            return any(_holds(below) for below in node.keys.values())
