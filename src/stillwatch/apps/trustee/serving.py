"""``trustee serve``: the trustee's half of private matching, and its ledger. Nothing else is here to be asked."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from starlette.routing import Route

from stillwatch.adapters.stores.forum import database
from stillwatch.adapters.stores.forum.signing import KeyFile, beside
from stillwatch.apps.forum import beside as forum_beside
from stillwatch.apps.forum import matching, serving
from stillwatch.apps.forum.gate import Buckets
from stillwatch.apps.forum.server import LEDGER, Listening
from stillwatch.apps.forum.service import Service
from stillwatch.apps.trustee import founding

#: Who am I, what of me is on record, the ledger, the match.
ROUTES = (
    Route("/forum/me/", forum_beside.whoami),
    Route("/forum/transparency/", forum_beside.transparency),
    *LEDGER,
    *matching.ROUTES,
)


def serve(
    url: str, *, listen: Listening, rate: float, burst: float, ready: Callable[[str], None], ledger_key: Path | None
) -> None:
    """Serve until SIGINT or SIGTERM. Raises ``UsageError`` for a database that is no trustee's."""
    founding.check(url)
    engine = database.connect(url)
    signing = KeyFile(ledger_key or beside(engine.url))
    service = Service(engine, Buckets(rate, burst), signing=signing)
    asyncio.run(serving.run(service, listen, ready, ROUTES))
