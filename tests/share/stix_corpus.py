"""STIX objects of every type, valid and broken, written for the tests of ``problems`` and compared with other readers.

``VALID`` holds whole objects by a name; ``broken`` makes many invalid ones out of them, one fault each.
"""

import copy
from collections.abc import Iterator
from typing import Any

U = "5d2f6c1e-8a44-4b7d-9e30-6c1f0a2b3c4d"
V = "0b9e7a52-3f16-4c8d-a1b2-7e5d4c3b2a19"
T0, T1 = "2026-07-01T12:00:00.000Z", "2026-07-02T12:00:00.000Z"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
OTHER_EXTENSION = f"extension-definition--{V}"

Object = dict[str, Any]


def sdo(kind: str, **more: Any) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{U}", "created": T0, "modified": T1, **more}


def sco(kind: str, **more: Any) -> Object:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{U}", **more}


REFERENCES = [
    {"source_name": "cve", "external_id": "CVE-2026-12345"},
    {"source_name": "capec", "external_id": "CAPEC-163"},
    {"source_name": "a page", "url": "https://example.org/a?b=c#d", "description": "words"},
    {"source_name": "a file", "description": "with digests", "hashes": {"MD5": "a" * 32, "SHA-256": "b" * 64}},
]
PHASES = [{"kill_chain_name": "mitre-atlas", "phase_name": "exfiltration"}]
SEEN = {"first_seen": T0, "last_seen": T1}
CERTIFICATE = {
    "serial_number": "36:f7", "hashes": {"SHA-1": "c" * 40}, "is_self_signed": False, "version": "3",
    "issuer": "CN=Example", "validity_not_before": "2026-01-01T00:00:00Z", "validity_not_after": "2027-01-01T00:00:00Z",
    "subject": "CN=Example", "subject_public_key_exponent": 65537,
    "x509_v3_extensions": {"key_usage": "critical", "private_key_usage_period_not_before": "2026-01-01T00:00:00Z"},
}  # fmt: skip
PE = {
    "pe_type": "exe", "machine_hex": "014c", "number_of_sections": 4, "time_date_stamp": "2026-01-01T00:00:00Z",
    "file_header_hashes": {"SHA-1": "d" * 40},
    "optional_header": {"magic_hex": "010b", "size_of_code": 512, "image_base": 4194304},
    "sections": [{"name": ".text", "size": 10, "entropy": 6.5, "hashes": {"MD5": "e" * 32}}],
}  # fmt: skip

