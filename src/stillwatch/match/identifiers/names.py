"""Who they say they are: registrable domains and e-mail addresses.

Names in other scripts are spelt as IDNA 2008 does, after the mapping of UTS 46 without the transitional rules, so that
``ß`` and ``ss`` stay two names. The registrable domain is the public suffix and one label, by the list that ships with
publicsuffixlist, its private section included: tenants of a hosting name are strangers to each other. The list moves,
so its version is part of an epoch's announcement (``list_version``).
"""

import re
from functools import cache
from importlib import metadata
from typing import Final

import idna
from publicsuffixlist import PublicSuffixList

from stillwatch.match.identifiers.spelling import Unspelt

#: Mailboxes at these domains ignore dots, and both names are one (Google, Gmail Help: "Dots don't matter in Gmail
#: addresses").
_DOTLESS: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
#: Atoms of RFC 5322 section 3.2.3 joined by dots; at most 64 characters (RFC 5321 section 4.5.3.1.1).
_LOCAL = re.compile(r"(?=.{1,64}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII).fullmatch
#: Domains that nobody can register, which rehearsals use (RFC 2606).
_REHEARSED: Final = ".example"


def list_version() -> str:
    """The version of the list of public suffixes in use; members of an epoch should have the same."""
    return metadata.version("publicsuffixlist")


def domain(value: str) -> str:
    """The registrable domain of a name, in lower case, as A-labels: ``xn--bcher-kva.example``."""
    host = _host(value)
    if host.endswith(_REHEARSED):
        return ".".join(host.split(".")[-2:])
    registrable = _suffixes().privatesuffix(host)
    if not registrable:
        raise Unspelt("has no registrable domain: it is a public suffix, or ends in no known one")
    return str(registrable)


def email(value: str) -> str:
    """Lower case, without a ``+tag`` (RFC 5233: a detail of the same mailbox); Gmail's dots go too.

    RFC 5321 section 2.4 would let a host tell ``A`` from ``a``; hosts don't, and members' forms already differ in it.
    A local part beyond ASCII or in quotes is refused: there is no spelling that all systems agree on.
    """
    local, at, host = value.rpartition("@")
    if not at or "@" in local:
        raise Unspelt("is no e-mail address: it needs one @")
    name = _host(host)
    domain(name)  # refuses hosts without a registrable domain
    local = local.lower() if local.isascii() else ""
    if _LOCAL(local) is None:
        raise Unspelt("has a local part that is empty, quoted, too long or not ASCII")
    mailbox = local.partition("+")[0].rstrip(".")
    if name in _DOTLESS:
        name, mailbox = _DOTLESS[name], mailbox.replace(".", "")
    if not mailbox:
        raise Unspelt("has nothing before its tag")
    return f"{mailbox}@{name}"


def _host(value: str) -> str:
    try:
        host = idna.encode(value.removesuffix("."), uts46=True, transitional=False, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Unspelt("is no domain name") from None
    if "." not in host or host.replace(".", "").isdigit():
        raise Unspelt("is no domain name: it has no dot, or only numbers")
    return host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
