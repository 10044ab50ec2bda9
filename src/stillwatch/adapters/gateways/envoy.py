"""Envoy's side: a whole configuration that puts a gateway before an upstream, to run as it is or to copy from.

Source: Envoy documentation, "External Authorization" (HTTP filter, ``ext_authz`` v3), "Header mutation", "Local reply
modification", "Statistics". What a reader would get wrong by hand is in here:

- Headers that name the account are taken from callers first, by a filter that stands before all others.
- The body goes along (``with_request_body``), so that inline rules and the tap see the request; a body larger than
  ``largest`` goes along in part and is decided by its account alone, where the default would refuse it with 413.
- ``ext_authz`` passes no header to the gateway and none back to the caller unless it is listed.
- The upstream is told the course apart from the caller, who hears nothing of a covert one: it comes under a name that
  callers are not sent, and a filter after ``ext_authz`` writes it into ``stillwatch-course``.
- Pages and appeals are the gateway's own and are never asked about: who is refused must be able to appeal.
- Fail closed answers 403 by default, without a word; here it is 503 with a problem document.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from stillwatch.adapters.gateways.exchanges import Naming
from stillwatch.adapters.gateways.problems import FOR_UPSTREAM, unavailable

_TYPE = "type.googleapis.com/envoy.extensions."
_HTTP = _TYPE + "filters.http."
#: What the gateway reads: who asks, and the shape of the client. Cookies stay out.
_READ = ("accept", "accept-encoding", "accept-language", "api-key", "content-type", "user-agent")
#: The request header in which the upstream reads the course.
_COURSE = "stillwatch-course"
#: Headers that only we and Envoy may set.
_OURS = (_COURSE, FOR_UPSTREAM, "stillwatch-case", "x-original-uri", "x-real-ip", "x-envoy-auth-failure-mode-allowed")
#: What callers reach of the gateway.
_PAGES = ("/reasons/", "/cases/", "/v1/appeals")


@dataclass(frozen=True, kw_only=True)
class EnvoySettings:
    """``listen``, ``upstream``, ``gateway`` and ``admin`` as HOST:PORT; no ``admin``, no counters to look at."""

    listen: str
    upstream: str
    gateway: str
    fail: Literal["open", "closed"] = "open"
    admin: str = ""
    timeout_s: float = 0.25
    largest: int = 8 * 1024 * 1024
    naming: Naming = field(default_factory=Naming)


def configuration(settings: EnvoySettings) -> str:
    """The configuration as JSON, which Envoy reads like YAML. Raises ``ValueError`` for an address that is none, or a
    time that is none to wait."""
    if not 0.001 <= settings.timeout_s <= 3600:
        raise ValueError(f"{settings.timeout_s:g} s is no time to wait for a decision: 0.001 to 3600")
    manager = {
        "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "stillwatch",
        "use_remote_address": True,
        "normalize_path": True,
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "model",
                    "domains": ["*"],
                    "routes": [
                        *map(_beside, _PAGES),
                        {"match": {"prefix": "/"}, "route": {"cluster": "model", "timeout": "0s"}},
                    ],
                }
            ]
        },
        "http_filters": [_stripping(settings), _asking(settings), _telling(), _named("router", "router.v3.Router")],
    }
    if settings.fail == "closed":
        manager["local_reply_config"] = _reason()
    found: dict[str, Any] = {
        "static_resources": {
            "listeners": [
                {
                    "name": "callers",
                    "address": _address(settings.listen),
                    # A body waits here whole until it is decided: no less than the largest that goes along.
                    "per_connection_buffer_limit_bytes": settings.largest + 64 * 1024,
                    "filter_chains": [
                        {
                            "filters": [
                                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}
                            ]
                        }
                    ],
                }
            ],
            "clusters": [_cluster("model", settings.upstream), _cluster("stillwatch", settings.gateway)],
        }
    }
    if settings.admin:
        found["admin"] = {"address": _address(settings.admin)}
    return json.dumps(found, indent=1) + "\n"


def _beside(prefix: str) -> dict[str, Any]:
    return {
        "match": {"prefix": prefix},
        "route": {"cluster": "stillwatch"},
        "typed_per_filter_config": {
            "envoy.filters.http.ext_authz": {"@type": _HTTP + "ext_authz.v3.ExtAuthzPerRoute", "disabled": True}
        },
    }


def _stripping(settings: EnvoySettings) -> dict[str, Any]:
    """Takes out of callers' requests what only we may say. Your filter that authenticates stands after it."""
    names = (settings.naming.account, settings.naming.organization, *_OURS)
    return _mutating([{"remove": name} for name in names])