VALID: dict[str, Object] = {
    "attack-pattern": sdo("attack-pattern", name="a", aliases=["b"], kill_chain_phases=PHASES),
    "attack-pattern with all common properties": sdo(
        "attack-pattern", name="a", created_by_ref=f"identity--{V}", revoked=False, labels=["x"], confidence=80,
        lang="en", external_references=REFERENCES, object_marking_refs=[GREEN],
        granular_markings=[{"selectors": ["name", "labels.[0]", "id"], "marking_ref": GREEN}],
        extensions={OTHER_EXTENSION: {"extension_type": "property-extension", "rank": 5, "list_of": [1]}},
    ),
    "campaign": sdo("campaign", name="c", objective="o", aliases=["x"], **SEEN),
    "course-of-action": sdo("course-of-action", name="c", description="d"),
    "grouping": sdo("grouping", context="suspicious-activity", object_refs=[f"campaign--{U}"], name="g"),
    "identity": sdo("identity", name="i", identity_class="organization", sectors=["technology"], roles=["r"]),
    "incident": sdo("incident", name="i"),
    "indicator": sdo(
        "indicator", pattern="[ipv4-addr:value = '198.51.100.1']", pattern_type="stix", valid_from=T0, valid_until=T1,
        indicator_types=["malicious-activity"], name="n", description="d",
    ),
    "indicator in another language": sdo("indicator", pattern="rule x {", pattern_type="yara", valid_from=T0),
    "infrastructure": sdo("infrastructure", name="i", infrastructure_types=["unknown"], **SEEN),
    "intrusion-set": sdo("intrusion-set", name="i", goals=["g"], resource_level="team", **SEEN),
    "location by region": sdo("location", region="northern-europe"),
    "location by place": sdo("location", latitude=51.5, longitude=-0.1, precision=10.5, city="c"),
    "malware": sdo("malware", is_family=False, malware_types=["unknown"], sample_refs=[f"file--{U}"]),
    "malware family": sdo("malware", is_family=True, name="m", operating_system_refs=[f"software--{U}"]),
    "malware-analysis": sdo("malware-analysis", product="p", result="benign", submitted=T0, sample_ref=f"file--{U}"),
    "note": sdo("note", content="n", object_refs=[f"campaign--{U}"], authors=["a"]),
    "observed-data": sdo(
        "observed-data", first_observed=T0, last_observed=T1, number_observed=2, object_refs=[f"ipv4-addr--{U}"]
    ),
    "observed-data with objects": sdo(
        "observed-data", first_observed=T0, last_observed=T0, number_observed=1,
        objects={
            "0": sco("file", name="f", parent_directory_ref="1"), "1": sco("directory", path="/"),
            "2": sco("x-own-thing", some_property=1),
        },
    ),
    "opinion": sdo("opinion", opinion="agree", object_refs=[f"campaign--{U}"]),
    "report": sdo("report", name="r", published=T1, object_refs=[f"campaign--{U}"], report_types=["campaign"]),
    "threat-actor": sdo("threat-actor", name="t", roles=["agent"], sophistication="expert", **SEEN),
    "tool": sdo("tool", name="t", tool_types=["unknown"], tool_version="1"),
    "vulnerability": sdo("vulnerability", name="CVE-2026-1"),
    "relationship": sdo(
        "relationship", relationship_type="uses", source_ref=f"campaign--{U}", target_ref=f"attack-pattern--{V}",
        start_time=T0, stop_time=T1,
    ),
    "sighting": sdo(
        "sighting", sighting_of_ref=f"indicator--{U}", where_sighted_refs=[f"identity--{V}"], count=0, summary=True,
        observed_data_refs=[f"observed-data--{U}"], **SEEN,
    ),
    "extension-definition": sdo(
        "extension-definition", name="e", schema="https://example.org/s.json", version="1.0.0",
        created_by_ref=f"identity--{V}", extension_types=["property-extension"],
    ),
    "extension-definition of top-level properties": sdo(
        "extension-definition", name="e", schema="s", version="1.0.0", created_by_ref=f"identity--{V}",
        extension_types=["toplevel-property-extension"], extension_properties=["rank"],
    ),
    "language-content": sdo(
        "language-content", object_ref=f"campaign--{U}", object_modified=T0, contents={"de": {"name": "n"}}
    ),
    "marking-definition statement": {
        "type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{U}", "created": T0,
        "definition_type": "statement", "definition": {"statement": "s"},
    },
    "marking-definition TLP 1.0": {
        "type": "marking-definition", "spec_version": "2.1", "created": "2017-01-20T00:00:00.000Z",
        "id": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", "name": "TLP:GREEN",
        "definition_type": "tlp", "definition": {"tlp": "green"},
    },
    "marking-definition TLP 2.0": {
        "type": "marking-definition", "spec_version": "2.1", "id": GREEN, "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:GREEN", "extensions": {
            "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
                "extension_type": "property-extension", "tlp_2_0": "green",
            }
        },
    },
    "artifact": sco("artifact", mime_type="image/jpeg", payload_bin="iVBORw0KGgo="),
    "artifact elsewhere": sco(
        "artifact", url="https://example.org/x.zip", hashes={"SHA-256": "a" * 64}, encryption_algorithm="AES-256-GCM",
        decryption_key="k",
    ),
    "autonomous-system": sco("autonomous-system", number=64500, rir="RIPE"),
    "directory": sco("directory", path="/a", path_enc="UTF-8", ctime=T0, contains_refs=[f"file--{U}"]),
    "domain-name": sco("domain-name", value="example.org", resolves_to_refs=[f"ipv4-addr--{U}"]),
    "email-addr": sco("email-addr", value="a.b@example.org", belongs_to_ref=f"user-account--{U}"),
    "email-message": sco("email-message", is_multipart=False, subject="s", body="b", from_ref=f"email-addr--{U}"),
    "email-message in parts": sco(
        "email-message", is_multipart=True, subject="s",
        body_multipart=[{"body": "b", "content_type": "text/plain"}, {"body_raw_ref": f"artifact--{U}"}],
        additional_header_fields={"X-Mailer": "m"}, received_lines=["l"],
    ),
    "file": sco("file", name="f", size=0, hashes={"MD5": "a" * 32}, magic_number_hex="ffd8"),
    "file with extensions": sco(
        "file", name="f", extensions={
            "ntfs-ext": {"alternate_data_streams": [{"name": "s", "size": 1}]}, "windows-pebinary-ext": PE,
            "raster-image-ext": {"image_height": 1, "exif_tags": {"Make": "x", "XRes": 4}},
            "pdf-ext": {"version": "1.7", "document_info_dict": {"Title": "t"}},
            "archive-ext": {"contains_refs": [f"file--{V}"], "comment": "c"},
        },
    ),
    "ipv4-addr": sco("ipv4-addr", value="198.51.100.0/24", resolves_to_refs=[f"mac-addr--{U}"]),
    "ipv6-addr": sco("ipv6-addr", value="2001:db8::1", belongs_to_refs=[f"autonomous-system--{U}"]),
    "mac-addr": sco("mac-addr", value="d2:fb:49:24:37:18"),
    "mutex": sco("mutex", name="m"),
    "network-traffic": sco(
        "network-traffic", protocols=["tcp"], src_ref=f"ipv4-addr--{U}", dst_port=443, src_port=5000,
        start="2026-01-01T00:00:00Z", end="2026-01-01T00:00:01Z", is_active=False, extensions={
            "tcp-ext": {"src_flags_hex": "02"}, "icmp-ext": {"icmp_type_hex": "08", "icmp_code_hex": "00"},
            "http-request-ext": {"request_method": "get", "request_value": "/", "request_header": {"Host": ["h"]}},
            "socket-ext": {"address_family": "AF_INET", "options": {"SO_DEBUG": 1}},
        },
    ),
    "process": sco("process", pid=1, image_ref=f"file--{U}", environment_variables={"A": "b"}, extensions={
        "windows-process-ext": {"aslr_enabled": True, "integrity_level": "low"},
        "windows-service-ext": {"service_name": "s", "start_type": "SERVICE_AUTO_START"},
    }),
    "software": sco("software", name="s", cpe="cpe:2.3:a:example:word:2000:*:*:*:*:*:*:*", languages=["eng"]),
    "url": sco("url", value="https://example.org/a%20b?c=d"),
    "user-account": sco(
        "user-account", user_id="1001", is_disabled=False, extensions={"unix-account-ext": {"gid": 1, "groups": ["g"]}}
    ),
    "windows-registry-key": sco(
        "windows-registry-key", key="HKEY_LOCAL_MACHINE\\System", values=[{"name": "n", "data_type": "REG_SZ"}]
    ),
    "x509-certificate": sco("x509-certificate", **CERTIFICATE),
    "a domain object of another's": sdo("x-example-org-thing", name="n"),
    "an observable of another's": sco("x-example-org-seen", value="v"),
}  # fmt: skip

