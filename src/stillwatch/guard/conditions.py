"""The conditions of an agreement on a whole object: audience, expiry, purpose, legal basis, threshold, approvals.

Each is asked twice, by the member before sending and by the forum on arrival. Only people's approvals differ: the
member checks who said yes to which bytes and when, the forum only that enough names stand in the record.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from stillwatch.guard import known
from stillwatch.guard.agreement import Agreement
from stillwatch.guard.release import Approval, Recipient
from stillwatch.guard.schema import at


def record_of(item: dict[str, Any]) -> dict[str, Any]:
    """The release record; empty where there is none."""
    found = at(item, "extensions", known.EXTENSION_ID, "release")
    return found if isinstance(found, dict) else {}


def labels(item: dict[str, Any]) -> tuple[str | None, str | None]:
    """TLP and PAP label. A marking definition carries none and is for everyone, by its standard."""
    if item.get("type") == "marking-definition":
        return "clear", None
    refs = item.get("object_marking_refs", ())
    tlp = [known.TLP[own] for own in refs if own in known.TLP]
    pap = [known.PAP[own] for own in refs if own in known.PAP]
    return (tlp[0] if len(tlp) == 1 else None), (pap[0] if len(pap) == 1 else "several" if pap else None)


def audience(item: dict[str, Any], agreement: Agreement) -> Iterator[str]:
    """One TLP label that the agreement knows, one PAP label at most."""
    clause = agreement.conditions["audience"]
    tlp, pap = labels(item)
    if tlp not in clause.tlp:
        yield f"it needs exactly one TLP 2.0 marking of: {', '.join(clause.tlp)} (clause {clause.id})"
    if pap is not None and pap not in clause.pap:
        yield f"it may have one PAP marking of: {', '.join(clause.pap)} (clause {clause.id})"


def addressed(item: dict[str, Any], recipient: Recipient, agreement: Agreement) -> Iterator[str]:
    """Whether this recipient may have what is marked so."""
    if recipient.kind != agreement.recipients:
        yield f"the agreement {agreement.name} is for a {agreement.recipients}, and this recipient is none"
    if recipient.tlp not in known.TLP_ORDER or recipient.pap not in known.PAP_ORDER:
        yield "the recipient's TLP or PAP level is no level"
        return
    tlp, pap = labels(item)
    if tlp in known.TLP_ORDER and known.TLP_ORDER.index(tlp) > known.TLP_ORDER.index(recipient.tlp):
        yield f"it is marked TLP:{tlp.upper()}, and the recipient is cleared for {recipient.tlp} at most"
    if pap in known.PAP_ORDER and known.PAP_ORDER.index(pap) > known.PAP_ORDER.index(recipient.pap):
        yield f"it is marked PAP:{pap.upper()}, and the recipient honours {recipient.pap} at most"


def grounded(item: dict[str, Any], agreement: Agreement, now: datetime) -> Iterator[str]:
    """Purpose, legal basis and expiry, as the release record states them."""
    record = record_of(item)
    if record.get("agreement") != agreement.name or record.get("version") != agreement.version:
        yield f"its record names another agreement than {agreement.name} {agreement.version}"
    purpose = agreement.conditions["purpose"]
    if record.get("purpose") not in purpose.values:
        yield f"its purpose must be one of: {', '.join(map(str, purpose.values))} (clause {purpose.id})"
    keys = [one.get("keyid") for one in record.get("signatures", ())]
    if len(set(keys)) < len(keys):
        yield "its record holds two signatures of one key"
    yield from _legal(item, record, agreement, now)
    yield from _expiry(item, record, agreement, now)


def _legal(item: dict[str, Any], record: dict[str, Any], agreement: Agreement, now: datetime) -> Iterator[str]:
    clause = agreement.conditions["legal-basis"]
    if f"{now:%Y-%m-%d}" > clause.until:
        yield f"the legal basis was good until {clause.until}: counsel must date it anew (clause {clause.id})"
    basis = record.get("legal_basis")
    if basis is None and item.get("type") in clause.exempt:
        return
    if not isinstance(basis, dict) or (basis.get("name"), basis.get("dated")) != (clause.name, clause.dated):
        yield f"its legal basis is not that of the agreement (clause {clause.id})"
    elif basis.get("element") not in clause.elements:
        # A breach of consumer terms alone is no "cybersecurity threat" (CISA 2015, 6 U.S.C. 1501): say what else.
        yield f"name what was seen beyond a breach of terms: {', '.join(clause.elements)} (clause {clause.id})"


def _expiry(item: dict[str, Any], record: dict[str, Any], agreement: Agreement, now: datetime) -> Iterator[str]:
    clause = agreement.conditions["expiry"]
    ends = record.get("expires_at")
    if not isinstance(ends, str) or "modified" not in item:
        yield f"it does not say when it ends (clause {clause.id})"
        return
    last = datetime.fromisoformat(ends)
    if last <= now:
        yield f"it has expired (clause {clause.id})"
    if last > datetime.fromisoformat(item["modified"]) + timedelta(days=clause.max_days):
        yield f"it lasts longer than {clause.max_days} days (clause {clause.id})"
    if item.get("valid_until", "") > ends:
        yield f"valid_until lies after its expiry (clause {clause.id})"


def threshold(item: dict[str, Any], agreement: Agreement) -> Iterator[str]:
    """No campaign of fewer accounts than k: a small group's traits are one customer's traits."""
    clause = agreement.conditions.get("threshold")
    accounts = at(item, "extensions", known.EXTENSION_ID, "scale", "accounts")
    if item.get("type") != "campaign" or clause is None:
        return
    fewest = int(str(accounts or "0").split("-")[0].removesuffix("+"))
    if fewest < clause.k:
        yield f"it may be of fewer than {clause.k} accounts (clause {clause.id})"


def approved(
    agreement: Agreement,
    approvals: Sequence[Approval],
    digest: str,
    author: str | None,
    now: datetime,
) -> tuple[Approval, ...] | str:
    """The approvals that count, one a person; or why they are not enough.

    Not enough: one person under two spellings, the author's own, one of other bytes, one too old or not yet given.
    """
    clause = agreement.conditions.get("approval")
    if clause is None:
        return "the agreement has no clause on approvals, so nobody can approve it"
    oldest = now - timedelta(hours=clause.valid_hours)
    counted: dict[str, Approval] = {}
    for one in approvals:
        if one.digest == digest and one.at.tzinfo is not None and oldest <= one.at <= now and one.person != "":
            counted.setdefault(same(one.person), one)
    if author is not None:
        counted.pop(same(author), None)
    if len(counted) < clause.people:
        return (
            f"{clause.people} people other than its author must approve exactly these bytes within "
            f"{clause.valid_hours} hours; {len(counted)} did (clause {clause.id})"
        )
    return tuple(sorted(counted.values(), key=lambda one: (one.at, one.person)))


def same(person: str) -> str:
    """One person however the name is spaced, cased or dotted."""
    return "".join(sign for sign in person.casefold() if sign.isalnum())
