"""Counts as they may be told: the power of ten they lie in, never the number.

A number would be a usage total, and the same number from two members would join their books (DOMAIN section 5).
"""

from typing import Literal, get_args

#: ``0`` is its own bucket: nothing was served.
Bucket = Literal[
    "0", "1-9", "10-99", "100-999", "1000-9999", "10000-99999", "100000-999999", "1000000-9999999",
    "10000000-99999999", "100000000+",
]  # fmt: skip
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)


def bucket(count: int) -> Bucket:
    """The bucket of a count; a negative one is nothing."""
    return BUCKETS[min(len(str(count)), len(BUCKETS) - 1)] if count > 0 else BUCKETS[0]
