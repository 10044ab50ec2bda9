"""``stillwatch ledger``: check an exported ledger, prove one leaf of it, and witness it. All of it offline."""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, NoReturn

import msgspec
import typer

from stillwatch.errors import IntegrityError, NoInputError, OutputError, StateError, UsageError
from stillwatch.guard.ledger import (
    LOG_KEY,
    WITNESS_KEY,
    Checkpoint,
    Declined,
    InclusionProof,
    Report,
    Request,
    Signer,
    Trust,
    VerifierKey,
    Witness,
    compare,
    prove,
    verify,
)
from stillwatch.guard.ledger.export import MAX_LINE_BYTES

app = typer.Typer(no_args_is_help=True, help="Check and prove what the forum recorded, without the forum's help.")

ExportFile = Annotated[Path, typer.Argument(help="An exported ledger (JSON Lines), or - for standard input.")]
Keys = Annotated[
    list[Path] | None, typer.Option("--key", help="File with the ledger's public key. Repeatable.", show_default=False)
]
WitnessKeys = Annotated[
    list[Path] | None,
    typer.Option("--witness-key", help="File with a witness's public key. Repeatable.", show_default=False),
]
Quorum = Annotated[
    int | None, typer.Option("--quorum", min=1, help="How many witnesses must have cosigned.", show_default=False)
]


@app.command("verify")
def verify_(
    file: ExportFile,
    key: Keys = None,
    witness_key: WitnessKeys = None,
    quorum: Quorum = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint that you kept from before. Repeatable.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Compute an exported ledger anew and say in plain words what is wrong with it, and at which leaf."""
    held = tuple(Checkpoint.parse(_text(path)) for path in checkpoint or [])
    trust = Trust(_keys(key), _keys(witness_key), quorum, held)
    report = verify(_lines(file), trust)
    if not report.leaves and report.origin is None:
        first = f": {report.faults[0].text}" if report.faults else ""
        raise NoInputError(f"{file} holds no ledger{first}")
    print(_as_json(report) if json else _told(report))
    _fail(report)


@app.command()
def inclusion(
    file: ExportFile,
    leaf: Annotated[int, typer.Argument(min=0, help="The number of a leaf, from 0.")],
    key: Keys = None,
) -> None:
    """Print a proof that a leaf is in the ledger: a small file that `stillwatch ledger check` can judge alone."""
    if str(file) == "-":
        raise UsageError("a proof reads the ledger twice: name a file")
    _fail(verify(_lines(file), Trust(_keys(key))))
    print(prove(_lines(file), leaf), end="")


@app.command()
def check(
    proof: Annotated[Path, typer.Argument(help="What `stillwatch ledger inclusion` printed.")],
    key: Annotated[list[Path], typer.Option("--key", help="File with the ledger's public key. Repeatable.")],
    witness_key: WitnessKeys = None,
    quorum: Quorum = None,
) -> None:
    """Judge a proof that a leaf is in the ledger, and print the leaf."""
    found = InclusionProof.parse(_text(proof))
    trust = Trust(_keys(key), _keys(witness_key))
    faults = found.faults(trust.logs, trust.witnesses, quorum or 0)
    if faults:
        raise IntegrityError(_plain("; ".join(faults)))
    print(_plain(found.leaf.decode("utf-8", "replace")))
    print(f"is leaf {found.index} of {_plain(found.checkpoint.origin)}, which then had {found.checkpoint.size} leaves.")


@app.command("compare")
def compare_(file: ExportFile, other: ExportFile, key: Keys = None) -> None:
    """Were two people shown the same ledger? Two exports of it, each verified, then leaf by leaf."""
    trust = Trust(_keys(key))
    for path in (file, other):
        report = verify(_lines(path), trust)
        if not report.holds:
            print(f"{path}:\n{_told(report)}")
            _fail(report)
    found = compare(_lines(file), _lines(other))
    for checkpoint in found.evidence or ():
        print(f"Signed by the log:\n\n{checkpoint}")
    if found.faults:
        raise IntegrityError(_plain("; ".join(found.faults)))
    shorter, longer = sorted(found.leaves)
    more = f"; one has {longer - shorter} more behind them" if longer > shorter else ""
    print(f"The same ledger: {shorter} leaves are in both, in the same order{more}.")


@app.command("key")
def key_(
    name: Annotated[str, typer.Argument(help="The log's origin or the witness's name, as in forum.example/ledger.")],
    out: Annotated[Path, typer.Option("--out", help="File for the private key; it must not exist.")],
    witness: Annotated[bool, typer.Option("--witness", help="A key to cosign with, not one for a ledger.")] = False,
) -> None:
    """Make a signing key; print its public half, which others put into a file for --key or --witness-key."""
    signer = Signer.of(name, WITNESS_KEY if witness else LOG_KEY, secrets.token_bytes(32))
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OutputError(f"the key file {out} can't be made: {(error.strerror or '').lower()}") from error
    with os.fdopen(handle, "w") as file:
        file.write(f"{signer.secret}\n")
    print(signer.key)


@app.command()
def cosign(
    request: Annotated[Path, typer.Argument(help="Old size, proof and checkpoint (tlog-witness add-checkpoint).")],
    signing_key: Annotated[Path, typer.Option("--signing-key", help="File with your private witness key.")],
    key: Annotated[list[Path], typer.Option("--key", help="File with the ledger's public key.")],
    seen: Annotated[Path, typer.Option("--seen", help="File that keeps the checkpoint you cosigned last.")],
) -> None:
    """Witness a ledger: cosign its checkpoint if nothing before it changed since you looked last."""
    logs = _keys(key)
    if len(logs) != 1:
        raise UsageError("a witness follows one ledger: give one --key")
    witness = Witness(_signer(signing_key), logs[0])
    with _alone(seen):
        old = Checkpoint.parse(_text(seen)) if seen.exists() else None
        answer = witness.answer(old, Request.parse(_text(request)), int(time.time()))
        if isinstance(answer, Declined):
            _declined(answer)
        else:
            # Kept before it is handed out: a witness that forgets what it signed can be rolled back.
            _replace(seen, str(answer.seen))
            print(answer.line, end="")


def _declined(answer: Declined) -> NoReturn:
    for checkpoint in answer.evidence or ():
        print(f"Signed by the log:\n\n{checkpoint}")
    # Asked from another size than this witness knows: nothing is wrong with the ledger yet.
    merely_asked_wrong = answer.status in (400, 409) and answer.evidence is None
    raise (UsageError if merely_asked_wrong else IntegrityError)(_plain(f"not cosigned: {answer.reason}"))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two witnesses at once over one memory could each sign a story of its own."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise StateError(f"{lock} exists: another run is cosigning; if none is, remove that file") from error
    except OSError as error:
        raise OutputError(f"{lock} can't be made: {(error.strerror or '').lower()}") from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file; one that is too long comes in pieces, none of which is a line of a ledger."""
    if str(path) == "-":
        yield from _pieces(sys.stdin.buffer)
        return
    try:
        with path.open("rb") as file:
            yield from _pieces(file)
    except OSError as error:
        raise NoInputError(f"{path} can't be read: {(error.strerror or '').lower()}") from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.readline(MAX_LINE_BYTES + 2), b"")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} can't be read: it is not UTF-8") from error


