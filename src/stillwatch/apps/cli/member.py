"""What ``share`` and ``receive`` have in common: the settings, the key, the forum, the hour."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import platformdirs
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.adapters.transports.taxii import TaxiiForum
from stillwatch.apps.member import secrets
from stillwatch.apps.member.outbox import Outbox
from stillwatch.apps.member.settings import Settings, load
from stillwatch.share.dsse import sealed

Config = Annotated[
    Path | None,
    typer.Option("--config", envvar="STILLWATCH_MEMBER", help="Member settings (TOML).", show_default=False),
]


@dataclass(frozen=True)
class Member:
    """We, as one command needs us."""

    settings: Settings
    key: Ed25519PrivateKey

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.settings.path(self.settings.outbox))

    @contextmanager
    def forum(self) -> Iterator[TaxiiForum]:
        settings = self.settings
        credential = secrets.credential(settings.path(settings.credential))
        ca = None if settings.ca is None else settings.path(settings.ca)
        certificate = None if settings.client_certificate is None else settings.path(settings.client_certificate)
        seal = partial(sealed, key=self.key)
        with TaxiiForum(settings.forum, credential, seal, ca=ca, client_certificate=certificate) as forum:
            yield forum


def settings_path(config: Path | None) -> Path:
    return config or platformdirs.user_config_path("stillwatch") / "member.toml"


def member(config: Path | None) -> Member:
    """Raises ``UsageError`` or ``StateError`` where the settings or the key can't be used."""
    settings = load(settings_path(config))
    return Member(settings, secrets.signing_key(settings.path(settings.signing_key)))


def now() -> datetime:
    """To the millisecond, as STIX tells times."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
