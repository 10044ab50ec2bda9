"""Predefined extensions of STIX observables, and the larger values inside them (STIX 2.1 sections 6.7 to 6.18)."""

from collections.abc import Callable

from stillwatch.share.stix.common import texts
from stillwatch.share.stix.kinds import (
    Check,
    alike,
    boolean,
    dictionary,
    hashes,
    hexadecimal,
    integer,
    listed,
    number,
    one_of,
    record,
    string,
    text_or_integer,
    timestamp,
)

#: Makes the check of a reference to one of the named types.
Refer = Callable[..., Check]

_whole = integer(0)

_FILE_EXTENSIONS: dict[str, Check] = {
    "ntfs-ext": record(
        {
            "sid": string,
            "alternate_data_streams": listed(
                record({"name": string, "hashes": hashes, "size": _whole}, required=("name",))
            ),
        },
        some_of=("sid", "alternate_data_streams"),
    ),
    "raster-image-ext": record(
        {
            "image_height": integer(),
            "image_width": integer(),
            "bits_per_pixel": integer(),
            "exif_tags": dictionary(text_or_integer, "[A-Z][a-zA-Z0-9_-]+"),
        },
        some_of=("image_height", "image_width", "bits_per_pixel", "exif_tags"),
    ),
    "pdf-ext": record(
        {
            "version": string,
            "is_optimized": boolean,
            "document_info_dict": dictionary(string),
            "pdfid0": string,
            "pdfid1": string,
        },
        some_of=("version", "is_optimized", "document_info_dict", "pdfid0", "pdfid1"),
    ),
}

_OPTIONAL_HEADER_WHOLE = (
    "size_of_code size_of_initialized_data size_of_uninitialized_data size_of_image size_of_headers"
    " size_of_stack_reserve size_of_stack_commit size_of_heap_reserve size_of_heap_commit"
)
_OPTIONAL_HEADER_INTEGER = (
    "major_linker_version minor_linker_version address_of_entry_point base_of_code base_of_data"
    " image_base section_alignment file_alignment major_os_version minor_os_version"
    " major_image_version minor_image_version major_subsystem_version minor_subsystem_version"
    " number_of_rva_and_sizes"
)
_OPTIONAL_HEADER_HEX = (
    "magic_hex win32_version_value_hex checksum_hex subsystem_hex dll_characteristics_hex loader_flags_hex"
)
_optional_header_properties: dict[str, Check] = (
    alike(_whole, _OPTIONAL_HEADER_WHOLE)
    | alike(integer(), _OPTIONAL_HEADER_INTEGER)
    | alike(hexadecimal, _OPTIONAL_HEADER_HEX)
    | {"hashes": hashes}
)
_pe: dict[str, Check] = {
    "imphash": string,
    "machine_hex": hexadecimal,
    "number_of_sections": _whole,
    "time_date_stamp": timestamp,
    "pointer_to_symbol_table_hex": hexadecimal,
    "number_of_symbols": _whole,
    "size_of_optional_header": _whole,
    "characteristics_hex": hexadecimal,
    "file_header_hashes": hashes,
    "optional_header": record(_optional_header_properties, some_of=tuple(_optional_header_properties), closed=True),
    "sections": listed(
        record({"name": string, "size": _whole, "entropy": number, "hashes": hashes}, required=("name",))
    ),
}
_FILE_EXTENSIONS["windows-pebinary-ext"] = record(_pe | {"pe_type": string}, ("pe_type",), tuple(_pe))

