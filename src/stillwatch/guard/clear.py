"""May this leave? One item, one recipient, one agreement, one moment: a release or a refusal, never a maybe.

In order: (1) the agreement says anything at all; (2) the item is of a kind that it knows; (3) the release record is
written, with nothing in it that the guard did not check or set; (4) every value of the result stands under a clause;
(5) the object agrees with itself, and speaks for nobody but its sender; (6) the conditions hold; (7) free text, and
whatever else the agreement wants people to see, has been approved by them. Only then are there bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from stillwatch.guard import conditions
from stillwatch.guard.agreement import Agreement
from stillwatch.guard.canonical import canonical
from stillwatch.guard.coherence import incoherent, stix_time
from stillwatch.guard.conditions import record_of
from stillwatch.guard.known import EXTENSION_ID
from stillwatch.guard.release import Approval, Held, LegalBasis, Recipient, Refusal, Release
from stillwatch.guard.rules import Check
from stillwatch.guard.schema import Leaf, Record, faults, grounds, sound
from stillwatch.guard.speaker import speaks_for_another

#: What the guard sets in a release record; whatever an item brings there is not believed.
_SET_HERE = ("clauses", "approved_by", "signatures")
#: An item refused for many reasons is refused for the first of them.
_MOST_REASONS = 20
_LARGEST = 64 * 1024


def clear(
    item: Mapping[str, Any],
    recipient: Recipient,
    agreement: Agreement,
    now: datetime,
    approvals: Sequence[Approval] = (),
    *,
    author: str | None = None,
    sender: str | None = None,
) -> Release | Refusal:
    """Whether ``item`` may go to ``recipient`` under ``agreement`` at ``now`` (aware, UTC).

    ``author`` is whoever wrote it, whose own approval does not count. ``sender`` is the member that sends, by the name
    the forum knows it by: its own identity then needs nobody's approval, no other name passes for it, and nothing
    leaves in another's name. What a person must state, the element of the legal basis first of all, comes in the
    item's release record (``stating`` puts it there).
    """
    own = _id(item)
    tree, given = _openings(item, agreement, sender)
    if tree is None or isinstance(given, str):
        return Refusal(own, (str(given),))
    public = given["type"] in agreement.public
    try:
        digest = to_approve(given)
    except ValueError as error:
        return Refusal(own, (str(error),))
    ready = given if public else _stamped(given, agreement)
    if wrong := tuple(faults(tree, ready, ready["type"])):
        return Refusal(own, wrong[:_MOST_REASONS])
    reasons = list(_whole(ready, agreement, now, sender, public=public))
    reasons += conditions.addressed(ready, recipient, agreement)
    held = tuple(_held(ready, tree))
    counted: tuple[Approval, ...] = ()
    if held or (_always(agreement) and not public):
        enough = conditions.approved(agreement, approvals, digest, author, now)
        if isinstance(enough, str):
            reasons.append(enough)
        else:
            counted = enough
    if reasons:
        return Refusal(own, tuple(reasons[:_MOST_REASONS]), held)
    return _release(ready, tree, recipient, agreement, counted, public=public)


def admissible(
    item: Mapping[str, Any], agreement: Agreement, now: datetime, *, sender: str | None = None
) -> Refusal | None:
    """What the forum applies again on arrival: closed schema, coherence, markings, record, expiry, and enough names
    where people had to approve. ``None``: welcome. Under ``open-stix`` the caller asks ``share.stix.problems`` instead.

    ``sender`` is the member whose credential brought it. Without it any name in plain words passes as an identity's,
    and any member as an object's maker.
    """
    if agreement.schema == "open-stix":
        return None
    tree, given = _openings(item, agreement, sender)
    if tree is None or isinstance(given, str):
        return Refusal(_id(item), (str(given),))
    public = given["type"] in agreement.public
    if not sound(tree, given):
        wrong = tuple(faults(tree, given, given["type"]))[:_MOST_REASONS]
        return Refusal(_id(item), wrong or ("it is not what the agreement lists",))
    reasons = list(_whole(given, agreement, now, sender, public=public))
    if not public:
        reasons += _names(given, tree, agreement)
    return Refusal(_id(item), tuple(reasons[:_MOST_REASONS])) if reasons else None


def to_approve(item: Mapping[str, Any]) -> str:
    """The digest (SHA-256, hex) that an ``Approval`` of this item names: all of it but approvals and signatures."""
    return hashlib.sha256(canonical(_without(dict(item), _SET_HERE))).hexdigest()


def awaited(item: Mapping[str, Any], agreement: Agreement) -> tuple[bytes, dict[str, str]]:
    """What an object that only waits for people would say: its bytes with the record written, and the clause of each
    value in them. The list of clauses, the names of who approved and the signature come in when it leaves."""
    ready = _stamped(dict(item), agreement)
    return canonical(ready), {path: leaf.clause for path, leaf, _ in grounds(agreement.tree[ready["type"]], ready)}


def stating(
    item: Mapping[str, Any], *, element: str, purpose: str | None = None, expires_at: datetime | None = None
) -> dict[str, Any]:
    """A copy of ``item`` with what a person states before it is cleared: the element beyond a breach of terms, the
    purpose where the agreement has several, an earlier expiry. Objects that everybody knows need none of it."""
    record = {**record_of(dict(item)), "legal_basis": {"element": element}}
    if purpose is not None:
        record["purpose"] = purpose
    if expires_at is not None:
        record["expires_at"] = stix_time(expires_at)
    return _with_record(dict(item), record)


def _id(item: Any) -> str:
    """The id if it is short; a refusal must not repeat what was hidden in one."""
    own = item.get("id") if isinstance(item, Mapping) else None
    return own if isinstance(own, str) and len(own) <= 80 and own.isascii() and own.isprintable() else "without an id"


def _openings(item: Any, agreement: Agreement, sender: str | None) -> tuple[Record | None, dict[str, Any] | str]:
    """The tree for this item and the item as plain JSON, or why neither is worth looking at."""
    if agreement.schema == "open-stix":
        return None, "nothing made from a request log is released into an open collection"
    if not agreement.clauses:
        return None, f"the agreement {agreement.name} has no clauses, so it permits nothing"
    if type(item) is not dict or type(item.get("type")) is not str:
        return None, "it is no STIX object"
    tree = agreement.tree.get(item["type"])
    if tree is None:
        return None, f"the agreement {agreement.name} lists no such type of object"
    name = tree.keys.get("name")
    if item["type"] == "identity" and sender is not None and isinstance(name, Leaf) and name.held is not None:
        tree = Record({**tree.keys, "name": Leaf(name.clause, _own_name(sender, name))})
    return tree, item


def _own_name(sender: str, name: Leaf) -> Check:
    """Instead of free text: the sender's own name, or one that the clause itself lists. Anybody could be named."""

    def check(value: object) -> str | None:
        listed = type(value) is str and name.held is not None and not name.held(value) and name.check(value) is None
        if value == sender or listed:
            return None
        return "is not the name of the member that sends it: each member sends its own identity, and no other"

    return check


