"""From campaigns, rules, permits and rings to the table's entries: who is treated how, on which grounds, until when.

One subject gets one course. Where several campaigns or orders name it, a person's order counts before any rule; among
orders of people the last in the file; among rules the strictest course, then the heaviest campaign. Everything here is
a function of its arguments: the same inputs and moment give the same table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from stillwatch.decide.course import STRICTNESS, Course
from stillwatch.decide.covert import CovertOrder, in_force
from stillwatch.decide.order import Case, Order, case_reference
from stillwatch.decide.organisations import Accounts, Subject, subjects
from stillwatch.decide.permits import Manners, Permit
from stillwatch.decide.rings import Place, Ring
from stillwatch.decide.rules import Person, Rule, Rules, manners
from stillwatch.decide.times import DAY_US
from stillwatch.vocabulary.campaigns import Campaign


@dataclass(frozen=True)
class Reached:
    """One account that an order names, and how sure the scan is: 0 for one that it did not name itself."""

    account: str
    membership: float
    campaign: str | None


@dataclass(frozen=True)
class Ruling:
    """One subject's course: the order it stands under, its case, and whom it reaches."""

    order: Order
    case: Case
    reached: tuple[Reached, ...]


@dataclass(frozen=True)
class Compiled:
    """All that a table says. ``accounts`` and ``organizations`` map to (index into ``orders``, case reference)."""

    orders: tuple[Order, ...]
    accounts: Mapping[str, tuple[int, str]]
    organizations: Mapping[str, tuple[int, str]]
    cases: tuple[Case, ...]
    rulings: tuple[Ruling, ...]
    permits: tuple[Permit, ...]
    manners: Manners
    rings: tuple[Ring, ...]
    places: tuple[Place, ...]
    stale_us: int
    rules: str
    #: Accounts whose organisation has a place in a ring: a request need not name its organisation.
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Material:
    """What is decided from. ``secret`` keys the case references; ``now_us`` is the moment of deciding."""

    campaigns: Sequence[Campaign]
    rules: Rules
    accounts: Accounts
    now_us: int
    secret: bytes
    permits: Sequence[Permit] = ()
    places: Sequence[Place] = ()
    orders: Sequence[Person] = ()  # of people, after those in the rules: the last counts
    covert: Sequence[CovertOrder] = ()  # of two people, recorded in the ledger
    shadow: bool = False  # everything is decided and nothing carried out


@dataclass
class _Entries:
    """Entries as they gather: orders that are alike are held once."""

    orders: dict[Order, int] = field(default_factory=dict)
    accounts: dict[str, tuple[int, str]] = field(default_factory=dict)
    organizations: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, ruling: Ruling) -> None:
        self.orders.setdefault(ruling.order, len(self.orders))
        entry = self.entry(ruling)
        for one in ruling.reached:
            self.accounts[one.account] = entry
        if ruling.case.whole_organization and ruling.case.organization is not None:
            self.organizations[ruling.case.organization] = entry

    def entry(self, ruling: Ruling) -> tuple[int, str]:
        """What is entered for whoever stands under ``ruling``."""
        return self.orders[ruling.order], ruling.case.reference


def compile_table(material: Material) -> Compiled:
    """Decide about everyone whom the campaigns and the orders of people name."""
    chosen: dict[str, Ruling] = {}
    for ruling in _by_rules(material):
        before = chosen.get(_subject(ruling.case))
        if before is None or _weight(ruling) > _weight(before):
            chosen[_subject(ruling.case)] = ruling
    rulings = [_unsaid(ruling, material) for ruling in chosen.values()]
    by_hand = list(_by_people(material))
    entries = _Entries()
    for ruling in (*rulings, *by_hand):  # in this order: a person's word is entered over a rule's
        entries.add(ruling)
    rules = material.rules
    return Compiled(
        orders=tuple(entries.orders),
        accounts=entries.accounts,
        organizations=entries.organizations,
        # An appeal's outcome keeps the reference of its case, and takes the place of what it answers.
        cases=tuple({ruling.case.reference: ruling.case for ruling in (*rulings, *by_hand)}.values()),
        rulings=_in_force((*rulings, *by_hand), entries),
        permits=tuple(_held(material.permits, material.accounts)),
        manners=manners(rules),
        rings=rules.ring,
        places=tuple(material.places),
        stale_us=round(rules.stale_hours * DAY_US / 24),
        rules=rules.name,
        members={
            account: place.organization
            for place in material.places
            for account in material.accounts.of.get(place.organization, ())
        },
    )


