"""Kinds of value in STIX 2.1: what a string, a timestamp or an identifier must look like.

A check takes a decoded JSON value and returns ``None``, or what is wrong with it as the rest of a sentence that begins
with the property's name: ``" is not a string"``, ``"[2] is not an identifier"``, ``".name is missing"``. Values are
never repeated in a message: they come from strangers and may be confidential.

Source: STIX Version 2.1, OASIS Standard, part 2 (common data types) and section 3.1 (property names).
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Check = Callable[[Any], str | None]

#: Integers must survive a trip through an IEEE 754 double (part 2.7).
_LARGEST = 2**53 - 1

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_TIMESTAMP = re.compile(
    r"(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-9]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z"
).fullmatch


def string(value: Any) -> str | None:
    """Any string, the empty one too."""
    return None if type(value) is str else " is not a string"


def boolean(value: Any) -> str | None:
    """``true`` or ``false``."""
    return None if type(value) is bool else " is not true or false"


def number(value: Any) -> str | None:
    """An integer or a fraction."""
    return None if type(value) is float or type(value) is int else " is not a number"


def integer(low: int = -_LARGEST, high: int = _LARGEST) -> Check:
    """An integer from ``low`` to ``high``, both included."""

    def check(value: Any) -> str | None:
        if type(value) is not int:
            return " is not an integer"
        return None if low <= value <= high else f" is not between {low} and {high}"

    return check


_any_integer = integer()


def text_or_integer(value: Any) -> str | None:
    """A string or an integer."""
    return string(value) and _any_integer(value) and " is neither a string nor an integer"


def fraction(low: float, high: float) -> Check:
    """A number from ``low`` to ``high``, both included."""

    def check(value: Any) -> str | None:
        return number(value) or (None if low <= value <= high else f" is not between {low} and {high}")

    return check


def alike(check: Check, names: str) -> dict[str, Check]:
    """The same check for each of ``names``, parted by spaces."""
    return dict.fromkeys(names.split(), check)


def one_of(*allowed: Any) -> Check:
    """One value of a closed vocabulary."""
    known = frozenset(allowed)

    def check(value: Any) -> str | None:
        return None if type(value) is str and value in known else f" is not one of {', '.join(sorted(known))}"

    return check


def matching(pattern: str, what: str) -> Check:
    """A string that matches ``pattern`` from end to end."""
    full = re.compile(pattern).fullmatch

    def check(value: Any) -> str | None:
        return None if type(value) is str and full(value) is not None else f" is not {what}"

    return check


def anything(value: Any) -> str | None:
    """What a property that STIX does not define may hold: anything but null and the empty list (3.1, 2.11)."""
    if value is None:
        return " is null: leave it out instead"
    return " is an empty list: leave it out instead" if type(value) is list and not value else None


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def timestamp(value: Any) -> str | None:
    """RFC 3339 in UTC with a ``Z``, of a day that exists (2.16)."""
    if type(value) is str and _TIMESTAMP(value) is not None and (value[5:10] != "02-29" or _leap(int(value[:4]))):
        return None
    return " is not a timestamp (RFC 3339, ending in Z)"


def precise_timestamp(value: Any) -> str | None:
    """A timestamp with milliseconds at least, as ``created`` and ``modified`` need (3.2)."""
    if timestamp(value) is None:
        return None if len(value) >= 24 else " has no milliseconds"
    return " is not a timestamp (RFC 3339, ending in Z)"


def moment(value: str) -> str:
    """A valid timestamp in a form that sorts as time does: 12:00:00Z before 12:00:00.1Z, .10 the same as .1."""
    return value[:-1].rstrip("0").rstrip(".") if "." in value else value[:-1]


def identifier(*types: str) -> Check:
    """An identifier ``type--UUID`` (2.9), of one of ``types``, of any type if none is named."""
    head = "|".join(types) if types else "[a-z][a-z0-9-]+[a-z0-9]"
    what = f"the identifier of a {' or '.join(types)}" if types else "an identifier (type--UUID)"
    return matching(f"(?:{head})--{_UUID}", what)


def identifier_but(*types: str) -> Check:
    """An identifier of any type but ``types``."""
    heads = tuple(f"{name}--" for name in types)
    well_formed = identifier()

    def check(value: Any) -> str | None:
        return well_formed(value) or (f" is of a type that may not stand here: {value.split('--')[0]}"
                                      if value.startswith(heads) else None)  # fmt: skip

    return check


def listed(item: Check) -> Check:
    """A list of at least one value, each as ``item`` says (2.11)."""

    def check(value: Any) -> str | None:
        if type(value) is not list:
            return " is not a list"
        if not value:
            return " is an empty list: leave it out instead"
        for place, one in enumerate(value):
            if (fault := item(one)) is not None:
                return f"[{place}]{fault}"
        return None

    return check


def record(
    properties: Mapping[str, Check], required: Iterable[str] = (), some_of: Iterable[str] = (), closed: bool = False
) -> Check:
    """An object: known properties as they say, ``required`` present, at least one of ``some_of``.

    ``closed`` forbids properties that are not listed. Otherwise they may hold anything.
    """
    needed, wanted = tuple(required), tuple(some_of)

    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return " is not an object"
        for name in needed:
            if name not in value:
                return f".{name} is missing"
        if wanted and not any(name in value for name in wanted):
            return f" has none of {', '.join(wanted)}"
        for name, one in value.items():
            rule = properties.get(name)
            if rule is None and closed:
                return " has a property that may not stand here"
            fault = (rule or anything)(one)
            if fault is not None:
                return f".{name if rule is not None else '?'}{fault}"
        return None

    return check


def dictionary(item: Check = anything, key: str = "[a-zA-Z0-9_-]{0,250}") -> Check:
    """A dictionary of at least one entry (2.3): keys that match ``key``, values as ``item`` says."""
    good = re.compile(key).fullmatch

    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return " is not an object"
        if not value:
            return " is empty: leave it out instead"
        for name, one in value.items():
            if good(name) is None:
                return " has a key of a form that may not stand here"
            if (fault := item(one)) is not None:
                return f": an entry{fault}"
        return None

    return check


binary = matching(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)", "base64")
hexadecimal = matching(r"(?:[a-fA-F0-9]{2})+", "hexadecimal of whole bytes")

#: RFC 5646 section 2.1, well-formed; whether a subtag is registered is not looked up.
language = matching(
    r"(?:[a-zA-Z]{2,3}(?:-[a-zA-Z]{3}){0,3}|[a-zA-Z]{4,8})(?:-[a-zA-Z]{4})?(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*(?:-[0-9a-wy-zA-WY-Z](?:-[a-zA-Z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-zA-Z0-9]{1,8})+)?|x(?:-[a-zA-Z0-9]{1,8})+",
    "a language tag (RFC 5646)",
)

#: RFC 3986 section 3, by its characters; letters beyond ASCII as RFC 3987 allows them.
url = matching(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=\u00a0-\U0010ffff-]|%[0-9A-Fa-f]{2})*",
    "a URI (RFC 3986)",
)

#: IANA's "Template" column, by its form.
media_type = matching(
    r"(?:application|audio|font|image|message|model|multipart|text|video)/[a-zA-Z0-9.+_-]+", "a media type"
)
character_set = matching(r"[a-zA-Z0-9/.+_:-]{2,250}", "a character set of IANA's list")
mac_address = matching(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "a MAC address (lower case, colons)")

#: RFC 5322 addr-spec without comments and quoted local parts.
email_address = matching(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9\u00a0-\U0010ffff-]+(?:\.[a-zA-Z0-9\u00a0-\U0010ffff-]+)+",
    "an e-mail address",
)

_label = r"(?!-)[a-zA-Z0-9\u00a1-\U0010ffff-]{1,63}(?<!-)"
_host_name = re.compile(rf"(?:{_label}\.)*{_label}\.?").fullmatch


def domain_name(value: Any) -> str | None:
    """RFC 1034 section 3.5, or an internationalised name (RFC 5890) by its form."""
    good = type(value) is str and len(value) <= 253 and _host_name(value) is not None
    return None if good else " is not a domain name"


ipv4 = matching(
    r"(?:(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
    r"(?:/(?:3[0-2]|[12][0-9]|[0-9]))?",
    "an IPv4 address or CIDR block",
)
_PREFIX = re.compile(r"12[0-8]|1[01][0-9]|[1-9]?[0-9]").fullmatch


def ipv6(value: Any) -> str | None:
    """An IPv6 address or CIDR block."""
    if type(value) is str:
        address, slash, prefix = value.partition("/")
        try:
            ipaddress.IPv6Address(address)
        except ValueError:
            return " is not an IPv6 address or CIDR block"
        if not slash or _PREFIX(prefix) is not None:
            return None
    return " is not an IPv6 address or CIDR block"


_PLAIN = r"(?:[a-zA-Z0-9._-]|\\[^a-zA-Z0-9\s])+"
_ATTRIBUTE = rf"(?:[*-]|(?:\?*|\*?){_PLAIN}(?:\?*|\*?))"

#: NIST IR 7695, section 6.2: the formatted string binding.
cpe = matching(rf"cpe:2\.3:[aho*-](?::{_ATTRIBUTE}){{5}}:(?:[a-zA-Z]{{2,3}}(?:-(?:[a-zA-Z]{{2}}|[0-9]{{3}}))?|[*-])"
               rf"(?::{_ATTRIBUTE}){{4}}", "a CPE 2.3 formatted string")  # fmt: skip

_HASH_FORMS: dict[str, Check] = {
    "MD5": matching("[a-fA-F0-9]{32}", "an MD5 digest"),
    "SHA-1": matching("[a-fA-F0-9]{40}", "a SHA-1 digest"),
    "SHA-256": matching("[a-fA-F0-9]{64}", "a SHA-256 digest"),
    "SHA-512": matching("[a-fA-F0-9]{128}", "a SHA-512 digest"),
    "SHA3-256": matching("[a-fA-F0-9]{64}", "a SHA3-256 digest"),
    "SHA3-512": matching("[a-fA-F0-9]{128}", "a SHA3-512 digest"),
    "SSDEEP": matching("[a-zA-Z0-9/+:.]{1,128}", "an ssdeep digest"),
    "TLSH": matching("[a-zA-Z0-9]{70}", "a TLSH digest"),
}
_HASH_NAME = re.compile("[a-zA-Z0-9_-]{3,250}").fullmatch


def hashes(value: Any) -> str | None:
    """Digests by algorithm (2.7 and 10.8); an algorithm that STIX does not list may hold any string."""
    if type(value) is not dict:
        return " is not an object"
    if not value:
        return " is empty: leave it out instead"
    for name, digest in value.items():
        if _HASH_NAME(name) is None:
            return " has an algorithm name of a form that may not stand here"
        if (fault := _HASH_FORMS.get(name, string)(digest)) is not None:
            return f": a digest{fault}"
    return None
