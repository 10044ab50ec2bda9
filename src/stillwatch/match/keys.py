"""A holder's keys: one for each epoch and identifier type, made from a seed, published, used, destroyed.

Destroying overwrites the bytes that this object holds. Python may have copied them before (as an argument, in a cache),
and what was written to a disk is the store's affair: docs/match.md says what that leaves open.
"""

from stillwatch.match.faults import StaleEpochError
from stillwatch.match.group import SIZE, Point, Scalar, base, inverse, product, scalar
from stillwatch.match.voprf import derive_key


class HolderKey:
    """One holder's factor for one ``epoch`` and one identifier type (``kind``), with the public key that proves it."""

    __slots__ = ("_secret", "epoch", "kind", "public")

    def __init__(self, epoch: str, kind: str, secret: Scalar) -> None:
        self.epoch = epoch
        self.kind = kind
        self.public: Point = base(secret)
        self._secret = bytearray(secret)

    @classmethod
    def generated(cls, epoch: str, kind: str, seed: bytes) -> "HolderKey":
        """A new key from 32 fresh secret bytes. The same seed and names give the same key."""
        return cls(epoch, kind, derive_key(seed, f"stillwatch match v1|{epoch}|{kind}".encode()))

    @property
    def secret(self) -> Scalar:
        """The factor. ``StaleEpochError`` once it is destroyed."""
        if self.destroyed:
            raise StaleEpochError(f"the key of {self.kind} in {self.epoch} is destroyed")
        return scalar(bytes(self._secret))

    @property
    def destroyed(self) -> bool:
        """Whether the factor is gone."""
        return not any(self._secret)

    def destroy(self) -> None:
        """Overwrite the factor. From here on nobody makes or moves a tag of this epoch, this holder included."""
        self._secret[:] = bytes(SIZE)

    def step_from(self, old: "HolderKey") -> Scalar:
        """The factor that turns an evaluation under ``old`` into one under this key: new key over old key."""
        return product(self.secret, inverse(old.secret))