def _telling() -> dict[str, Any]:
    """Tells the upstream the course. Where there is none, the value is empty and Envoy adds no header."""
    course = {
        "header": {"key": _COURSE, "value": f"%REQ({FOR_UPSTREAM})%"},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
    return _mutating([{"append": course}, {"remove": FOR_UPSTREAM}])


def _mutating(mutations: list[dict[str, Any]]) -> dict[str, Any]:
    return _named("header_mutation", "header_mutation.v3.HeaderMutation", mutations={"request_mutations": mutations})


def _asking(settings: EnvoySettings) -> dict[str, Any]:
    read = [{"prefix": "x-"}, *({"exact": name} for name in (*_READ, *_named_by(settings.naming)))]
    asked = {
        "server_uri": {
            "uri": f"http://{settings.gateway}",
            "cluster": "stillwatch",
            "timeout": f"{settings.timeout_s:g}s",
        },
        "path_prefix": "/v1/ext-authz",
        "authorization_response": {
            "allowed_upstream_headers": {"patterns": [{"exact": FOR_UPSTREAM}]},
            "allowed_client_headers_on_success": {"patterns": [{"prefix": "stillwatch-"}]},
        },
    }
    return _named(
        "ext_authz",
        "ext_authz.v3.ExtAuthz",
        http_service=asked,
        allowed_headers={"patterns": read},
        with_request_body={"max_request_bytes": settings.largest, "allow_partial_message": True},
        failure_mode_allow=settings.fail == "open",
        failure_mode_allow_header_add=settings.fail == "open",
        status_on_error={"code": 503},
        stat_prefix="stillwatch",
        clear_route_cache=False,
    )


def _named_by(naming: Naming) -> list[str]:
    """Headers that name the account, where the prefix does not cover them."""
    return [name.lower() for name in (naming.account, naming.organization) if not name.lower().startswith("x-")]


def _reason() -> dict[str, Any]:
    """A problem document where the gateway does not answer. Its own answers pass: they have a body."""
    said = unavailable()
    return {
        "mappers": [
            {
                "filter": {
                    "and_filter": {
                        "filters": [
                            {"response_flag_filter": {"flags": ["UAEX"]}},
                            {
                                "status_code_filter": {
                                    "comparison": {"value": {"default_value": 503, "runtime_key": "stillwatch.closed"}}
                                }
                            },
                        ]
                    }
                },
                "body": {"inline_string": said.body.decode()},
                "body_format_override": {
                    "text_format_source": {"inline_string": "%LOCAL_REPLY_BODY%"},
                    "content_type": "application/problem+json",
                },
                "headers_to_add": [{"header": {"key": "retry-after", "value": "5"}}],
            }
        ]
    }


def _named(name: str, type_: str, **fields: Any) -> dict[str, Any]:
    return {"name": f"envoy.filters.http.{name}", "typed_config": {"@type": _HTTP + type_, **fields}}


def _cluster(name: str, place: str) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(place)}}
    return {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "0.25s" if name == "stillwatch" else "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _address(place: str) -> dict[str, Any]:
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{place!r} is no HOST:PORT, as in 127.0.0.1:8085")
    return {"socket_address": {"address": host.strip("[]"), "port_value": int(port)}}
