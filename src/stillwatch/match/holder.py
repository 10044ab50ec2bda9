"""A key holder's part: multiply points by the key of their epoch and type, and prove it. The forum is one, the trustee
the other; they run the same code under different keys.

The holder sees blinded points only: uniformly distributed, whatever was blinded. It answers nothing without a receipt
that its own ledger holds the commitment to exactly this request. Who asks, and within what budget, is settled before
(``match.budget``, apps): each holder for itself.
"""

from collections.abc import Iterable

from stillwatch.match.faults import MalformedError, RefusedError, StaleEpochError
from stillwatch.match.group import GENERATOR, Point, Scalar, columns, point, times
from stillwatch.match.keys import HolderKey
from stillwatch.match.proofs import nonce_for, prove
from stillwatch.match.wire import Check, Checked, Evaluate, Evaluated, Receipt, commitment


class Holder:
    """The keys of one holder, and the digests of the epochs that members must have consented to."""

    def __init__(self, keys: Iterable[HolderKey], consents: dict[str, bytes]) -> None:
        self._keys = {(key.epoch, key.kind): key for key in keys}
        self._consents = consents

    def answer(self, asked: Evaluate | Check, receipt: Receipt, entropy: bytes) -> Evaluated | Checked:
        """The answer to one request. ``entropy``: 32 fresh random bytes.

        Raises ``MalformedError`` (points), ``StaleEpochError`` (no such key, or destroyed), ``RefusedError`` (the
        member consented to another description of the epoch; the receipt is for something else).
        """
        if receipt.digest != commitment(asked):
            raise RefusedError("no-commitment", "the ledger holds no commitment to this request; nothing is answered")
        factor, public, generator = self._factor(asked)
        nonce = nonce_for(factor, receipt.digest, entropy)
        if isinstance(asked, Check):
            item = point(asked.point)
            done = times(factor, item)
            proof = prove(factor, public, [item], [done], nonce=nonce, generator=generator)
            return Checked(asked.session, done, receipt, proof)
        if asked.consent != self._consents.get(asked.epoch):
            raise RefusedError("consent", f"this is not the description of epoch {asked.epoch} that is in force here")
        items = columns(asked.points)
        results = [times(factor, item) for item in items]  # refuses the identity and what is no point
        if not asked.audit:
            return Evaluated(asked.session, b"".join(results), receipt)
        checked = [Point(item) for item in items]
        proof = prove(factor, public, checked, results, nonce=nonce, generator=generator)
        return Evaluated(asked.session, b"".join(results), receipt, proof)

    def _factor(self, asked: Evaluate | Check) -> tuple[Scalar, Point, Point]:
        """The factor for this request, and the pair of points whose ratio it is: key, or new key over old key."""
        new = self._key(asked.epoch, asked.kind)
        if not asked.since:
            return new.secret, new.public, GENERATOR
        if asked.since == asked.epoch:
            raise MalformedError("an epoch can't follow itself")
        old = self._key(asked.since, asked.kind)
        return new.step_from(old), new.public, old.public

    def _key(self, epoch: str, kind: str) -> HolderKey:
        try:
            return self._keys[epoch, kind]
        except KeyError:
            raise StaleEpochError(f"there is no key for {kind} in {epoch} here") from None
