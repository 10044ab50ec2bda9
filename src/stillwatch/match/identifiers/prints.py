"""What they left: payment prints, client shapes, sign-up prints, fingerprints of templates.

A payment print is what the processor issues in place of a card number. A card number itself must never enter, hashed or
not: there are few enough to try them all. What is written as one is refused (length and check digit of ISO/IEC 7812-1
Annex B, "Luhn"). A bare hash of one can't be recognised; docs/identifiers.md says so.
"""

import re
from typing import Final

from stillwatch.match.identifiers.spelling import Unspelt

#: Issued values: no white space, no @ (an e-mail address is a type of its own), case kept.
_ISSUED = re.compile(r"[A-Za-z0-9._:+/=-]{4,128}", re.ASCII).fullmatch
#: Thirteen to nineteen digits, in groups or not, that no further digit touches, nor a letter on the right.
_DIGITS = re.compile(
    r"(?<![0-9])(?<![0-9][ .-])[0-9](?:[ .-]?[0-9]){12,18}(?![ .-]?[0-9])(?![A-Za-z])", re.ASCII
).finditer
#: Groups as cards have them (4-4-4-n, 4-6-5) with whatever stands between, each time the same.
_GROUPED = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{4}(?:([^0-9A-Za-z]{1,3})[0-9]{4}\1[0-9]{4}\1[0-9]{1,7}|([^0-9A-Za-z]{1,3})[0-9]{6}\2[0-9]{4,5})"
    r"(?![0-9A-Za-z])",
    re.ASCII,
).finditer
#: What stands right before such digits and makes them part of a computed word: hexadecimal, or letters and figures.
_COMPUTED = re.compile(r"(?:^|[^0-9A-Za-z])(?:[0-9a-fA-F]+|(?=[A-Za-z]*[0-9])[0-9A-Za-z]+)$", re.ASCII).search
_PHONE = re.compile(r"\+?[0-9](?:[ .-]?[0-9]){5,14}", re.ASCII).fullmatch
_TLS = re.compile(r"[a-z0-9_.,-]{4,128}", re.ASCII).fullmatch
_HEADER = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,64}", re.ASCII).fullmatch
_TEMPLATE = re.compile(r"[0-9a-f]{16}", re.ASCII).fullmatch
#: Fewer headers than this are the shape of half the world.
FEWEST_HEADERS: Final = 3


def payment(value: str) -> str:
    """The processor's own print of a means of payment, as issued; case counts."""
    if _names_a_card(value):
        raise Unspelt("is or holds a card number: use the processor's fingerprint or the PAR instead, never a number")
    return _issued(value)


def signup(value: str) -> str:
    """The print that a sign-up form's vendor issued for a device or a registration, as issued; case counts."""
    if _PHONE(value) is not None:
        raise Unspelt("reads as a telephone number: use the print that your sign-up vendor issued")
    if _names_a_card(value):
        raise Unspelt("is or holds a card number: use the print that your sign-up vendor issued")
    return _issued(value)


def client_shape(value: str) -> str:
    """TLS print and header names in the order received: ``t13d1516h2_…|host,user-agent,accept``. ``shape`` makes it."""
    tls, bar, headers = value.lower().partition("|")
    names = [name.strip() for name in headers.split(",")]
    if not bar or _TLS(tls.strip()) is None or not all(_HEADER(name) for name in names):
        raise Unspelt("is not TLS print, bar, header names with commas between")
    if len(names) < FEWEST_HEADERS:
        raise Unspelt(f"has fewer than {FEWEST_HEADERS} headers: that is the shape of very many clients")
    return f"{tls.strip()}|{','.join(names)}"


def shape(tls: str, headers: str) -> str:
    """A client shape's text out of the two columns of an exchange (``tls``, ``header_names``)."""
    return f"{tls}|{headers}"


def template(value: str) -> str:
    """A public 64-bit fingerprint of a template as 16 hexadecimal digits; 0 means "absent" and is refused."""
    digits = value.lower().removeprefix("0x")
    if _TEMPLATE(digits) is None or int(digits, 16) == 0:
        raise Unspelt("is not 16 hexadecimal digits, or nought")
    return digits


def _issued(value: str) -> str:
    if _ISSUED(value) is None:
        raise Unspelt("is not 4 to 128 letters, figures and ._:+/=- as a processor or vendor issues")
    return value


def _names_a_card(value: str) -> bool:
    """Whether a card number is written in it. Honest hexadecimal prints and UUIDs: wronged once in 5,000 at most."""
    for found in _DIGITS(value):
        digits = re.sub("[ .-]", "", found[0])
        if _luhn(digits) and _COMPUTED(value[: found.start()]) is None:
            return True
    return any(_luhn(re.sub("[^0-9]", "", found[0])) for found in _GROUPED(value))


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0 and digits[0] != "0"