_startup: dict[str, Check] = alike(
    string, "lpDesktop lpTitle dwFillAttribute dwFlags wShowWindow hStdInput hStdOutput hStdError"
) | alike(integer(), "cb dwX dwY dwXSize dwYSize dwXCountChars dwYCountChars")
_windows_process: dict[str, Check] = {
    "aslr_enabled": boolean,
    "dep_enabled": boolean,
    "priority": string,
    "owner_sid": string,
    "window_title": string,
    "startup_info": record(_startup | {"cbReserved2": integer(0, 0)}, some_of=(*_startup, "cbReserved2"), closed=True),
    "integrity_level": one_of("low", "medium", "high", "system"),
}
_X509_V3_TEXTS = (
    "basic_constraints name_constraints policy_constraints key_usage extended_key_usage"
    " subject_key_identifier authority_key_identifier subject_alternative_name issuer_alternative_name"
    " subject_directory_attributes crl_distribution_points inhibit_any_policy certificate_policies"
    " policy_mappings"
)
_x509_v3: dict[str, Check] = alike(string, _X509_V3_TEXTS) | {
    "private_key_usage_period_not_before": timestamp,
    "private_key_usage_period_not_after": timestamp,
}


x509_v3_extensions = record(_x509_v3, some_of=tuple(_x509_v3))


def file_extensions(refer: Refer) -> dict[str, Check]:
    """Section 6.7.2 to 6.7.6."""
    archive = record({"contains_refs": listed(refer("file", "directory")), "comment": string}, ("contains_refs",))
    return _FILE_EXTENSIONS | {"archive-ext": archive}


def process_extensions(refer: Refer) -> dict[str, Check]:
    """Sections 6.13.2 and 6.13.3."""
    return {
        "windows-process-ext": record(_windows_process, some_of=tuple(_windows_process)),
        "windows-service-ext": _windows_service(refer),
    }


def _windows_service(refer: Refer) -> Check:
    properties: dict[str, Check] = {
        "service_name": string,
        "descriptions": texts,
        "display_name": string,
        "group_name": string,
        "start_type": one_of(
            "SERVICE_AUTO_START", "SERVICE_BOOT_START", "SERVICE_DEMAND_START", "SERVICE_DISABLED",
            "SERVICE_SYSTEM_ALERT",
        ),
        "service_dll_refs": listed(refer("file")),
        "service_type": one_of(
            "SERVICE_KERNEL_DRIVER", "SERVICE_FILE_SYSTEM_DRIVER", "SERVICE_WIN32_OWN_PROCESS",
            "SERVICE_WIN32_SHARE_PROCESS",
        ),
        "service_status": one_of(
            "SERVICE_CONTINUE_PENDING", "SERVICE_PAUSE_PENDING", "SERVICE_PAUSED", "SERVICE_RUNNING",
            "SERVICE_START_PENDING", "SERVICE_STOP_PENDING", "SERVICE_STOPPED",
        ),
    }  # fmt: skip
    return record(properties, some_of=tuple(properties))


def traffic_extensions(refer: Refer) -> dict[str, Check]:
    """Sections 6.12.2 to 6.12.5."""
    return {
        "http-request-ext": record(
            {
                "request_method": string,
                "request_value": string,
                "request_version": string,
                "request_header": dictionary(texts, ".+"),
                "message_body_length": integer(),
                "message_body_data_ref": refer("artifact"),
            },
            required=("request_method", "request_value"),
        ),
        "icmp-ext": record(
            {"icmp_type_hex": hexadecimal, "icmp_code_hex": hexadecimal}, ("icmp_type_hex", "icmp_code_hex")
        ),
        "socket-ext": record(
            {
                "address_family": one_of(
                    "AF_UNSPEC", "AF_INET", "AF_IPX", "AF_APPLETALK", "AF_NETBIOS", "AF_INET6", "AF_IRDA", "AF_BTH"
                ),
                "is_blocking": boolean,
                "is_listening": boolean,
                "options": dictionary(integer(), "(?:SO|ICMP|ICMP6|IP|IPV6|MCAST|TCP|IRLMP)(?:_[A-Z]+)+"),
                "socket_type": one_of("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"),
                "socket_descriptor": _whole,
                "socket_handle": integer(),
            },
            required=("address_family",),
        ),
        "tcp-ext": record(
            {"src_flags_hex": hexadecimal, "dst_flags_hex": hexadecimal}, some_of=("src_flags_hex", "dst_flags_hex")
        ),
    }