def _whole(
    item: dict[str, Any], agreement: Agreement, now: datetime, sender: str | None, *, public: bool
) -> Iterator[str]:
    found = False
    for reason in incoherent(item, now, public=public):
        found = True
        yield reason
    if found:
        return
    if sender is not None:
        yield from speaks_for_another(item, sender, agreement.tree[item["type"]])
    yield from conditions.audience(item, agreement)
    if not public:
        yield from conditions.grounded(item, agreement, now)
        yield from conditions.threshold(item, agreement)


def _names(item: dict[str, Any], tree: Record, agreement: Agreement) -> Iterator[str]:
    """On arrival: where people had to approve, enough different names stand in the record; elsewhere none, since the
    guard writes none there and a list of names can say anything."""
    names = {conditions.same(name) for name in record_of(item).get("approved_by", ())}
    wordy = item["type"] in agreement.worded and any(True for _ in _held(item, tree))
    if not wordy and not _always(agreement):
        if names:
            yield "nobody had to approve it, and its record names people"
        return
    clause = agreement.conditions.get("approval")
    if clause is None or len(names) < clause.people:
        yield "it holds what people must approve, and its record does not name enough of them"


def _always(agreement: Agreement) -> bool:
    clause = agreement.conditions.get("approval")
    return clause is not None and clause.always


def _held(item: dict[str, Any], tree: Record) -> Iterator[Held]:
    for path, leaf, value in grounds(tree, item):
        if leaf.held is not None and leaf.held(value):
            yield Held(path, value)