def _keys(paths: list[Path] | None) -> tuple[VerifierKey, ...]:
    """The public keys in these files: one a line; empty lines and those that begin with # say nothing."""
    keys = []
    for path in paths or []:
        lines = [line.strip() for line in _text(path).splitlines()]
        found = [line for line in lines if line and not line.startswith("#")]
        if not found:
            raise UsageError(f"{path} holds no key")
        try:
            keys += [VerifierKey.parse(line) for line in found]
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error
    return tuple(keys)


def _signer(path: Path) -> Signer:
    if path.exists() and path.stat().st_mode & 0o077:
        raise StateError(f"the key file {path} may be read by others: chmod 600 it, or better, make a new key")
    try:
        return Signer.parse(_text(path).strip())
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise OutputError(f"{path} can't be written: {(error.strerror or '').lower()}") from error


def _fail(report: Report) -> None:
    if not report.holds:
        count = report.faults_in_all
        first = report.faults[0].text
        raise IntegrityError(_plain(f"the ledger does not hold, {_many(count, 'fault', 'faults')}; the first: {first}"))


def _told(report: Report) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.kinds.items())
    leaves = _many(report.leaves, "leaf", "leaves") + (f" ({kinds})" if kinds else "")
    lines = [f"{report.origin}: {leaves}, {_many(report.checkpoints, 'checkpoint', 'checkpoints')}."]
    if report.newest is not None:
        lines.append(f"The newest checkpoint that holds covers {_many(report.newest.size, 'leaf', 'leaves')}.")
    if report.witnesses:
        lines.append(f"It was cosigned by {', '.join(report.witnesses)}.")
    lines += [f"Wrong: {fault.text}." for fault in report.faults]
    if report.faults_in_all > len(report.faults):
        lines.append(f"And {report.faults_in_all - len(report.faults)} more.")
    lines += [f"Know: {note}." for note in report.notes]
    lines.append("The ledger holds." if report.holds else "The ledger does not hold.")
    return "\n".join(_plain(line) for line in lines)


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def _as_json(report: Report) -> str:
    newest = report.newest
    shown = {
        "holds": report.holds,
        "origin": report.origin,
        "leaves": report.leaves,
        "kinds": report.kinds,
        "checkpoints": report.checkpoints,
        "newest": None if newest is None else {"size": newest.size, "root": newest.root.hex()},
        "witnesses": report.witnesses,
        "faults": [
            {"kind": fault.kind, "line": fault.line, "leaves": fault.leaves, "text": fault.text}
            for fault in report.faults
        ],
        "faults_in_all": report.faults_in_all,
        "notes": report.notes,
    }
    return msgspec.json.encode(shown).decode()


def _plain(text: str) -> str:
    """Without what could move a terminal's cursor or turn the direction of writing: the file may be hostile."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
