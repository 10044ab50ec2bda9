"""One byte string for one JSON value, so that a digest, a signature and a preview all speak of the same bytes.

The form: UTF-8 without escapes beyond those JSON demands, no spaces, object keys in order of their code points, every
key once, numbers as short as they can be written and still read back as the same number. It is what RFC 8785 (*JSON
Canonicalization Scheme*) writes for all that we emit: our keys and values are ASCII and our numbers small, where the
two orders of keys (code points here, UTF-16 units there) and the two spellings of numbers do not differ, except that a
whole number held as a float keeps its ``.0`` here.
"""

from math import isfinite
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(obj: Any) -> bytes:
    """The bytes of a decoded JSON value (objects, arrays, text, numbers, true, false, null; keys are text).

    Raises ``ValueError`` for what JSON cannot say: infinities and not-a-number, lone surrogates, objects of Python's
    own. Sets and dates, which the encoder would take, do not come from JSON and are not looked for.
    """
    try:
        body = _ENCODER.encode(obj)
    except (TypeError, OverflowError, UnicodeError, RecursionError) as error:
        raise ValueError(f"not a JSON value: {error}") from error
    if b"null" in body and not _finite(obj):  # the encoder writes null for them, and a reader would see nothing amiss
        raise ValueError("not a JSON value: infinity or not-a-number")
    return body


def _finite(value: Any) -> bool:
    """Whether every number in it is one."""
    match value:
        case float():
            return isfinite(value)
        case dict():
            return all(_finite(one) for one in value.values())
        case list() | tuple():
            return all(_finite(one) for one in value)
        case _:
            return True
