"""Serve a holder, or run a member, that kills itself (SIGKILL) at one chosen point of a match. For the tests of kills.

``python dying.py serve PARTY DB LEDGER_KEY PORT POINT N`` dies at the Nth time that the server comes to POINT:

- ``begin``: budget and commitment are written in an open transaction, which is lost;
- ``committed``: both are on disk, and nothing is computed yet;
- ``answered``: the answer is computed and being written, and is lost;
- ``sent``: all is on disk, and the answer does not leave.

``python dying.py match DB… POINT N`` dies before or after the Nth message of a member: ``sending``, ``got`` (the answer
arrived and is not kept), ``kept``. The code of Stillwatch itself is as it is everywhere; it is only interrupted.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from matching_world import addresses, question

from stillwatch.adapters.stores.matching import shares, steps
from stillwatch.adapters.transports.matching import KeyHolder
from stillwatch.apps.forum import matching, serving
from stillwatch.apps.matching.keeping import Folder
from stillwatch.apps.matching.running import Runner
from stillwatch.apps.trustee import serving as trustee_serving
from stillwatch.match.session import Outgoing, Session

Function = TypeVar("Function", bound=Callable[..., Any])


class Fuse:
    """Burns down by one each time; then the process is gone."""

    def __init__(self, left: int) -> None:
        self._left = left

    def burn(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, function: Function) -> Function:
        """The function, after which the fuse burns."""

        def wrapped(*args: Any, **named: Any) -> Any:
            found = function(*args, **named)
            self.burn()
            return found

        return wrapped  # type: ignore[return-value]


def serve(party: str, db: str, ledger_key: str, port: str, point: str, number: str) -> None:
    """Serve until the fuse is burnt."""
    fuse = Fuse(int(number))
    if point == "begin":
        steps.begin = fuse.after(steps.begin)
    elif point == "committed":
        steps.committed = fuse.after(steps.committed)
    elif point == "answered":
        steps.answered = fuse.after(steps.answered)
    elif point == "stored":
        shares.store = fuse.after(shares.store)
    elif point == "sent":
        matching.Response = fuse.after(matching.Response)  # type: ignore[misc, assignment]
    listen = serving.listening(f"127.0.0.1:{port}", None, None, None, False)
    ready = lambda _: None  # noqa: E731
    if party == "forum":
        serving.serve(db, listen=listen, public_url=None, rate=0, burst=1, ready=ready, ledger_key=Path(ledger_key))
    else:
        trustee_serving.serve(db, listen=listen, rate=0, burst=1, ready=ready, ledger_key=Path(ledger_key))


class DyingRunner(Runner):
    """A member's runner with a fuse at its messages."""

    def __init__(self, point: str, fuse: Fuse, *rest: Any) -> None:
        super().__init__(*rest)
        self._point, self._fuse = point, fuse

    def _send(self, out: Outgoing) -> bytes:
        if self._point == "sending":
            self._fuse.burn()
        found = super()._send(out)
        if self._point == "got":
            self._fuse.burn()
        return found

    def _finished(self, session: Session) -> Session:
        if self._point == "kept":
            self._folder.save = self._fuse.after(self._folder.save)  # type: ignore[method-assign]
            self._point = ""
        return super()._finished(session)


def match(settings: str, point: str, number: str) -> None:
    """Match as ``settings`` (JSON) say, until the fuse is burnt."""
    given = json.loads(settings)
    holders = [KeyHolder(party, given[party], given[f"{party}-credential"]) for party in ("forum", "trustee")]
    with Folder(Path(given["folder"])) as folder:
        runner = DyingRunner(point, Fuse(int(number)), folder, *holders, datetime.now(UTC), lambda _: None)
        runner.run(question(addresses(*given["range"])))


if __name__ == "__main__":
    {"serve": serve, "match": match}[sys.argv[1]](*sys.argv[2:])
