"""How the report writes numbers, times and other people's strings.

Names of accounts, clients and entities come from whoever made the traffic. ``harmless`` takes out what could move a
cursor, break XML or turn the direction of the text around; escaping is left to Jinja and to the SVG writer.
"""

import unicodedata
from typing import TypeVar

import msgspec

from stillwatch.vocabulary.times import instant

S = TypeVar("S", bound=msgspec.Struct)

#: Embeddings, overrides and isolates (UAX 9): they could make one account name read as another.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def harmless(text: str) -> str:
    """``text`` with control characters, lone surrogates and changes of direction shown as U+FFFD."""
    return "".join(
        "\ufffd"
        if character in _DIRECTIONS or unicodedata.category(character) in ("Cc", "Cs", "Cn", "Zl", "Zp")
        else character
        for character in text
    )


def made_harmless(value: S) -> S:
    """The same struct with every string in it made harmless, so that no later step can forget to."""
    return msgspec.convert(_walk(msgspec.to_builtins(value)), type(value))


def _walk(value: object) -> object:
    match value:
        case str():
            return harmless(value)
        case list() | tuple():
            return [_walk(item) for item in value]
        case dict():
            return {_walk(key): _walk(item) for key, item in value.items()}
        case _:
            return value


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` characters; both ends stay, since serial names differ at the end."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 3
    return f"{text[: limit - 1 - tail]}…{text[-tail:]}" if tail else f"{text[: limit - 1]}…"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 account``, ``2,000 accounts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def compact(number: float) -> str:
    """Three figures at most: ``817``, ``1.2k``, ``52k``, ``151M``."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= size * 0.9995:
            scaled = number / size
            return f"{scaled:.1f}".removesuffix(".0") + unit if abs(scaled) < 9.95 else f"{scaled:.0f}{unit}"
    return f"{number:.0f}"


def bits(weight: float, *, signed: bool = False) -> str:
    """One decimal and a true minus sign."""
    rounded = round(weight, 1) + 0.0
    text = f"{abs(rounded):,.1f}"
    return ("−" if rounded < 0 else "+" if signed and rounded > 0 else "") + text


def percent(share: float) -> str:
    """Whole percentages; what is there but small is never shown as nothing, nor what is missing as all."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{share * 100:.0f}%"


def p_value(value: float | None) -> str:
    if value is None:
        return "not computed"
    if value >= 0.001:
        return f"{value:.3f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(_RAISED)}"


def day(text: str | None) -> str:
    if text is None:
        return "unknown"
    moment = instant(text)
    return f"{moment.day} {moment:%b %Y}"


def minute(text: str | None) -> str:
    return "unknown" if text is None else f"{day(text)}, {instant(text):%H:%M} UTC"


def period(first: str | None, last: str | None) -> str:
    """``1 Jul 2026, 00:00 UTC to 8 Jul 2026, 12:30 UTC``."""
    return "no time known" if first is None or last is None else f"{minute(first)} to {minute(last)}"


def lasted(first: str, last: str) -> str:
    """The length of a stretch of time in the largest two units."""
    minutes = max(0, int((instant(last) - instant(first)).total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, mins = divmod(rest, 60)
    parts = [counted(days, "day"), counted(hours, "hour"), counted(mins, "minute")]
    kept = [part for part in parts if not part.startswith("0 ")][:2]
    return " and ".join(kept) if kept else "less than a minute"


def title(identifier: str) -> str:
    """``shared-rare-fingerprint`` → ``Shared rare fingerprint``."""
    words = identifier.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
