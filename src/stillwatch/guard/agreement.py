"""Sharing agreements: readable TOML, one clause per rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """A sharing agreement. ``schema`` is ``closed`` or ``open-stix``."""

    name: str
    version: str
    schema: str


def load(text: str) -> Agreement:
    """An agreement from TOML. Raises ``UsageError`` that says what to mend."""
    raise NotImplementedError


def shipped(name: str) -> Agreement:
    """One of the agreements that come with Stillwatch: threat-signatures, open-stix, government, empty."""
    raise NotImplementedError
