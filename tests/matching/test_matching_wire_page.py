"""A client that follows docs/match-wire.md, without this project's protocol code, meets one that is ours.

Its author had read our source. So it shows that what the page says is true, and that what it leaves out was not needed
here; not that a stranger could have written it from the page alone.
"""

import hmac
import json
import secrets
import struct
from hashlib import sha256, sha512, shake_256
from typing import Any

import httpx
import msgspec
import rbcl  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from matching_world import EPOCH, Member, Party, World

ORDER = 2**252 + 27742317777372353535851937790883648493
SUITE = b"OPRFV1-\x01-ristretto255-SHA512"
KIND = "ipv4"
HOLDERS: tuple[Party, Party] = ("forum", "trustee")


def _expanded(message: bytes, domain: bytes) -> bytes:
    """64 bytes of expand_message_xmd with SHA-512 (RFC 9380, section 5.3.1)."""
    ending = domain + SUITE + bytes([len(domain + SUITE)])
    first = sha512(bytes(128) + message + b"\x00\x40\x00" + ending).digest()
    return sha512(first + b"\x01" + ending).digest()


def _hash_to_group(message: bytes) -> bytes:
    mapped: bytes = rbcl.crypto_core_ristretto255_from_hash(_expanded(message, b"HashToGroup-"))
    return mapped


def _hash_to_scalar(message: bytes) -> bytes:
    return _little(int.from_bytes(_expanded(message, b"HashToScalar-"), "little") % ORDER)


def _prefixed(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">H", len(part)) + part for part in parts)


def _holds(public: bytes, asked: bytes, answered: bytes, proof: bytes) -> bool:
    """VerifyProof of RFC 9497, section 2.2.2, for one item."""
    times, plus = rbcl.crypto_scalarmult_ristretto255, rbcl.crypto_core_ristretto255_add
    seed = sha512(_prefixed(public, b"Seed-" + SUITE)).digest()
    weight = _hash_to_scalar(_prefixed(seed) + b"\x00\x00" + _prefixed(asked, answered) + b"Composite")
    one, other = times(weight, asked), times(weight, answered)
    challenge, response = proof[:32], proof[32:]
    first = plus(rbcl.crypto_scalarmult_ristretto255_base(response), times(challenge, public))
    second = plus(times(response, one), times(challenge, other))
    return challenge == _hash_to_scalar(_prefixed(public, one, other, first, second) + b"Challenge")


def _little(number: int) -> bytes:
    return number.to_bytes(32, "little")


class Stranger:
    """A member with a client of its own."""

    def __init__(self, world: World, member: Member) -> None:
        self._urls = world.urls
        self._credentials = member.credentials
        self._session = secrets.token_bytes(16)
        self._epoch = self._page("forum", "match/epochs/")["epochs"][EPOCH]
        self._name = self._page("forum", "forum/me/")["member"]

    def _headers(self, party: Party) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._credentials[party]}"}

    def _page(self, party: Party, path: str) -> Any:
        return httpx.get(f"{self._urls[party].rstrip('/')}/{path}", headers=self._headers(party)).json()

    def _says(self, party: Party, *message: Any) -> list[Any]:
        name, *fields = message
        body = msgspec.msgpack.encode([name, self._session, *fields])
        answer = httpx.post(f"{self._urls[party].rstrip('/')}/match/", content=body, headers=self._headers(party))
        said: list[Any] = msgspec.msgpack.decode(answer.content)
        assert (answer.status_code, said[1]) == (200, self._session), said
        if name in ("evaluate", "check"):
            assert said[3][2] == sha256(b"stillwatch match batch v1" + body).digest()
        return said

    def tag(self, value: str) -> bytes:
        """One identifier through both holders, with the check of the batch."""
        blind = rbcl.crypto_core_ristretto255_scalar_random()
        point = rbcl.crypto_scalarmult_ristretto255(blind, _hash_to_group(f"stillwatch/1/{KIND}/{value}".encode()))
        described = json.dumps(self._epoch, sort_keys=True, separators=(",", ":")).encode()
        consent = sha256(b"stillwatch match epoch v1" + described).digest()
        first = self._says("forum", "evaluate", EPOCH, KIND, "", consent, point, False)[2]
        both = self._says("trustee", "evaluate", EPOCH, KIND, "", consent, first, False)[2]
        weight = _little(secrets.randbits(128) | 1)
        asked = rbcl.crypto_scalarmult_ristretto255(weight, point)
        for party in HOLDERS:
            answered = self._says(party, "check", EPOCH, KIND, "", asked)
            public = bytes.fromhex(self._epoch["keys"][KIND][party])
            assert _holds(public, asked, answered[2], answered[4])
            asked = answered[2]
        assert asked == rbcl.crypto_scalarmult_ristretto255(weight, both)
        element = rbcl.crypto_scalarmult_ristretto255(rbcl.crypto_core_ristretto255_scalar_invert(blind), both)
        context = msgspec.msgpack.encode(["stillwatch match tag v1", self._epoch["forum"], EPOCH, KIND])
        return sha512(struct.pack(">H", len(context)) + context + b"\x00\x20" + element + b"Finalize").digest()

    def uploads(self, tag: bytes) -> bytes:
        """What the forum shall hold of it; the label."""
        threshold = self._epoch["threshold"]
        stream = shake_256(b"stillwatch match polynomial v1" + struct.pack(">H", threshold) + tag).digest(
            64 * threshold
        )
        factors = [int.from_bytes(stream[64 * i : 64 * i + 64], "little") % ORDER for i in range(threshold)]
        where = int.from_bytes(shake_256(b"stillwatch match place v1" + self._name.encode()).digest(64), "little")
        where = where % (ORDER - 1) + 1
        share = sum(factor * pow(where, power, ORDER) for power, factor in enumerate(factors)) % ORDER
        label = sha256(b"stillwatch match label v1" + _little(factors[0])).digest()[:16]
        key = sha256(b"stillwatch match key v1" + _little(factors[0])).digest()
        payload = struct.pack(">BBBHH16s", 1, 2, 4, 20_700, 20_707, secrets.token_bytes(16))
        bound = sha256(msgspec.msgpack.encode(["stillwatch match payload v1", EPOCH, KIND, label, self._name])).digest()
        nonce = hmac.digest(key, bound + payload, "sha256")[:12]
        sealed = ChaCha20Poly1305(key).encrypt(nonce, payload, bound)
        said = self._says("forum", "upload", EPOCH, KIND, label, _little(share), nonce, bytes(16), sealed)
        assert said[2] == 1
        return label

    def found(self) -> list[Any]:
        return list(self._says("forum", "ask", EPOCH, KIND)[4])


def test_a_client_that_follows_the_page_is_understood(world: World, alice: Member, bob: Member) -> None:
    stranger = Stranger(world, bob)
    label = stranger.uploads(stranger.tag("198.51.100.7"))
    assert stranger.found() == []
    outcome = world.match(alice, ["198.51.100.7", "198.51.100.8"])
    (seen,) = [found for session in outcome.sessions for found in session.found]
    assert (seen.label, seen.members, seen.accounts, seen.exchanges) == (label, 0, 2, 4)
    assert (seen.first, seen.last) == (20_700, 20_707)
    assert [(one[0], one[1]) for one in stranger.found()] == [(label, 0)]