def _held(permits: Iterable[Permit], accounts: Accounts) -> Iterable[Permit]:
    """Permits, and those of organisations once more for their known accounts: under the same reference, so that
    both are counted as one. A request need not name its organisation (DESIGN section 4)."""
    for permit in permits:
        yield permit
        known = accounts.of.get(permit.organization or "", ())
        if permit.accounts is None and known:
            yield msgspec.structs.replace(permit, organization=None, accounts=known)


def _unsaid(ruling: Ruling, material: Material) -> Ruling:
    """The ruling with its covert course, where two people ordered one for its case; it ends when that does."""
    order = next(
        (one for one in material.covert if one.case == ruling.case.reference and in_force(one, material.now_us)), None
    )
    if order is None:
        return ruling
    until = min(ruling.order.expires_us, int(order.until.timestamp() * 1_000_000))
    author = f"people {order.approved_by[0]} and {order.approved_by[1]}"
    course: Course = order.treatment
    changed = msgspec.structs.replace(
        ruling.order, course=course, author=author, expires_us=until, covert=True, retry_after=None
    )
    case = msgspec.structs.replace(
        ruling.case, course=course, author=author, expires_us=until,
        grounds=f"Covert, ledger leaf {order.leaf}: {order.grounds} In its place would stand: {ruling.case.grounds}",
    )  # fmt: skip
    return Ruling(changed, case, ruling.reached)


def _in_force(rulings: Iterable[Ruling], entries: _Entries) -> tuple[Ruling, ...]:
    """Rulings with the accounts that really stand under them: an order of a person may have taken some away, or all."""
    kept = []
    for ruling in rulings:
        entry = entries.entry(ruling)
        reached = tuple(one for one in ruling.reached if entries.accounts[one.account] == entry)
        if reached or entries.organizations.get(ruling.case.organization or "") == entry:
            kept.append(Ruling(ruling.order, ruling.case, reached))
    return tuple(kept)


def _subject(case: Case) -> str:
    return f"organisation {case.organization}" if case.organization is not None else f"account {case.accounts[0]}"


def _weight(ruling: Ruling) -> tuple[bool, int, float]:
    """A course that is carried out counts before one in shadow, then the stricter, then the heavier campaign."""
    return not ruling.order.shadow, STRICTNESS[ruling.order.course], ruling.case.weight_bits or 0.0


def _by_rules(material: Material) -> Iterable[Ruling]:
    rings = {place.organization: place.ring for place in material.places}
    outermost = material.rules.ring[0].name if material.rules.ring else None
    for campaign in material.campaigns:
        for subject in subjects(campaign, material.accounts):
            ring = rings.get(subject.organization or "", outermost)
            rule = next((rule for rule in material.rules.rule if fits(rule, campaign, subject, ring)), None)
            if rule is not None:
                yield _ruled(rule, campaign, subject, material)


def fits(rule: Rule, campaign: Campaign, subject: Subject, ring: str | None) -> bool:
    """Whether every condition of ``rule`` holds. A p-value that is missing is not small."""
    p_value = campaign.p_value
    return (
        campaign.level in rule.levels
        and subject.membership >= rule.membership_at_least
        and any(one.membership >= rule.each_member_at_least for one in subject.members)
        and subject.share >= rule.organisation_share_at_least
        and (rule.weight_bits_at_least is None or campaign.weight_bits >= rule.weight_bits_at_least)
        and (rule.p_value_at_most is None or (p_value is not None and p_value <= rule.p_value_at_most))
        and (rule.exchanges_at_least is None or campaign.exchanges >= rule.exchanges_at_least)
        and (rule.rings is None or ring in rule.rings)
        and (rule.techniques is None or _shows(rule, campaign))
    )


