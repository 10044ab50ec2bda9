"""The real Envoy, run on what ``stillwatch gateway envoy`` prints."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway_world import COURSES, COVERT

from bench.gateway import running
from bench.gateway.running import Envoy, NoEnvoyError, filters


@contextlib.contextmanager
def envoy(folder: Path, upstream: int, gateway: int, *options: str) -> Iterator[Envoy]:
    """Envoy on a free port, told what the command prints with ``options``."""
    try:
        running.program()
    except NoEnvoyError as error:
        pytest.skip(str(error))
    with running.envoy(folder, upstream, gateway, *options, change=_authenticating) as found:
        yield found


def _authenticating(told: dict[str, Any]) -> None:
    """Envoy's own filter for keys, where a provider's stands: the key of an account is ``key-of-ACCOUNT``."""
    type_ = "type.googleapis.com/envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth"
    keys = {
        "@type": type_,
        "credentials": [
            {"key": f"key-of-{name}", "client": name} for name in (*COURSES, *COVERT, "in-shadow", "nobody")
        ],
        "key_sources": [{"header": "Authorization"}],
        "forwarding": {"header": "x-stillwatch-account"},
    }
    filters(told).insert(1, {"name": "envoy.filters.http.api_key_auth", "typed_config": keys})


def key(account: str) -> dict[str, str]:
    """The header with the key of an account."""
    return {"authorization": f"Bearer key-of-{account}"}


__all__ = ["Envoy", "envoy", "key"]
