"""STIX cyber-observable objects (STIX 2.1 section 6).

``observables`` builds the table twice: objects that stand by themselves point at each other by identifier; those inside
the deprecated ``objects`` of observed data point at each other by key.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.share.stix.common import extensions, texts
from stillwatch.share.stix.kinds import (
    Check,
    alike,
    binary,
    boolean,
    character_set,
    cpe,
    dictionary,
    domain_name,
    email_address,
    hashes,
    hexadecimal,
    identifier,
    integer,
    ipv4,
    ipv6,
    language,
    listed,
    mac_address,
    matching,
    media_type,
    number,
    one_of,
    record,
    string,
    text_or_integer,
    timestamp,
    url,
)
from stillwatch.share.stix.predefined import (
    Refer,
    file_extensions,
    process_extensions,
    traffic_extensions,
    x509_v3_extensions,
)
from stillwatch.share.stix.shapes import Rule, Shape, in_order, needs, observable, some_of

_whole = integer(0)
_port = integer(0, 65_535)
_TIMES: dict[str, Check] = {"ctime": timestamp, "mtime": timestamp, "atime": timestamp}


def _payload_or_url(obj: Mapping[str, Any]) -> Iterator[str]:
    if ("payload_bin" in obj) == ("url" in obj):
        yield "exactly one of payload_bin and url must be there"


def _parts_if_multipart(obj: Mapping[str, Any]) -> Iterator[str]:
    if obj["is_multipart"] and "body" in obj:
        yield "body may not stand in a multipart message"
    if not obj["is_multipart"] and "body_multipart" in obj:
        yield "body_multipart may only stand in a multipart message"


def _no_end_while_active(obj: Mapping[str, Any]) -> Iterator[str]:
    if obj.get("is_active") and "end" in obj:
        yield "end may not stand while is_active is true"


_HIVES = ("HKLM", "HKCC", "HKCR", "HKCU", "HKU", "hklm", "hkcc", "hkcr", "hkcu", "hku")


def _registry_key(value: Any) -> str | None:
    return string(value) or (" abbreviates its hive" if value.startswith(_HIVES) else None)


def _text_or_texts(value: Any) -> str | None:
    return string(value) and texts(value)


def random_id(*contributing: str) -> Rule:
    """Without one of ``contributing`` an id can't be derived, so it must be a random one, UUIDv4 (section 2.9)."""

    def rule(obj: Mapping[str, Any]) -> Iterator[str]:
        if obj["id"][-22] != "4" and not any(name in obj for name in contributing):
            yield "id must be a UUIDv4 here: nothing is there to derive it from"

    return rule


def _network(refer: Refer) -> dict[str, Shape]:
    ends = refer("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")
    resolves: dict[str, Check] = {
        "resolves_to_refs": listed(refer("mac-addr")),
        "belongs_to_refs": listed(refer("autonomous-system")),
    }
    return {
        "autonomous-system": observable({"number": integer(), "name": string, "rir": string}, "number"),
        "domain-name": observable(
            {"value": domain_name, "resolves_to_refs": listed(refer("ipv4-addr", "ipv6-addr", "domain-name"))}, "value"
        ),
        "ipv4-addr": observable({"value": ipv4} | resolves, "value"),
        "ipv6-addr": observable({"value": ipv6} | resolves, "value"),
        "mac-addr": observable({"value": mac_address}, "value"),
        "url": observable({"value": url}, "value"),
        "network-traffic": observable(
            {
                "extensions": extensions(traffic_extensions(refer)),
                "start": timestamp,
                "end": timestamp,
                "is_active": boolean,
                "src_ref": ends,
                "dst_ref": ends,
                "src_port": _port,
                "dst_port": _port,
                "protocols": texts,
                "src_byte_count": integer(),
                "dst_byte_count": integer(),
                "src_packets": integer(),
                "dst_packets": integer(),
                "ipfix": dictionary(text_or_integer),
                "src_payload_ref": refer("artifact"),
                "dst_payload_ref": refer("artifact"),
                "encapsulates_refs": listed(refer("network-traffic")),
                "encapsulated_by_ref": refer("network-traffic"),
            },
            "protocols",
            [some_of("src_ref", "dst_ref"), in_order("start", "end"), _no_end_while_active],
        ),
    }


def _mail(refer: Refer) -> dict[str, Shape]:
    address, addresses = refer("email-addr"), listed(refer("email-addr"))
    part = record(
        {
            "body": string,
            "body_raw_ref": refer("artifact", "file"),
            "content_type": string,
            "content_disposition": string,
        },
        some_of=("body", "body_raw_ref"),
    )
    return {
        "email-addr": observable(
            {"value": email_address, "display_name": string, "belongs_to_ref": refer("user-account")}, "value"
        ),
        "email-message": observable(
            {
                "is_multipart": boolean,
                "date": timestamp,
                "content_type": string,
                "from_ref": address,
                "sender_ref": address,
                "to_refs": addresses,
                "cc_refs": addresses,
                "bcc_refs": addresses,
                "message_id": string,
                "subject": string,
                "received_lines": texts,
                "additional_header_fields": dictionary(_text_or_texts),
                "body": string,
                "body_multipart": listed(part),
                "raw_email_ref": refer("artifact"),
            },
            "is_multipart",
            [_parts_if_multipart, random_id("from_ref", "subject", "body")],
        ),
    }


