"""Properties that most STIX objects have (STIX 2.1 section 3.2), and the types they are made of (section 2)."""

import re
from typing import Any

from stillwatch.share.stix.kinds import (
    Check,
    anything,
    binary,
    boolean,
    hashes,
    hexadecimal,
    identifier,
    integer,
    language,
    listed,
    matching,
    one_of,
    precise_timestamp,
    record,
    string,
    url,
)

texts = listed(string)
marking_id = identifier("marking-definition")
identifiers = listed(identifier())

kill_chain_phases = listed(
    record({"kill_chain_name": string, "phase_name": string}, required=("kill_chain_name", "phase_name"))
)

_reference = record(
    {"source_name": string, "description": string, "url": url, "hashes": hashes, "external_id": string},
    required=("source_name",),
    some_of=("external_id", "description", "url"),
)
_CVE = re.compile(r"CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,})").fullmatch
_CAPEC = re.compile(r"CAPEC-\d+").fullmatch


def external_reference(value: Any) -> str | None:
    """Section 2.5: CVE and CAPEC are named by their own ids, and their ids by them."""
    if (fault := _reference(value)) is not None:
        return fault
    name, external_id = value["source_name"], value.get("external_id", "")
    cve, capec = _CVE(external_id) is not None, _CAPEC(external_id) is not None
    if cve != (name == "cve") or capec != (name == "capec"):
        return ".external_id and .source_name disagree: cve goes with CVE-YYYY-N, capec with CAPEC-N"
    return None


_marking = record(
    {
        "selectors": listed(
            matching(r"[a-z0-9_-]{3,249}(?:\.(?:\[\d+\]|[a-z0-9_-]{1,250}))*|id", "a selector (section 7.2.3.1)")
        ),
        "lang": language,
        "marking_ref": marking_id,
    },
    required=("selectors",),
    some_of=("marking_ref", "lang"),
)


def granular_marking(value: Any) -> str | None:
    """Section 7.2.3: a marking or a language for parts of an object, not both."""
    both = (
        " has both lang and marking_ref" if type(value) is dict and "lang" in value and "marking_ref" in value else None
    )
    return _marking(value) or both


_PROPERTY_NAME = re.compile("[a-z][a-z0-9_]{2,249}|id").fullmatch
_PREDEFINED_KEY = re.compile("[a-z][a-z0-9]*(?:-[a-z0-9]+)*-ext").fullmatch
_extension_id = identifier("extension-definition")
_extension_type = one_of("new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension")
#: Names that STIX 2.1 reserves (section 3.1 of the standard, "Reserved Property Names").
_RESERVED = frozenset({"severity", "action", "username", "phone_numbers"})


def shown(name: str) -> str:
    """A stranger's property name as a message may show it: not at all unless it has the form of one."""
    return name[:60] if _PROPERTY_NAME(name) is not None else "a property"


def other_property(name: str, value: Any) -> str | None:
    """A property that STIX does not define for this type: its name and value must still have a form (section 3.1)."""
    if _PROPERTY_NAME(name) is None:
        return " is no property name (a-z, 0-9 and _; 3 to 250 characters)"
    if name in _RESERVED:
        return " is a reserved property name"
    if name.endswith("_bin"):
        return binary(value)
    if name.endswith("_hex"):
        return hexadecimal(value)
    return anything(value)


def extension(value: Any) -> str | None:
    """What hangs on an extension's key."""
    if type(value) is not dict:
        return " is not an object"
    if not value:
        return " is empty"
    for name, one in value.items():
        if (fault := other_property(name, one)) is not None:
            return f": {shown(name)}{fault}"
    return None


def extensions(predefined: dict[str, Check] | None = None) -> Check:
    """The ``extensions`` property (section 7.3), with this type's predefined extensions if it has any."""
    known = predefined or {}

    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return " is not an object"
        if not value:
            return " is empty: leave it out instead"
        for key, one in value.items():
            if (fault := known[key](one) if key in known else _one_extension(key, one)) is not None:
                return f"{f'.{key}' if key in known else ''}{fault}"
        return None

    return check


def _one_extension(key: str, value: Any) -> str | None:
    if _extension_id(key) is None:
        if (fault := extension(value)) is not None:
            return fault
        if "extension_type" not in value:
            return " has one without extension_type"
        fault = _extension_type(value["extension_type"])
        return None if fault is None else f": extension_type{fault}"
    return extension(value) if _PREDEFINED_KEY(key) is not None else " has a key of a form that no extension has"


spec_version = one_of("2.1")

#: Section 3.2, what all SDOs, SROs, extension definitions and language contents share.
COMMON: dict[str, Check] = {
    "type": string,
    "spec_version": spec_version,
    "id": string,
    "created_by_ref": identifier("identity"),
    "created": precise_timestamp,
    "modified": precise_timestamp,
    "revoked": boolean,
    "labels": texts,
    "confidence": integer(0, 100),
    "lang": language,
    "external_references": listed(external_reference),
    "object_marking_refs": listed(marking_id),
    "granular_markings": listed(granular_marking),
    "extensions": extensions(),
}
COMMON_REQUIRED = ("type", "spec_version", "id", "created", "modified")

#: Section 3.2, what all SCOs share.
OBSERVABLE_COMMON: dict[str, Check] = {
    name: COMMON[name]
    for name in ("type", "spec_version", "id", "object_marking_refs", "granular_markings", "extensions")
} | {"defanged": boolean}
OBSERVABLE_REQUIRED = ("type", "id")
