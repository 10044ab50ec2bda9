"""What would leave, byte for byte, and which clause lets each part of it through: what counsel reads before a yes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from stillwatch.guard.agreement import Agreement
from stillwatch.guard.clear import awaited
from stillwatch.guard.release import Release


def preview(release: Release) -> str:
    """The exact bytes on one line, then a line for every value with its clause, then the terms of the release."""
    return "\n".join([*_shown(release.body, release.grounds), "", *_terms(release)]) + "\n"


def waiting(item: Mapping[str, Any], agreement: Agreement) -> str:
    """An object that only waits for people: what they say yes to, then a line for every value with its clause."""
    return "\n".join(_shown(*awaited(item, agreement))) + "\n"


def _shown(body: bytes, grounds: Mapping[str, str]) -> list[str]:
    width = max(map(len, grounds), default=0)
    values = dict(_leaves(msgspec.json.decode(body), ""))
    return [
        body.decode(),
        "",
        *(f"{path:<{width}}  {grounds[path]:<22}  {msgspec.json.encode(one).decode()}" for path, one in values.items()),
    ]


def _terms(release: Release) -> list[str]:
    basis = release.legal_basis
    return [
        f"to        {release.recipient.id} ({release.recipient.kind})",
        f"agreement {release.agreement} {release.version}",
        f"marked    TLP:{release.tlp.upper()}" + (f", PAP:{release.pap.upper()}" if release.pap else ""),
        f"purpose   {release.purpose}",
        "legal     " + (f"{basis.name}, dated {basis.dated}: {basis.element}" if basis else "none is needed"),
        f"expires   {release.expires_at:%Y-%m-%d %H:%M UTC}" if release.expires_at else "expires   never: it is public",
        "approved  " + (", ".join(one.person for one in release.approvals) or "by the agreement alone"),
    ]


def _leaves(value: object, path: str) -> list[tuple[str, object]]:
    match value:
        case dict():
            return [leaf for key, one in value.items() for leaf in _leaves(one, f"{path}.{key}" if path else key)]
        case list():
            return [leaf for place, one in enumerate(value) for leaf in _leaves(one, f"{path}[{place}]")]
        case _:
            return [(path, value)]
