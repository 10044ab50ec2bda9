"""What the user named, to the inputs of a run: files, folders, patterns and standard input."""

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from stillwatch.vocabulary.quarantine import Reject

#: What is taken from a folder, by name. A file that is named itself is opened whatever its name.
SUFFIXES = (".jsonl", ".json", ".ndjson", ".parquet")
PACKED = (".gz", ".zst")

STDIN = "-"


class Source(msgspec.Struct, frozen=True):
    """One input. ``name`` is how messages call it, ``path`` where it lies (``None``: standard input).

    ``size`` is its length in bytes as it lies on disk; ``None`` for a pipe.
    """

    name: str
    path: Path | None
    size: int | None


def expand(inputs: Sequence[str]) -> list[Source | Reject]:
    """The inputs behind each argument, in order; folders and patterns sorted by name, so that a run repeats.

    What leads nowhere is a ``Reject`` in its place; a file that is named twice is read once, with a note.
    """
    found: list[Source | Reject] = []
    seen: set[Path] = set()
    for given in inputs:
        for item in _behind(given):
            if isinstance(item, Source) and item.path is not None:
                real = item.path.resolve()
                if real in seen:
                    item = Reject(file=item.name, line=0, reason="named more than once; read once", kept=True)
                seen.add(real)
            found.append(item)
    return found


def total_size(sources: Iterable[Source | Reject]) -> int | None:
    """Bytes of all inputs together as they lie on disk, for a progress bar; ``None`` where one is not known."""
    sizes = [source.size for source in sources if isinstance(source, Source)]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _behind(given: str) -> Iterator[Source | Reject]:
    if given == STDIN:
        yield Source(name=STDIN, path=None, size=None)
        return
    path = Path(given)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        yield from _matching(given, error)
        return
    if stat.S_ISDIR(mode):
        yield from _inside(path)
    else:
        yield _source(path)


def _matching(pattern: str, error: Exception) -> Iterator[Source | Reject]:
    if not glob.has_magic(pattern):
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable name"
        yield Reject(file=pattern, line=0, reason=f"can't be opened: {reason.lower()}")
        return
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (a pattern may start at the root)
    files = [path for path in matches if path.is_file()]
    yield from map(_source, files)
    if not files:
        yield Reject(file=pattern, line=0, reason="no file matches this pattern")


def _inside(folder: Path) -> Iterator[Source | Reject]:
    troubles: list[OSError] = []
    count = 0
    for root, folders, names in os.walk(folder, onerror=troubles.append):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if _is_log(name) and path.is_file():
                count += 1
                yield _source(path)
    for trouble in troubles:
        yield Reject(file=str(trouble.filename), line=0, reason=f"can't be opened: {(trouble.strerror or '').lower()}")
    if not count and not troubles:
        yield Reject(
            file=str(folder), line=0, reason=f"no log in this folder ({', '.join(SUFFIXES)}, {', '.join(PACKED)})"
        )


def _is_log(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(SUFFIXES + PACKED)


def _source(path: Path) -> Source:
    try:
        status = path.stat()
    except OSError:  # gone since it was listed: opening it will say so
        return Source(name=str(path), path=path, size=None)
    return Source(name=str(path), path=path, size=status.st_size if stat.S_ISREG(status.st_mode) else None)
