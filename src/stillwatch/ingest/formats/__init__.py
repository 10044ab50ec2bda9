"""The log formats, as a plain list. ``docs/recipes/add-a-log-format.md`` says how to add one."""

from stillwatch.ingest.formats import bedrock, litellm, otel, own
from stillwatch.ingest.formats.format import Format

FORMATS: tuple[Format, ...] = (own.FORMAT, litellm.FORMAT, otel.FORMAT, bedrock.FORMAT)

BY_NAME: dict[str, Format] = {format_.name: format_ for format_ in FORMATS}

__all__ = ["BY_NAME", "FORMATS", "Format"]