def _shows(rule: Rule, campaign: Campaign) -> bool:
    wanted = set(rule.techniques or ())
    return any(one.id in wanted and one.share >= rule.technique_share_at_least for one in campaign.techniques)


def _ruled(rule: Rule, campaign: Campaign, subject: Subject, material: Material) -> Ruling:
    order = Order(
        course=rule.course,
        reason=rule.reason,
        author=f"rule {rule.id}",
        expires_us=material.now_us + rule.expires_days * DAY_US,
        retry_after=rule.retry_after,
        models=rule.models,
        shadow=rule.shadow or material.shadow,
    )
    named = {one.account: one.membership for one in subject.members}
    whole = rule.reach == "organisation" and subject.organization is not None
    if whole:
        reached = tuple(Reached(name, named.get(name, 0.0), campaign.id) for name in subject.all_accounts)
    else:
        sure = [one for one in subject.members if one.membership >= rule.each_member_at_least]
        reached = tuple(Reached(one.account, one.membership, campaign.id) for one in sure)
    case = Case(
        reference=case_reference(material.secret, subject.name, campaign.id),
        organization=subject.organization,
        accounts=tuple(one.account for one in reached),
        whole_organization=whole,
        campaign=campaign.id,
        course=order.course,
        reason=order.reason,
        author=order.author,
        grounds=_grounds(rule, campaign, subject),
        decided_us=material.now_us,
        expires_us=order.expires_us,
        shadow=order.shadow,
        weight_bits=campaign.weight_bits,
        membership=subject.membership,
    )
    return Ruling(order, case, reached)


def _grounds(rule: Rule, campaign: Campaign, subject: Subject) -> str:
    said = f"{rule.because} {campaign.name} stands at {campaign.level} with {campaign.weight_bits:.1f} bits"
    if subject.organization is None:
        return f"{said}; the account belongs to it with probability {subject.membership:.2f}."
    return (
        f"{said}; {len(subject.members)} of {len(subject.all_accounts)} accounts of the organisation are named, "
        f"the surest with probability {subject.membership:.2f}; expected share {subject.share:.2f}."
    )


def _by_people(material: Material) -> Iterable[Ruling]:
    by_id = {campaign.id: campaign for campaign in material.campaigns}
    for order in (*material.rules.person, *material.orders):
        if order.until_us <= material.now_us:
            continue
        if order.campaign is None:
            yield _ordered(order, order.account, order.organization, None, material)
        elif order.campaign in by_id:
            for subject in subjects(by_id[order.campaign], material.accounts):
                alone = None if subject.organization is not None else subject.all_accounts[0]
                yield _ordered(order, alone, subject.organization, by_id[order.campaign], material)


def _ordered(
    person: Person, account: str | None, organization: str | None, campaign: Campaign | None, material: Material
) -> Ruling:
    """A person's order about one account or one whole organisation."""
    order = Order(
        course=person.course,
        reason=person.reason,
        author=f"person {person.by}",
        expires_us=person.until_us,
        retry_after=person.retry_after,
        models=person.models,
        shadow=person.shadow or material.shadow,
        outranks_permit=True,
    )
    names = (account,) if account is not None else material.accounts.of.get(organization or "", ())
    named = {one.account: one.membership for one in campaign.accounts} if campaign is not None else {}
    subject = f"account {account}" if account is not None else f"organisation {organization}"
    case = Case(
        reference=person.case or case_reference(material.secret, subject, "person"),
        organization=organization,
        accounts=names,
        whole_organization=organization is not None,
        campaign=None if campaign is None else campaign.id,
        course=order.course,
        reason=order.reason,
        author=order.author,
        grounds=person.because,
        decided_us=material.now_us,
        expires_us=order.expires_us,
        shadow=order.shadow,
        weight_bits=None if campaign is None else campaign.weight_bits,
        membership=max((named.get(name, 0.0) for name in names), default=None) if campaign is not None else None,
    )
    matter = case.campaign
    return Ruling(order, case, tuple(Reached(name, named.get(name, 0.0), matter) for name in names))