def _stamped(item: dict[str, Any], agreement: Agreement) -> dict[str, Any]:
    """The item with its release record as this agreement writes it. Nothing depends on the moment, so that clearing the
    same item again comes to the same bytes."""
    asked = {name: one for name, one in record_of(item).items() if name not in _SET_HERE}
    purpose, legal = agreement.conditions["purpose"], agreement.conditions["legal-basis"]
    ours = {
        "agreement": agreement.name,
        "version": agreement.version,
        "purpose": purpose.values[0] if len(purpose.values) == 1 else None,
        "expires_at": _ends(item, agreement),
    }
    record: dict[str, Any] = {name: one for name, one in ours.items() if one is not None} | asked
    stated = record.get("legal_basis", None if item["type"] in legal.exempt else {})
    if isinstance(stated, dict):
        record["legal_basis"] = {"name": legal.name, "dated": legal.dated, **stated}
    return _with_record(item, record)


def _ends(item: dict[str, Any], agreement: Agreement) -> str | None:
    try:
        modified = datetime.fromisoformat(item["modified"])
        return stix_time(modified + timedelta(days=agreement.conditions["expiry"].max_days))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _with_record(item: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    extensions = item.get("extensions")
    extensions = dict(extensions) if isinstance(extensions, dict) else {} if extensions is None else None
    ours = None if extensions is None else extensions.get(EXTENSION_ID, {"extension_type": "property-extension"})
    if extensions is None or not isinstance(ours, dict):
        return item  # not a form that anything could be put in; the closed schema says so
    return {**item, "extensions": {**extensions, EXTENSION_ID: {**ours, "release": record}}}


def _without(item: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    record = record_of(item)
    if not record.keys() & set(names):
        return item
    return _with_record(item, {name: one for name, one in record.items() if name not in names})


def _release(
    item: dict[str, Any],
    tree: Record,
    recipient: Recipient,
    agreement: Agreement,
    approvals: tuple[Approval, ...],
    *,
    public: bool,
) -> Release | Refusal:
    used = {leaf.clause for _, leaf, _ in grounds(tree, item)}
    used |= {clause.id for name, clause in agreement.conditions.items() if name != "approval" or approvals}
    if not public:
        used |= {_clause(tree, item, "clauses")} | ({_clause(tree, item, "approved_by")} if approvals else set())
        record = {**record_of(item), "clauses": sorted(used)}
        if approvals:
            record["approved_by"] = [one.person for one in approvals]
        item = _with_record(item, record)
    # The last look is at what leaves, not at what came: clauses and names were only now put in.
    wrong = tuple(faults(tree, item, item["type"]))
    try:
        body = canonical(item)
    except ValueError as error:
        return Refusal(_id(item), (str(error),))
    if wrong or len(body) > _LARGEST:
        return Refusal(_id(item), wrong or (f"it is larger than {_LARGEST} bytes",))
    return _released(msgspec.json.decode(body), tree, body, recipient, agreement, approvals, tuple(sorted(used)))


def _released(
    item: dict[str, Any],
    tree: Record,
    body: bytes,
    recipient: Recipient,
    agreement: Agreement,
    approvals: tuple[Approval, ...],
    used: tuple[str, ...],
) -> Release:
    record = record_of(item)
    basis, ends = record.get("legal_basis"), record.get("expires_at")
    tlp, pap = conditions.labels(item)
    return Release(
        item_id=item["id"],
        body=body,
        grounds={path: leaf.clause for path, leaf, _ in grounds(tree, item)},
        clauses=used,
        legal_basis=LegalBasis(**basis) if basis else None,
        tlp=str(tlp),
        pap=pap,
        purpose=record.get("purpose", str(agreement.conditions["purpose"].values[0])),
        expires_at=datetime.fromisoformat(ends) if ends else None,
        recipient=recipient,
        agreement=agreement.name,
        version=agreement.version,
        approvals=approvals,
    )


def _clause(tree: Record, item: dict[str, Any], name: str) -> str:
    """The clause that lets a part of the release record through."""
    node: Any = tree
    for key in ("extensions", EXTENSION_ID, "release", name):
        node = node.keys.get(key) if isinstance(node, Record) else None
    leaf = getattr(node, "item", node)
    return leaf.clause if isinstance(leaf, Leaf) else ""
