"""The origins of signatures in one mapped file of fixed size, shared by all workers of a gateway on one machine.

A hash table of buckets with eight places; a new origin takes the place of the oldest in its bucket. So the file never
grows, needs no cleaning, and nothing is locked: a worker that reads a place while another writes it finds that the
check sum does not fit, and takes it for empty. A lost entry means one signature less that is known, never a wrong
answer. It holds keyed hashes only (``decide/inline/signatures.py``); a file under another key is thrown away.
"""

import mmap
import os
import struct
from collections.abc import Callable
from pathlib import Path
from time import time
from zlib import crc32

from stillwatch.decide.inline.signatures import PACKED, Origin
from stillwatch.errors import StateError, UsageError

WAYS = 8
_HEADER = struct.Struct("<8sIIII16s")
_MAGIC = b"SWSIGN\x00\x01"
_HEADER_SIZE = 4096
_KEY = 16
_STAMP = struct.Struct("<II")  # seconds since 1970, check sum
_SLOT = -(-(_KEY + _STAMP.size + PACKED) // 8) * 8
_BUCKET = WAYS * _SLOT
#: Of all buckets one in five is for origins that nobody witnessed: a flood of made-up ones can't push out real ones.
_UNWITNESSED = 5


class SignatureFile:
    """A ``Memory`` for ``Inline``. ``most`` origins at most; a file made with another size or key is made anew.

    ``owner`` is 16 public bytes that name the key (``SketchKey.check``). ``clock`` gives seconds since 1970.
    """

    def __init__(self, path: Path, owner: str, most: int = 1_000_000, clock: Callable[[], float] = time) -> None:
        if most < _UNWITNESSED * WAYS * 2:
            raise UsageError(f"a memory of signatures holds at least {_UNWITNESSED * WAYS * 2}")
        self._clock = clock
        self._buckets = -(-most // WAYS)
        self._apart = self._buckets - self._buckets // _UNWITNESSED
        header = _HEADER.pack(_MAGIC, _SLOT, WAYS, self._buckets, PACKED, owner.encode()[:16])
        try:
            self._map = _mapped(path, header, _HEADER_SIZE + self._buckets * _BUCKET)
        except OSError as error:
            raise StateError(f"the memory of signatures {path} can't be used: {error.strerror}") from error

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self._map)

    def close(self) -> None:
        """Unmap the file. What was written stays."""
        self._map.close()

    def get(self, key: bytes) -> Origin | None:
        for witnessed in (True, False):
            bucket = self._bucket(key, witnessed=witnessed)
            data = self._map[bucket : bucket + _BUCKET]
            at = data.find(key)
            while at >= 0 and at % _SLOT:
                at = data.find(key, at + 1)
            if at < 0:
                continue
            _, check = _STAMP.unpack_from(data, at + _KEY)
            packed = data[at + _KEY + _STAMP.size : at + _KEY + _STAMP.size + PACKED]
            if crc32(packed, crc32(key)) == check:
                return Origin.unpacked(packed)
        return None

    def put(self, key: bytes, origin: Origin) -> None:
        packed = origin.packed()
        bucket = self._bucket(key, witnessed=origin.witnessed)
        data = self._map[bucket : bucket + _BUCKET]
        way = next((way for way in range(WAYS) if data.startswith(key, way * _SLOT)), None)
        if way is None:
            way = min(range(WAYS), key=lambda way: _STAMP.unpack_from(data, way * _SLOT + _KEY)[0])
        stamp = _STAMP.pack(max(1, int(self._clock())) & 0xFFFFFFFF, crc32(packed, crc32(key)))
        at = bucket + way * _SLOT
        self._map[at : at + _KEY + _STAMP.size + PACKED] = key + stamp + packed

    def _bucket(self, key: bytes, *, witnessed: bool) -> int:
        number = int.from_bytes(key[:8], "little")
        place = number % self._apart if witnessed else self._apart + number % (self._buckets - self._apart)
        return _HEADER_SIZE + place * _BUCKET


def _mapped(path: Path, header: bytes, size: int) -> mmap.mmap:
    """The file as shared memory; made anew, beside the old one and then in its place, where it does not fit."""
    if not _fits(path, header, size):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(header)
            file.truncate(size)
        fresh.replace(path)
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), size)


def _fits(path: Path, header: bytes, size: int) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(header)) == header and os.fstat(file.fileno()).st_size == size
    except FileNotFoundError:
        return False
