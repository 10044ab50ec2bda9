"""Stillwatch's own format (DESIGN section 4). Every other format is rewritten into it."""

from collections.abc import Iterable

from stillwatch.ingest.formats.format import Format, Raw
from stillwatch.ingest.settings import IngestSettings


def _matches(raw: Raw) -> bool:
    return "occurred_at" in raw or ("account" in raw and "request" in raw)


def _rewrite(raw: Raw, _: IngestSettings) -> Iterable[Raw]:
    return (raw,)


FORMAT = Format(name="stillwatch", title="Stillwatch exchange records", matches=_matches, rewrite=_rewrite)
