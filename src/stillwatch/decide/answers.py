"""From a table's entry to a decision about one request: expiry, models, permits and rings, in that order of asking.

This is the part that runs inside every request, so it is written for speed: no allocation but the answer itself, and
the common case (an order that stands) ends after one comparison. It reads nothing: an adapter looks the entry up.
"""

from collections.abc import Callable, Mapping, Sequence

from stillwatch.decide.course import STRICTNESS
from stillwatch.decide.decision import Decision
from stillwatch.decide.order import Order
from stillwatch.decide.permits import Counter, Manners, Permit, Standing
from stillwatch.decide.rings import Ring

#: How many model names are remembered: callers choose the names, so there may be no end of them.
_REMEMBERED = 1024
_WARNINGS: Mapping[Standing, str] = {
    "ends-soon": "permit-ends-soon",
    "nearly-used": "permit-nearly-used",
    "ended": "permit-ended",
    "used-up": "permit-used-up",
}


class Answers:
    """Decisions from one table's orders, permits and rings."""

    def __init__(
        self,
        version: str,
        orders: Sequence[Order],
        permits: Sequence[Permit],
        manners: Manners,
        rings: Sequence[Ring],
        counter: Counter,
        ring_of: Callable[[str, str | None, int], int],
    ) -> None:
        """``ring_of`` gives the index of the ring of an account and its organisation, as far as the request names
        it, at a moment; 0 for one that is in no registry."""
        self.version = version
        self.allowed = Decision("allow", "ordinary", "", None, version)
        self.orders = tuple(orders)
        self.permits = tuple(permits)
        self.rings = tuple(rings)
        self._manners = manners
        self._counter = counter
        self._ring_of = ring_of
        self._by_account = _by_account(permits)
        self._by_organization = _by_organization(permits)
        self._restricted = any("*" not in ring.models or ring.reasoning != "full" for ring in rings)
        #: Models that every ring may use with their reasoning in full: of a request without a model nothing is asked.
        self.free: set[str | None] = {None}
        #: Who holds a permit of any kind: accounts, organisations.
        self.holders = (frozenset(self._by_account), frozenset(self._by_organization))
        #: No ring keeps anything back, so of no model anything is asked.
        self.open = not self._restricted

    def of(
        self,
        order: Order | None,
        case: str,
        account: str,
        organization: str | None,
        model: str | None,
        now_us: int,
    ) -> Decision:
        """The decision for a request that stands under ``order`` (``None``: under none) with the reference ``case``."""
        if order is not None and (
            now_us >= order.expires_us or (order.models is not None and model not in order.models)
        ):
            order = None
        warning = None
        if (
            self.permits
            and (account in self._by_account or organization in self._by_organization)
            and (order is None or not order.outranks_permit)
        ):
            answer = self._permitted(account, organization, model, now_us)
            if isinstance(answer, Decision):
                return answer
            warning = answer
        if self._restricted and model is not None and model not in self.free:
            ringed = self._ringed(order, account, organization, model, now_us)
            if ringed is not None:
                return ringed
        if order is None:
            if warning is None:
                return self.allowed
            return Decision("allow", "ordinary", "", None, self.version, warning=warning)
        return Decision(
            order.course, order.reason, case, order.expires_us, self.version, order.retry_after, order.shadow,
            None, warning, order.covert,
        )  # fmt: skip

    def _permitted(
        self, account: str, organization: str | None, model: str | None, now_us: int
    ) -> Decision | str | None:
        """The decision where a permit covers; else a warning for its holder, if there is one to give."""
        held = self._by_account.get(account, ())
        if organization is not None:
            held = (*held, *self._by_organization.get(organization, ()))
        lapsed = None
        for permit in held:
            standing = permit.standing(model, self._counter.used(permit.reference), now_us, self._manners)
            if standing == "none":
                continue
            if standing == "used-up":
                lapsed = _WARNINGS[standing]
                continue
            warning = _WARNINGS.get(standing)
            if warning is None:
                return Decision("allow", "permit", "", permit.until_us, self.version, permit=permit.reference)
            return Decision(
                "notice", warning, "", permit.until_us, self.version, permit=permit.reference, warning=warning
            )
        return lapsed

    def _ringed(
        self, order: Order | None, account: str, organization: str | None, model: str, now_us: int
    ) -> Decision | None:
        """What the access ring says, where that is stricter than the order."""
        if all(ring.may_use(model) and ring.reasoning == "full" for ring in self.rings):
            if len(self.free) < _REMEMBERED:
                self.free.add(model)
            return None
        ring = self._ring_of(account, organization, now_us)
        before = -1 if order is None or order.shadow else STRICTNESS[order.course]
        if not self.rings[ring].may_use(model):
            if before >= STRICTNESS["refuse"]:
                return None
            return Decision("refuse", "access-ring", "", None, self.version)
        if self.rings[ring].reasoning != "full" and before < STRICTNESS["reduce-reasoning"]:
            return Decision("reduce-reasoning", "access-ring-reasoning", "", None, self.version)
        return None


def _by_account(permits: Sequence[Permit]) -> dict[str, tuple[Permit, ...]]:
    found: dict[str, tuple[Permit, ...]] = {}
    for permit in permits:
        for account in permit.accounts or ():
            found[account] = (*found.get(account, ()), permit)
    return found


def _by_organization(permits: Sequence[Permit]) -> dict[str, tuple[Permit, ...]]:
    """A permit that lists accounts is for those alone, whatever organisation it names (as the scan has it)."""
    found: dict[str, tuple[Permit, ...]] = {}
    for permit in permits:
        if permit.accounts is None and permit.organization is not None:
            found[permit.organization] = (*found.get(permit.organization, ()), permit)
    return found