PATTERNS_VALID = (
    "[a-type:value = 1]",
    "[file:hashes.'SHA-256' = '" + "a" * 64 + "']",
    "[file:hashes.MD5 = '" + "a" * 32 + "' OR file:name LIKE 'x%']",
    "[domain-name:value IN ('a.example', 'b.example') AND url:value MATCHES '^https']",
    "([ipv4-addr:value = '198.51.100.1'] AND [mutex:name = 'm']) WITHIN 300 SECONDS",
    "[a-type:value = 'x'] FOLLOWEDBY [a-type:value = 'y'] REPEATS 5 TIMES",
    "[a-type:value = 'x'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
    "[ipv4-addr:value ISSUBSET '198.51.100.0/24' OR ipv4-addr:value ISSUPERSET '198.51.100.0/24']",
    "[NOT EXISTS a-type:value]",
    "[a-type:value NOT = 'it\\'s' AND (a-type:other >= 1.5 OR a-type:third <= -3)]",
    "[a-type:list_of[*].name != true AND a-type:list_of[1].'odd name' <> false]",
    "[a-type:data_bin = b'dGVzdA==' OR a-type:data_hex = h'00ff' OR a-type:when < t'2026-01-01T00:00:00.5Z']",
    "  [ a-type:value = 'x' ]  /* a remark */ OR [a-type:value == 'y'] // another",
    "[a-type:value IN ()]",
)
PATTERNS_BROKEN = (
    "",
    "a-type:value = 'x'",
    "[a-type:value = 'x'",
    "[a-type:value = ]",
    "[a-type = 'x']",
    "[a-type:value LIKE 3]",
    "[a-type:value > true]",
    "[a-type:value = x]",
    "[a-type:value = 'x'] AND",
    "[a-type:value = 'x'] WITHIN SECONDS",
    "[a-type:value = 'x'] REPEATS -1 TIMES",
    "[a-type:value = 'x'] REPEATS 1 TIMES REPEATS 2 TIMES",
    "[file:hashes.MD5 = 'abc']",
    "[file:hashes.SHA-256 = 'abc']",
    "[A_Type:value = 'x']",
    "[a-type:ab = 'x']",
    "[a-type:value = 'x' a-type:value = 'y']",
    "[a-type:value = 'x\\y']",
    "[a-type:value = 01]",
    "[a-type:value = 'x'] START '2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'",
    "[]",
    "[a-type:value = '\u2028\\']",
)

