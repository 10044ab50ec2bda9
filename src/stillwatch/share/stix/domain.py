"""STIX domain and relationship objects, and the meta objects that describe others (STIX 2.1 sections 4, 5, 7)."""

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.share.stix.common import (
    COMMON,
    extensions,
    identifiers,
    kill_chain_phases,
    marking_id,
    texts,
)
from stillwatch.share.stix.kinds import (
    Check,
    boolean,
    dictionary,
    fraction,
    identifier,
    identifier_but,
    integer,
    language,
    listed,
    matching,
    number,
    one_of,
    string,
    timestamp,
)
from stillwatch.share.stix.patterns import pattern_fault
from stillwatch.share.stix.shapes import Rule, Shape, in_order, needs, shape, some_of, together

_SEEN: dict[str, Check] = {"first_seen": timestamp, "last_seen": timestamp}
_seen_in_order = in_order("first_seen", "last_seen")
_NAMED: dict[str, Check] = {"name": string, "description": string}
_COUNT_LIMIT = 999_999_999


def _pattern(obj: Mapping[str, Any]) -> Iterator[str]:
    """Only the STIX language is read; the others are named but not defined here (4.7)."""
    if obj["pattern_type"] == "stix" and (fault := pattern_fault(obj["pattern"])) is not None:
        yield f"pattern {fault}"


def _family_has_a_name(obj: Mapping[str, Any]) -> Iterator[str]:
    if obj["is_family"] and "name" not in obj:
        yield "a malware family needs a name"


def _one_way_to_hold_observations(obj: Mapping[str, Any]) -> Iterator[str]:
    if ("objects" in obj) == ("object_refs" in obj):
        yield "exactly one of objects and object_refs must be there"


def _top_level_names(obj: Mapping[str, Any]) -> Iterator[str]:
    if "extension_properties" in obj and "toplevel-property-extension" not in obj["extension_types"]:
        yield "extension_properties is only for a toplevel-property-extension"


_somewhere: tuple[Rule, ...] = (
    some_of("region", "country", "latitude"),
    together("latitude", "longitude"),
    needs("precision", "latitude", "longitude"),
)
_motives: dict[str, Check] = {
    "aliases": texts,
    "goals": texts,
    "resource_level": string,
    "primary_motivation": string,
    "secondary_motivations": texts,
}
_end = identifier_but("relationship", "sighting", "bundle", "marking-definition", "language-content")
_software = identifier("software")
_sample = identifier("artifact", "file", "network-traffic")

DOMAIN_OBJECTS: dict[str, Shape] = {
    "attack-pattern": shape(_NAMED | {"aliases": texts, "kill_chain_phases": kill_chain_phases}, "name"),
    "campaign": shape(_NAMED | _SEEN | {"aliases": texts, "objective": string}, "name", [_seen_in_order]),
    "course-of-action": shape(_NAMED, "name"),
    "grouping": shape(_NAMED | {"context": string, "object_refs": identifiers}, "context object_refs"),
    "identity": shape(
        _NAMED | {"roles": texts, "identity_class": string, "sectors": texts, "contact_information": string}, "name"
    ),
    "incident": shape(_NAMED, "name"),
    "indicator": shape(
        _NAMED
        | {
            "indicator_types": texts,
            "pattern": string,
            "pattern_type": string,
            "pattern_version": string,
            "valid_from": timestamp,
            "valid_until": timestamp,
            "kill_chain_phases": kill_chain_phases,
        },
        "pattern pattern_type valid_from",
        [in_order("valid_from", "valid_until", strictly=True), _pattern],
    ),
    "infrastructure": shape(
        _NAMED | _SEEN | {"infrastructure_types": texts, "aliases": texts, "kill_chain_phases": kill_chain_phases},
        "name",
        [_seen_in_order],
    ),
    "intrusion-set": shape(_NAMED | _SEEN | _motives, "name", [_seen_in_order]),
    "location": shape(
        _NAMED
        | {
            "latitude": fraction(-90, 90),
            "longitude": fraction(-180, 180),
            "precision": number,
            "region": string,
            "country": string,
            "administrative_area": string,
            "city": string,
            "street_address": string,
            "postal_code": string,
        },
        rules=_somewhere,
    ),
    "malware": shape(
        _NAMED
        | _SEEN
        | {
            "is_family": boolean,
            "malware_types": texts,
            "aliases": texts,
            "kill_chain_phases": kill_chain_phases,
            "operating_system_refs": listed(_software),
            "architecture_execution_envs": texts,
            "implementation_languages": texts,
            "capabilities": texts,
            "sample_refs": listed(identifier("artifact", "file")),
        },
        "is_family",
        [_seen_in_order, _family_has_a_name],
    ),
    "malware-analysis": shape(
        {
            "product": string,
            "version": string,
            "configuration_version": string,
            "modules": texts,
            "analysis_engine_version": string,
            "analysis_definition_version": string,
            "submitted": timestamp,
            "analysis_started": timestamp,
            "analysis_ended": timestamp,
            "result_name": string,
            "result": string,
            "host_vm_ref": _software,
            "operating_system_ref": _software,
            "installed_software_refs": listed(_software),
            "analysis_sco_refs": identifiers,
            "sample_ref": _sample,
        },
        "product",
        [some_of("result", "analysis_sco_refs")],
    ),
    "note": shape(
        {"abstract": string, "content": string, "authors": texts, "object_refs": identifiers}, "content object_refs"
    ),
    "observed-data": shape(
        {
            "first_observed": timestamp,
            "last_observed": timestamp,
            "number_observed": integer(1, _COUNT_LIMIT),
            "objects": dictionary(key=".*"),
            "object_refs": identifiers,
        },
        "first_observed last_observed number_observed",
        [in_order("first_observed", "last_observed"), _one_way_to_hold_observations],
    ),
    "opinion": shape(
        {
            "explanation": string,
            "authors": texts,
            "object_refs": identifiers,
            "opinion": one_of("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"),
        },
        "object_refs opinion",
    ),
    "report": shape(
        _NAMED | {"report_types": texts, "published": timestamp, "object_refs": identifiers},
        "name published object_refs",
    ),
    "threat-actor": shape(
        _NAMED
        | _SEEN
        | _motives
        | {"threat_actor_types": texts, "roles": texts, "sophistication": string, "personal_motivations": texts},
        "name",
        [_seen_in_order],
    ),
    "tool": shape(
        _NAMED
        | {"tool_types": texts, "aliases": texts, "kill_chain_phases": kill_chain_phases, "tool_version": string},
        "name",
    ),
    "vulnerability": shape(_NAMED, "name"),
    "relationship": shape(
        {
            "relationship_type": matching("[a-z0-9-]+", "a relationship type (a-z, 0-9 and -)"),
            "description": string,
            "source_ref": _end,
            "target_ref": _end,
            "start_time": timestamp,
            "stop_time": timestamp,
        },
        "relationship_type source_ref target_ref",
        [in_order("start_time", "stop_time", strictly=True)],
    ),
    "sighting": shape(
        _SEEN
        | {
            "description": string,
            "count": integer(0, _COUNT_LIMIT),
            "sighting_of_ref": _end,
            "observed_data_refs": listed(identifier("observed-data")),
            "where_sighted_refs": listed(identifier("identity", "location")),
            "summary": boolean,
        },
        "sighting_of_ref",
        [_seen_in_order],
    ),
}

