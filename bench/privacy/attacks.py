"""A party that tries a dictionary on all it saw, with all it can compute. The same code, whoever it is.

For each candidate the reader computes everything that the other side could have left behind: the identifier's bytes and
plain digests, its group element, that element times every factor the reader has or can make of its factors, and the tag
and the label that would follow from each of these. Then it looks whether any of it stands in what it saw. With both
keys among the factors this finds everything, which shows that the search itself works.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b, md5, sha1, sha256, sha512

import msgspec

from stillwatch.match.group import ONE, Scalar, inverse, product, times
from stillwatch.match.identifiers import Identifier
from stillwatch.match.member import context
from stillwatch.match.threshold import label_of
from stillwatch.match.voprf import finalize, hash_to_group

_WIDTHS = (16, 32)
_DIGESTS = (md5, sha1, sha256, sha512, blake2b)


class Reader:
    """What somebody saw (``messages``: bytes as they went over the wire) and the ``factors`` it can multiply with."""

    def __init__(self, messages: Iterable[bytes], factors: Sequence[Scalar], *, place: bytes, threshold: int) -> None:
        self.seen = frozenset(piece for message in messages for piece in _pieces(msgspec.msgpack.decode(message)))
        self.factors = tuple(dict.fromkeys(factors))
        self._place, self._threshold = place, threshold

    def search(self, dictionary: Iterable[Identifier]) -> set[Identifier]:
        """The candidates of which something stands in what was seen."""
        return {each for each in dictionary if not self.seen.isdisjoint(self.traces(each))}

    def traces(self, candidate: Identifier) -> Iterator[bytes]:
        """All that could show that the candidate was there."""
        for text in (candidate.value, candidate.message):
            yield text
            for digest in _DIGESTS:
                for width in _WIDTHS:
                    yield digest(text).digest()[:width]
        element = hash_to_group(candidate.message)
        for factor in self.factors:
            evaluated = times(factor, element)
            tag = finalize(self._place, evaluated)
            yield from (bytes(evaluated), tag[:16], tag[:32], label_of(tag, self._threshold))


def alone(key: Scalar) -> list[Scalar]:
    """What one holder can multiply with: its key, one over it, its square, and nothing."""
    return [key, ONE, inverse(key), product(key, key)]


def together(one: Scalar, other: Scalar) -> list[Scalar]:
    """What both holders can multiply with if they break their word."""
    return [product(one, other)]


def place_of(epoch_forum: str, epoch: str, kind: str) -> bytes:
    """What a tag is finalized with."""
    return context(epoch_forum, epoch, kind)


def _pieces(decoded: object) -> Iterator[bytes]:
    """Every column of a message cut into 16 and 32 bytes, and every text and byte string whole."""
    if isinstance(decoded, list):
        for each in decoded:
            yield from _pieces(each)
    elif isinstance(decoded, str):
        yield decoded.encode()
    elif isinstance(decoded, bytes):
        yield decoded
        for width in _WIDTHS:
            yield from (decoded[start : start + width] for start in range(0, len(decoded), width))