#: (name of a valid object, path, new value): one fault each. ``DROP`` takes the property away.
DROP = object()
_FAULTS: tuple[tuple[str, str, Any], ...] = (
    ("campaign", "id", f"campaign-{U}"),
    ("campaign", "id", "campaign--00000000-0000-0000-0000-000000000000"),
    ("campaign", "id", f"indicator--{U}"),
    ("campaign", "spec_version", "3.0"),
    ("campaign", "created", "2026-07-01T12:00:00Z"),
    ("campaign", "created", "2026-02-30T12:00:00.000Z"),
    ("campaign", "created", "2026-07-01 12:00:00.000Z"),
    ("campaign", "created", "2026-07-01T12:00:00.000+00:00"),
    ("campaign", "modified", "2020-07-01T12:00:00.000Z"),
    ("campaign", "first_seen", "yesterday"),
    ("campaign", "last_seen", "2020-01-01T00:00:00Z"),
    ("campaign", "name", 5),
    ("campaign", "aliases", []),
    ("campaign", "aliases", [1]),
    ("campaign", "objective", None),
    ("campaign", "confidence", 101),
    ("campaign", "confidence", "high"),
    ("campaign", "revoked", "no"),
    ("campaign", "labels", "x"),
    ("campaign", "created_by_ref", "someone"),
    ("campaign", "object_marking_refs", ["TLP:GREEN"]),
    ("campaign", "external_references", [{"source_name": "x"}]),
    ("campaign", "external_references", [{"external_id": "x"}]),
    ("campaign", "external_references", [{"source_name": "cve", "external_id": "12345"}]),
    ("campaign", "external_references", [{"source_name": "other", "external_id": "CVE-2026-12345"}]),
    ("campaign", "external_references", [{"source_name": "x", "url": "no url"}]),
    ("campaign", "external_references", [{"source_name": "x", "description": "d", "hashes": {"MD5": "abc"}}]),
    ("campaign", "granular_markings", [{"selectors": [], "marking_ref": GREEN}]),
    ("campaign", "granular_markings", [{"selectors": ["nothing_here"], "marking_ref": GREEN}]),
    ("campaign", "granular_markings", [{"selectors": ["aliases.[7]"], "marking_ref": GREEN}]),
    ("campaign", "granular_markings", [{"marking_ref": GREEN}]),
    ("campaign", "granular_markings", [{"selectors": ["name"], "marking_ref": f"identity--{U}"}]),
    ("campaign", "extensions", {}),
    ("campaign", "extensions", {"my extension": {"extension_type": "property-extension"}}),
    ("campaign", "extensions", {OTHER_EXTENSION: {"rank": 1}}),
    ("campaign", "extensions", {OTHER_EXTENSION: {"extension_type": "new-thing"}}),
    ("campaign", "Odd", "x"),
    ("campaign", "x_empty", []),
    ("campaign", "x_nothing", None),
    ("campaign", "x_data_hex", "xyz"),
    ("campaign", "x_data_bin", "?"),
    ("campaign", "severity", "high"),
    ("campaign", "action", "x"),
    ("attack-pattern", "kill_chain_phases", [{"kill_chain_name": "k"}]),
    ("course-of-action", "name", DROP),
    ("identity", "sectors", "technology"),
    ("incident", "name", DROP),
    ("infrastructure", "last_seen", "2020-01-01T00:00:00Z"),
    ("intrusion-set", "goals", {"first": "g"}),
    ("threat-actor", "roles", [None]),
    ("tool", "tool_version", 1),
    ("vulnerability", "name", DROP),
    ("grouping", "object_refs", []),
    ("indicator", "pattern_type", DROP),
    ("indicator", "valid_until", T0),
    ("location by region", "region", DROP),
    ("location by place", "longitude", DROP),
    ("location by place", "latitude", 91),
    ("location by region", "precision", 3),
    ("malware", "is_family", DROP),
    ("malware", "is_family", True),
    ("malware family", "operating_system_refs", [f"file--{U}"]),
    ("malware-analysis", "result", DROP),
    ("malware-analysis", "sample_ref", f"identity--{U}"),
    ("note", "object_refs", DROP),
    ("observed-data", "object_refs", DROP),
    ("observed-data", "number_observed", 0),
    ("observed-data", "last_observed", "2020-01-01T00:00:00Z"),
    ("observed-data with objects", "object_refs", [f"ipv4-addr--{U}"]),
    ("observed-data with objects", "objects", {"0": sco("file", name="f", parent_directory_ref="9")}),
    ("observed-data with objects", "objects", {"0": sco("file", size=1)}),
    ("opinion", "opinion", "perhaps"),
    ("report", "published", DROP),
    ("relationship", "relationship_type", "Uses It"),
    ("relationship", "source_ref", f"relationship--{U}"),
    ("relationship", "target_ref", GREEN),
    ("relationship", "stop_time", T0),
    ("sighting", "sighting_of_ref", f"sighting--{U}"),
    ("sighting", "count", -1),
    ("sighting", "count", 1_000_000_000),
    ("sighting", "where_sighted_refs", [f"campaign--{U}"]),
    ("sighting", "observed_data_refs", [f"indicator--{U}"]),
    ("extension-definition", "extension_types", ["new-thing"]),
    ("extension-definition", "extension_properties", ["rank"]),
    ("extension-definition", "schema", DROP),
    ("language-content", "contents", {"de": {"a!": "n"}}),
    ("language-content", "contents", {"not a tag": {"name": "n"}}),
    ("language-content", "object_ref", f"bundle--{U}"),
    ("marking-definition statement", "definition", {"words": "s"}),
    ("marking-definition statement", "definition", DROP),
    ("marking-definition statement", "object_marking_refs", [f"marking-definition--{U}"]),
    ("marking-definition TLP 1.0", "definition", {"tlp": "red"}),
    ("marking-definition TLP 1.0", "created", T0),
    ("marking-definition TLP 2.0", "extensions", DROP),
    ("artifact", "payload_bin", "not base64!"),
    ("artifact", "url", "https://example.org/"),
    ("artifact", "mime_type", "jpeg"),
    ("artifact elsewhere", "hashes", DROP),
    ("artifact elsewhere", "encryption_algorithm", DROP),
    ("artifact elsewhere", "encryption_algorithm", "rot13"),
    ("autonomous-system", "number", "64500"),
    ("directory", "path", DROP),
    ("domain-name", "value", "not a name"),
    ("domain-name", "value", "-bad-.example"),
    ("email-addr", "value", "nobody"),
    ("email-message", "body_multipart", [{"body": "b"}]),
    ("email-message in parts", "body", "b"),
    ("email-message in parts", "is_multipart", DROP),
    ("file", "size", -1),
    ("file", "hashes", {"SHA-256": "short"}),
    ("file", "magic_number_hex", "fff"),
    ("file with extensions", "extensions", {"pdf-ext": {"pages": 3}}),
    ("file with extensions", "extensions", {"windows-pebinary-ext": {"machine_hex": "014c"}}),
    ("file with extensions", "extensions", {"archive-ext": {"comment": "c"}}),
    ("ipv4-addr", "value", "198.51.100.256"),
    ("ipv4-addr", "value", "198.51.100.0/33"),
    ("ipv6-addr", "value", "2001:db8:::1"),
    ("mac-addr", "value", "D2:FB:49:24:37:18"),
    ("mutex", "name", DROP),
    ("network-traffic", "protocols", []),
    ("network-traffic", "src_ref", DROP),
    ("network-traffic", "dst_port", 65_536),
    ("network-traffic", "is_active", True),
    ("network-traffic", "end", "2025-01-01T00:00:00Z"),
    ("network-traffic", "extensions", {"tcp-ext": {"flags": "x"}}),
    ("network-traffic", "extensions", {"socket-ext": {"address_family": "AF_NONE"}}),
    ("process", "id", "process--f81d4fae-7dec-51d0-a765-00a0c91e6bf6"),
    ("process", "pid", "1"),
    ("process", "extensions", {"windows-process-ext": {"integrity_level": "huge"}}),
    ("software", "cpe", "cpe:/a:example:word:2000"),
    ("software", "languages", []),
    ("url", "value", "no url at all"),
    ("user-account", "account_created", "today"),
    ("windows-registry-key", "key", "HKLM\\System"),
    ("windows-registry-key", "values", [{"other": 1}]),
    ("x509-certificate", "validity_not_before", "today"),
    ("x509-certificate", "hashes", {"MD5": "zz"}),
    ("a domain object of another's", "modified", DROP),
    ("an observable of another's", "id", "x-example-org-seen--1"),
)


def broken() -> Iterator[tuple[str, Object]]:
    """Objects with one fault each, by a name that says where."""
    for name, place, value in _FAULTS:
        obj = copy.deepcopy(VALID[name])
        if value is DROP:
            del obj[place]
        else:
            obj[place] = value
        yield f"{name}: {place} {'missing' if value is DROP else repr(value)[:60]}", obj
    for required in ("type", "id", "created", "modified", "spec_version", "name"):
        obj = copy.deepcopy(VALID["campaign"])
        del obj[required]
        yield f"campaign without {required}", obj
    for pattern in PATTERNS_BROKEN:
        yield f"pattern {pattern}", {**VALID["indicator"], "pattern": pattern}


def valid() -> Iterator[tuple[str, Object]]:
    """Objects without a fault."""
    yield from VALID.items()
    for pattern in PATTERNS_VALID:
        yield f"pattern {pattern}", {**VALID["indicator"], "pattern": pattern}
