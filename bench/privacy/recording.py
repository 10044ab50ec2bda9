"""Real traffic, byte for byte, and a search for what must not stand in it.

``Tap`` is a relay that a member's connection goes through: it keeps every byte of both directions, headers too. The
search is harder than ``attacks.Reader``'s: everything that could show an identifier is looked for at *every* place of
the bytes, raw, in hexadecimal and in base64, so that it does not matter how a message, a log line or a database page
is laid out.
"""

import socket
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

from bench.privacy.attacks import Reader
from stillwatch.match.identifiers import Identifier

#: Shorter traces meet in noise by chance: six bytes in a megabyte once in 10**8.
LEAST = 6


class Tap:
    """Listens on a port of its own and carries every connection to ``port`` on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._kept: list[bytes] = []
        self._conversations: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._conversations:
            each.join(10)

    @property
    def recorded(self) -> bytes:
        """All that went by, in pieces as they came."""
        return b"".join(self._kept)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._conversations.append(threading.Thread(target=self._converse, args=(near,), daemon=True))
                self._conversations[-1].start()

    def _converse(self, near: socket.socket) -> None:
        with near, socket.create_connection(("127.0.0.1", self._port)) as far:
            back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
            back.start()
            self._carry(near, far)
            back.join()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        """One direction, to its end. A direction is kept whole, so that nothing is cut by the other's bytes."""
        whole = bytearray()
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                whole += piece
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)
        self._kept.append(bytes(whole))


def spelt(traces: Iterable[bytes]) -> Iterator[bytes]:
    """Each trace as bytes, as hexadecimal and as base64 (at each of the three places where it may begin)."""
    for trace in traces:
        yield from (trace, trace.hex().encode(), trace.hex().upper().encode())
        for start in range(3):
            for encoded in (b64encode, urlsafe_b64encode):
                # The ends depend on what stands beside; the middle does not.
                yield encoded(bytes(start) + trace)[4 if start else 0 : -4]


class Bytes:
    """All that somebody recorded, ready to be searched."""

    def __init__(self, whole: bytes) -> None:
        self._whole = whole
        self._beginnings = {whole[start : start + LEAST] for start in range(len(whole))}

    def hold(self, form: bytes) -> bool:
        """Whether these bytes stand anywhere; never for so few that chance would put them there."""
        return len(form) >= LEAST and form[:LEAST] in self._beginnings and form in self._whole

    def showing(self, candidates: Iterable[Identifier], reader: Reader) -> set[Identifier]:
        """The candidates of which anything stands here that ``reader`` can compute."""
        return {each for each in candidates if any(map(self.hold, spelt(reader.traces(each))))}