_contents = dictionary(dictionary(key="[a-z0-9_]{3,250}"))


def _language_keys(obj: Mapping[str, Any]) -> Iterator[str]:
    if any(language(key) is not None for key in obj["contents"]):
        yield "contents has a key that is not a language tag (RFC 5646)"


_TLP_1_CREATED = "2017-01-20T00:00:00.000Z"
#: Section 7.2.1.4: the four TLP 1.0 markings are given whole and must not be altered.
_TLP_1 = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}


def _definition(obj: Mapping[str, Any]) -> Iterator[str]:
    kind = obj.get("definition_type")
    if "extensions" not in obj and (kind is None or "definition" not in obj):
        yield "definition_type and definition are missing, and no extension says what this marking means"
    elif kind == "statement" and type(obj.get("definition", {}).get("statement")) is not str:
        yield "definition.statement is not a string"
    elif kind == "tlp" and dict(obj) != _tlp_1(obj):
        yield "this is not one of the four TLP 1.0 markings as the standard gives them"


def _tlp_1(obj: Mapping[str, Any]) -> dict[str, Any]:
    colour = _TLP_1.get(obj["id"], "")
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": obj["id"],
        "created": _TLP_1_CREATED,
        "name": f"TLP:{colour.upper()}",
        "definition_type": "tlp",
        "definition": {"tlp": colour},
    }


def _does_not_mark_itself(obj: Mapping[str, Any]) -> Iterator[str]:
    marks = [*obj.get("object_marking_refs", ()), *(one.get("marking_ref") for one in obj.get("granular_markings", ()))]
    if obj["id"] in marks:
        yield "a marking definition may not mark itself"


META_OBJECTS: dict[str, Shape] = {
    "extension-definition": shape(
        _NAMED
        | {
            "schema": string,
            "version": string,
            "extension_types": listed(
                one_of("new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension")
            ),
            "extension_properties": texts,
        },
        "name schema version extension_types created_by_ref",
        [_top_level_names],
    ),
    "language-content": shape(
        {
            "object_ref": identifier_but("bundle", "language-content"),
            "object_modified": timestamp,
            "contents": _contents,
        },
        "object_ref contents",
        [_language_keys],
    ),
    "marking-definition": Shape(
        {
            name: COMMON[name]
            for name in (
                "type", "spec_version", "id", "created_by_ref", "external_references", "granular_markings"
            )
        }
        | {
            "created": timestamp,
            "object_marking_refs": listed(marking_id),
            "extensions": extensions(),
            "name": string,
            "definition_type": string,
            "definition": dictionary(key=".*"),
        },
        frozenset({"type", "spec_version", "id", "created"}),
        (_definition, _does_not_mark_itself),
    ),
}  # fmt: skip
