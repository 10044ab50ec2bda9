"""Options of a server that holds what must not be overheard: its TLS, or the word that a proxy in front ends it."""

from pathlib import Path
from typing import Annotated

import typer

TlsCert = Annotated[Path | None, typer.Option("--tls-cert", help="PEM certificate chain.")]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", help="PEM private key.")]
ClientCa = Annotated[
    Path | None, typer.Option("--client-ca", help="Ask clients for a certificate of this authority (mutual TLS).")
]
BehindProxy = Annotated[
    bool, typer.Option("--behind-proxy", help="A proxy in front ends TLS: plain HTTP beyond loopback is intended.")
]
