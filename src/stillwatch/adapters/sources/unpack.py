"""Compressed bytes to plain bytes, a little at a time. What kind they are is read from the bytes, never from the name.

The attack to think of is a small file that unpacks to gigabytes: no step here holds more than a few tens of megabytes.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import zstandard

_CHUNK = 256 * 1024
_GZIP_OUT = 1024 * 1024
#: A kilobyte of Zstandard can unpack to 32 MB at worst (a repeated byte makes a 128 kB block out of 4 bytes), and the
#: decoder loses what it unpacked in a call that fails: small steps keep both small.
_ZSTD_STEP = 1024

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
PARQUET = b"PAR1"

#: Beginnings of files that are no log in a form that can be read, and what to do about it.
UNREADABLE: tuple[tuple[bytes, str], ...] = (
    (b"BZh", "bzip2 is not read here: unpack it, or pack it with gzip or zstd"),
    (b"\xfd7zXZ\x00", "xz is not read here: unpack it, or pack it with gzip or zstd"),
    (b"PK\x03\x04", "a zip archive is not read here: unpack it"),
    (b"\x04\x22\x4d\x18", "lz4 is not read here: unpack it, or pack it with gzip or zstd"),
    (b"\xff\xfe", "UTF-16 text: convert it to UTF-8"),
    (b"\xfe\xff", "UTF-16 text: convert it to UTF-8"),
)


class Readable(Protocol):
    """As much of a binary stream as is needed here."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; none at the end."""


class DamagedError(Exception):
    """The rest of a compressed stream can't be unpacked. The message is the reason."""


def chunks(head: bytes, stream: Readable) -> Iterator[bytes]:
    """Plain bytes of ``head`` followed by ``stream``. Raises ``DamagedError`` after all that could be unpacked."""
    packed = _continued(head, stream)
    if head.startswith(GZIP):
        return _gunzip(packed)
    if head.startswith(ZSTD):
        return _unzstd(packed)
    return packed


def _continued(head: bytes, stream: Readable) -> Iterator[bytes]:
    yield head
    while data := stream.read(_CHUNK):
        yield data


def _gunzip(packed: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 1952; a file may hold several members one after the other."""
    unpacker = zlib.decompressobj(wbits=31)
    for data in packed:
        while data:
            if unpacker.eof:
                data = data.lstrip(b"\0")  # padding of tapes and of some loggers
                if not data:
                    break
                unpacker = zlib.decompressobj(wbits=31)
            before = unpacker.copy()
            try:
                out = unpacker.decompress(data, _GZIP_OUT)
            except zlib.error as error:
                yield from _salvaged(before, data)
                raise DamagedError("damaged gzip") from error
            if out:
                yield out
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        rest = unpacker.flush()
        if rest:
            yield rest
    if not unpacker.eof:
        raise DamagedError("gzip ends early")


def _salvaged(unpacker: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """``zlib`` keeps nothing of a call that fails: go over the same bytes one by one, up to the damage."""
    for position in range(len(data)):
        try:
            out = unpacker.decompress(data[position : position + 1])
        except zlib.error:
            return
        if out:
            yield out


def _unzstd(packed: Iterable[bytes]) -> Iterator[bytes]:
    """RFC 8878; a file may hold several frames one after the other."""
    start: Callable[[], zstandard.ZstdDecompressionObj] = zstandard.ZstdDecompressor().decompressobj
    unpacker = start()
    fresh = False
    for data in packed:
        for position in range(0, len(data), _ZSTD_STEP):
            step = data[position : position + _ZSTD_STEP]
            while step:
                if unpacker.eof:
                    unpacker = start()
                try:
                    out = unpacker.decompress(step)
                except zstandard.ZstdError as error:
                    raise DamagedError("damaged zstd") from error
                if out:
                    yield out
                step = unpacker.unused_data if unpacker.eof else b""
                fresh = unpacker.eof
    if not fresh:
        raise DamagedError("zstd ends early")
