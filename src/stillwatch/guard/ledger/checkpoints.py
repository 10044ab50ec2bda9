"""What a ledger signs: its name, its size and its root, as a C2SP checkpoint inside a signed note.

A checkpoint with a signature is a promise about every leaf up to its size. Two of them from one key that contradict
each other convict whoever holds the key, whoever shows them. Sources: C2SP tlog-checkpoint (note text), C2SP
signed-note (format and how to verify: unknown keys are ignored, a bad signature of a known key spoils the whole note).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger.hashing import HASH_BYTES
from stillwatch.guard.ledger.keys import ID_BYTES, LOG_KEY, Signer, VerifierKey, base64, cosigned_at, from_base64
from stillwatch.guard.ledger.tree import Head

#: Limits against a hostile note; the specification asks for at least 16 signatures.
MAX_NOTE_CHARACTERS = 1_000_000
MAX_SIGNATURES = 1_000

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


class NoteError(IntegrityError):
    """This is no signed checkpoint at all."""


@dataclass(frozen=True)
class Signature:
    """A line under a note: whose key it says it is, and the signature (for a witness: time and signature)."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"— {self.name} {base64(self.key_id + self.blob)}\n"

    @property
    def time(self) -> int:
        """POSIX second; has a meaning for witness keys alone."""
        return cosigned_at(self.blob)

    def is_of(self, key: VerifierKey) -> bool:
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree head. ``str()`` gives the note as it is stored and sent. Not yet verified: see ``signers``."""

    origin: str
    head: Head
    #: Further lines of the text: signed, but without a meaning here.
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @property
    def size(self) -> int:
        return self.head.size

    @property
    def root(self) -> bytes:
        return self.head.root

    @property
    def text(self) -> str:
        """What is signed: it ends in a newline."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, base64(self.root), *self.extensions))

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line for signature in self.signatures)}"

    @classmethod
    def parse(cls, note: str) -> "Checkpoint":
        """Raises ``NoteError`` for what is not, to the letter, a checkpoint with at least one signature line."""
        if len(note) > MAX_NOTE_CHARACTERS or _CONTROL.search(note):
            raise NoteError("the checkpoint is too long or holds control characters")
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise NoteError("the checkpoint is not signed: its text and its signatures stand apart by an empty line")
        origin, head, extensions = _body(text.split("\n"))
        return cls(origin, head, extensions, _signatures(lines[:-1].split("\n")))

    def with_signatures(self, lines: Iterable[str]) -> "Checkpoint":
        """This checkpoint with signature lines added that are not there yet (cosignatures come later, one by one)."""
        added = _signatures([line.rstrip("\n") for line in lines])
        fresh = tuple(dict.fromkeys(signature for signature in added if signature not in self.signatures))
        return replace(self, signatures=self.signatures + fresh)

    def signers(self, keys: Iterable[VerifierKey]) -> tuple[list[tuple[VerifierKey, Signature]], list[str]]:
        """Which of these keys signed it, and the faults: a known key's line that does not verify spoils the note."""
        found, faults, text = [], [], self.text
        for key in dict.fromkeys(keys):
            for signature in self.signatures:
                if not signature.is_of(key):
                    continue
                if key.verifies(text, signature.blob):
                    found.append((key, signature))
                else:
                    faults.append(
                        f"forged signature: a line says {key.name}, but the key of {key.name} did not sign it"
                    )
        return found, faults

    def fault(self, *logs: VerifierKey) -> str | None:
        """Why this is not the word of the log that holds one of these keys; ``None`` where it is.

        Several keys are one log before and after it changed its key: each is named as the log is.
        """
        own = [log for log in logs if log.name == self.origin]
        if not own:
            names = " or ".join(sorted({repr(log.name) for log in logs})) or "any that is known here"
            return f"wrong origin: the checkpoint is of the log {self.origin!r}, not of {names}"
        found, faults = self.signers(own)
        if faults:
            return faults[0]
        return None if found else f"the checkpoint is not signed by the key of {self.origin}"


def signed(head: Head, signer: Signer) -> Checkpoint:
    """The log's own checkpoint: its origin is the name of its key."""
    if signer.key.type != LOG_KEY:
        raise NoteError(f"{signer.key.name} is a witness key: a log signs with a log key")
    checkpoint = Checkpoint(signer.key.name, head)
    signature = Signature(signer.key.name, signer.key.id, signer.sign(checkpoint.text))
    return replace(checkpoint, signatures=(signature,))


def _body(lines: list[str]) -> tuple[str, Head, tuple[str, ...]]:
    if len(lines) < 3 or not all(lines):
        raise NoteError("the checkpoint's text must be three lines or more: origin, size and root")
    origin, size, root, *extensions = lines
    if _SIZE.fullmatch(size) is None:
        raise NoteError(f"the checkpoint's size {size[:40]!r} is no number of leaves")
    data = from_base64(root)
    if data is None or len(data) != HASH_BYTES:
        raise NoteError("the checkpoint's root is no SHA-256 hash in base64")
    return origin, Head(int(size), data), tuple(extensions)


def _signatures(lines: list[str]) -> tuple[Signature, ...]:
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"the checkpoint carries more than {MAX_SIGNATURES} signatures")
    signatures = []
    for line in lines:
        match = _SIGNATURE.fullmatch(line)
        data = from_base64(match[2]) if match else None
        if match is None or data is None or len(data) <= ID_BYTES:
            raise NoteError("a line under the checkpoint is no signature: it should read — NAME BASE64")
        signatures.append(Signature(match[1], data[:ID_BYTES], data[ID_BYTES:]))
    return tuple(signatures)
