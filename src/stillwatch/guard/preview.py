"""What would leave, byte for byte, and which clause lets each part of it through: what counsel reads before a yes."""

import msgspec

from stillwatch.guard.release import Release


def preview(release: Release) -> str:
    """The exact bytes on one line, then a line for every value with its clause, then the terms of the release."""
    width = max(map(len, release.grounds), default=0)
    values = dict(_leaves(msgspec.json.decode(release.body), ""))
    lines = [release.body.decode(), ""]
    lines += [
        f"{path:<{width}}  {release.grounds[path]:<22}  {msgspec.json.encode(value).decode()}"
        for path, value in values.items()
    ]
    return "\n".join([*lines, "", *_terms(release)]) + "\n"


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
