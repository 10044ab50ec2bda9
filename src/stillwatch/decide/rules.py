"""Local rules, readable TOML: which campaigns lead to which course, and what people decided by hand.

Rules are read from the top; the first that fits an organisation (or an account that stands alone) in a campaign
decides. Orders of people come before rules. A rule with a word that we do not know is refused as a whole: half a
condition would reach more people than its author meant. ``docs/decide.md`` says how to write them.
"""

from collections.abc import Iterable
from importlib.resources import files
from typing import Literal

import msgspec

from stillwatch.decide.course import COURSES, REASONS, Course
from stillwatch.decide.false_alarms import Record
from stillwatch.decide.permits import Manners
from stillwatch.decide.rings import Ring
from stillwatch.decide.times import DAY_US, end_us
from stillwatch.errors import UsageError
from stillwatch.vocabulary.campaigns import Level

Reach = Literal["members", "organisation"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. Every condition that is set must hold; ``because`` is the ground that staff and counsel read.

    ``membership_at_least`` is asked of the surest account of an organisation, and each account reached as a member
    must reach ``each_member_at_least``. ``organisation_share_at_least`` is the expected number of its accounts that
    belong, divided by the number of its accounts in the accounts file.
    """

    id: str
    because: str
    course: Course
    levels: tuple[Level, ...]
    membership_at_least: float = 0.5
    each_member_at_least: float = 0.5
    organisation_share_at_least: float = 0.0
    weight_bits_at_least: float | None = None
    p_value_at_most: float | None = None
    exchanges_at_least: int | None = None
    techniques: tuple[str, ...] | None = None  # any of them, each in at least `technique_share_at_least`
    technique_share_at_least: float = 0.5
    rings: tuple[str, ...] | None = None  # any of them; organisations in no registry are in the first ring
    models: tuple[str, ...] | None = None  # the course counts for these models only
    reach: Reach = "members"
    reason: str = "usage-under-review"
    expires_days: int = 30
    retry_after: int | None = None
    shadow: bool = False


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person decided about one account or organisation, or about all of a campaign. ``until`` as in permits."""

    by: str
    because: str
    course: Course
    until: str
    account: str | None = None
    organization: str | None = None
    campaign: str | None = None
    case: str | None = None  # keep this reference, so that an appeal and its outcome share one
    models: tuple[str, ...] | None = None
    reason: str = "decided-by-staff"
    retry_after: int | None = None
    shadow: bool = False

    @property
    def until_us(self) -> int:
        return end_us(self.until)


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of the detector's mistakes (``false_alarms``): false reports and all reports of a level, in weeks
    of known truth, and how far the memberships of a whole campaign may be off together, in logits.

    A level that is left out has the figures that the shipped rules measured: "0 of 0" would say that one report in two
    is false, which nobody measured.
    """

    act: tuple[int, int] | None = None
    review: tuple[int, int] | None = None
    membership_sigma: float = 1.0

    def __post_init__(self) -> None:
        given = [record for record in (self.act, self.review) if record is not None]
        if any(not 0 <= false <= reports for false, reports in given) or self.membership_sigma < 0:
            raise ValueError("calibration: false reports are among all reports, and membership_sigma is not negative")

    def records(self) -> dict[str, Record]:
        """False reports and all reports of each level, the shipped ones where these rules name none."""
        shipped = {} if not self.assumed() else load(shipped_text()).calibration.records()
        given = {"act": self.act, "review": self.review}
        return {level: shipped[level] if record is None else Record(*record) for level, record in given.items()}

    def assumed(self) -> tuple[Level, ...]:
        """Levels of which these rules say nothing, so that the shipped figures stand in."""
        given: tuple[tuple[Level, tuple[int, int] | None], ...] = (("act", self.act), ("review", self.review))
        return tuple(level for level, record in given if record is None)


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rules file. ``stale_hours``: a table older than that raises an alarm at the gateway."""

    name: str = "local"
    stale_hours: float = 48
    permit_warn_days: int = 14  # a permit that ends within so many days warns its holder
    permit_warn_share: float = 0.9  # ... or of whose volume so much is used
    permit_grace_days: int = 7  # a permit that has ended still covers for so long, with a warning
    calibration: Calibration = Calibration()
    rule: tuple[Rule, ...] = ()
    person: tuple[Person, ...] = ()
    ring: tuple[Ring, ...] = ()


def manners(rules: Rules) -> Manners:
    """When permits warn under these rules."""
    return Manners(
        warn_us=rules.permit_warn_days * DAY_US,
        warn_share=rules.permit_warn_share,
        grace_us=rules.permit_grace_days * DAY_US,
    )


def load(text: str) -> Rules:
    """Rules from TOML. Raises ``UsageError`` that says what to mend."""
    try:
        # TOML has dates of its own: until = 2026-08-03 means what until = "2026-08-03" means.
        rules = msgspec.convert(msgspec.to_builtins(msgspec.toml.decode(text.encode())), type=Rules)
        _check(rules)
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise UsageError(f"the rules can't be used: {error}") from error
    return rules


def orders(lines: Iterable[bytes], *, file: str = "orders") -> tuple[Person, ...]:
    """Orders of people from JSON Lines: what programs write (outcomes of appeals), where people write TOML.

    Raises ``UsageError`` with the line.
    """
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(msgspec.json.decode(line, type=Person))
                _check_person(found[-1])
            except (msgspec.MsgspecError, ValueError) as error:
                raise UsageError(f"{file}, line {number}: {error}") from error
    return tuple(found)


def shipped_text() -> str:
    """The rules that come with Stillwatch, as TOML."""
    return files("stillwatch.decide").joinpath("rules.toml").read_text("utf-8")


def _check(rules: Rules) -> None:
    names = [rule.id for rule in rules.rule]
    if len(set(names)) < len(names):
        raise ValueError("two rules have the same id")
    if not 0 < rules.permit_warn_share <= 1 or min(rules.permit_warn_days, rules.permit_grace_days) < 0:
        raise ValueError("permit_warn_share lies above 0 and up to 1, and days are not negative")
    if not 0 < rules.stale_hours <= 8760:
        raise ValueError("stale_hours lies above 0 and up to a year, 8760")
    known = {ring.name for ring in rules.ring}
    if len(known) < len(rules.ring):
        raise ValueError("two rings have the same name")
    for rule in rules.rule:
        _check_rule(rule, known)
    for order in rules.person:
        _check_person(order)


def _check_rule(rule: Rule, rings: set[str]) -> None:
    where = f"rule {rule.id}"
    if not rule.id.strip() or not rule.because.strip():
        raise ValueError(f"{where}: it needs an id and says why (because)")
    if not rule.levels:
        raise ValueError(f"{where}: levels is empty, so it would never fit")
    shares = (rule.membership_at_least, rule.each_member_at_least, rule.organisation_share_at_least)
    if not all(0 <= share <= 1 for share in (*shares, rule.technique_share_at_least)):
        raise ValueError(f"{where}: shares and memberships lie in 0..1")
    if rule.expires_days < 1 or rule.expires_days > 366:
        raise ValueError(f"{where}: expires_days is 1 to 366: a decision that is not looked at again ends")
    if rule.rings is not None and (unknown := sorted(set(rule.rings) - rings)):
        raise ValueError(f"{where}: there is no ring {', '.join(unknown)}")
    if rule.levels != ("act",) and rule.course not in ("allow", "notice") and not rule.shadow:
        # DESIGN section 5: only `act` is for decisions without a person first.
        raise ValueError(
            f"{where}: {rule.course} at {', '.join(rule.levels)} needs a person first; write a [[person]] order, "
            "or shadow = true"
        )
    _check_words(where, rule.course, rule.reason, rule.retry_after)


def _check_person(order: Person) -> None:
    where = f"the order by {order.by or 'nobody'}"
    if not order.by.strip() or not order.because.strip():
        raise ValueError(f"{where}: it names who decided (by) and why (because)")
    if order.case is not None and order.campaign is not None:
        raise ValueError(f"{where}: a campaign has many cases; name the account or the organization")
    if sum(name is not None for name in (order.account, order.organization, order.campaign)) != 1:
        raise ValueError(f"{where}: it is about one of account, organization, campaign")
    try:
        order.until_us  # noqa: B018  parsed here, so that compiling can't fail on it
    except ValueError as error:
        raise ValueError(f"{where}: until: {error}") from error
    _check_words(where, order.course, order.reason, order.retry_after)


def _check_words(where: str, course: Course, reason: str, retry_after: int | None) -> None:
    if reason not in REASONS:
        raise ValueError(f"{where}: no reason code {reason}; it is one of {', '.join(REASONS)}")
    if retry_after is not None and (course != "throttle" or retry_after < 1):
        raise ValueError(f"{where}: retry_after is for {COURSES[2]}, and at least 1 second")