def _process(refer: Refer) -> Shape:
    properties: dict[str, Check] = {
        "extensions": extensions(process_extensions(refer)),
        "is_hidden": boolean,
        "pid": integer(),
        "created_time": timestamp,
        "cwd": string,
        "command_line": string,
        "environment_variables": dictionary(),
        "opened_connection_refs": listed(refer("network-traffic")),
        "creator_user_ref": refer("user-account"),
        "image_ref": refer("file"),
        "parent_ref": refer("process"),
        "child_refs": listed(refer("process")),
    }
    return observable(properties, rules=[some_of(*properties), random_id()])


def _user_account() -> Shape:
    unix: dict[str, Check] = {"gid": number, "groups": texts, "home_dir": string, "shell": string}
    properties: dict[str, Check] = (
        {"extensions": extensions({"unix-account-ext": record(unix, some_of=tuple(unix))})}
        | alike(string, "user_id credential account_login account_type display_name")
        | alike(boolean, ("is_service_account is_privileged can_escalate_privs is_disabled"))
        | alike(
            timestamp,
            ("account_created account_expires credential_last_changed account_first_login account_last_login"),
        )
    )
    return observable(properties, rules=[some_of(*properties), random_id("account_type", "user_id", "account_login")])


def _certificate() -> Shape:
    properties: dict[str, Check] = alike(
        string,
        (
            "version serial_number signature_algorithm issuer subject subject_public_key_algorithm"
            " subject_public_key_modulus"
        ),
    ) | {
        "is_self_signed": boolean,
        "hashes": hashes,
        "validity_not_before": timestamp,
        "validity_not_after": timestamp,
        "subject_public_key_exponent": integer(),
        "x509_v3_extensions": x509_v3_extensions,
    }
    return observable(properties, rules=[some_of(*properties), random_id("hashes", "serial_number")])


def _registry(refer: Refer) -> Shape:
    value: dict[str, Check] = {
        "name": string,
        "data": string,
        "data_type": one_of(
            "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN",
            "REG_DWORD_LITTLE_ENDIAN", "REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION",
            "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD", "REG_INVALID_TYPE",
        ),
    }  # fmt: skip
    properties: dict[str, Check] = {
        "key": _registry_key,
        "values": listed(record(value, some_of=tuple(value))),
        "modified_time": timestamp,
        "creator_user_ref": refer("user-account"),
        "number_of_subkeys": integer(),
    }
    return observable(properties, rules=[some_of(*properties), random_id("key", "values")])


def _files(refer: Refer) -> dict[str, Shape]:
    return {
        "artifact": observable(
            {
                "mime_type": media_type,
                "payload_bin": binary,
                "url": url,
                "hashes": hashes,
                "encryption_algorithm": one_of("AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"),
                "decryption_key": string,
            },
            rules=[
                _payload_or_url,
                needs("url", "hashes"),
                needs("decryption_key", "encryption_algorithm"),
                random_id("hashes", "payload_bin"),
            ],
        ),
        "directory": observable(
            _TIMES | {"path": string, "path_enc": character_set, "contains_refs": listed(refer("file", "directory"))},
            "path",
        ),
        "file": observable(
            _TIMES
            | {
                "extensions": extensions(file_extensions(refer)),
                "hashes": hashes,
                "size": _whole,
                "name": string,
                "name_enc": character_set,
                "magic_number_hex": hexadecimal,
                "mime_type": string,
                "parent_directory_ref": refer("directory"),
                "contains_refs": listed(refer()),
                "content_ref": refer("artifact"),
            },
            rules=[some_of("hashes", "name")],
        ),
    }


def observables(refer: Refer = identifier) -> dict[str, Shape]:
    """The table of SCO types; ``refer`` makes the check of a reference to one of the types it is given."""
    return {
        **_network(refer),
        **_mail(refer),
        **_files(refer),
        "mutex": observable({"name": string}, "name"),
        "process": _process(refer),
        "software": observable(
            {"name": string, "cpe": cpe, "swid": string, "languages": listed(language), "vendor": string,
             "version": string},
            "name",
        ),
        "user-account": _user_account(),
        "windows-registry-key": _registry(refer),
        "x509-certificate": _certificate(),
    }  # fmt: skip


OBSERVABLES = observables()
#: Inside observed data: a reference is a key of the same ``objects``; whether it leads anywhere is looked at there.
EMBEDDED = observables(lambda *_types: matching(r".+", "the key of an object"))
