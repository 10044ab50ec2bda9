"""The tree and its proofs agree with RFC 6962, with published vectors and with a naive reading of the standard."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger import Frontier, Log, MemoryNodes, consistency_fault, inclusion_fault, leaf_hash
from stillwatch.guard.ledger.hashing import leaf_hashes

#: The eight-leaf tree that certificate-transparency implementations test themselves with (github.com/google/
#: certificate-transparency, merkle_tree_test; transparency-dev/merkle, testonly/constants.go).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E, F, G = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)


def mth(leaves: list[bytes]) -> bytes:
    """MTH exactly as section 2.1 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = cut(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def cut(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH exactly as section 2.1.1 writes it."""
    if len(leaves) == 1:
        return []
    k = cut(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF exactly as section 2.1.2 writes it."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = cut(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def log_of(leaves: list[bytes]) -> Log:
    log = Log(MemoryNodes())
    log.append(leaves)
    return log


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_tree(size: int) -> None:
    assert log_of(LEAVES[:size]).head().root.hex() == ROOTS[size]
    assert log_of(LEAVES).head(size).root.hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, F]), (2, 3, [ROOTS[2]]), (1, 5, [ROOTS[1], B, D])],
)
def test_inclusion_proofs_are_those_of_the_published_tree(index: int, size: int, proof: list[str]) -> None:
    made = log_of(LEAVES).inclusion(index, size)
    assert [entry.hex() for entry in made] == proof
    assert inclusion_fault(leaf_hash(LEAVES[index]), index, size, made, bytes.fromhex(ROOTS[size])) is None


@pytest.mark.parametrize(("old", "new", "proof"), [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [G, E, F]), (2, 5, [B, D])])
def test_consistency_proofs_are_those_of_the_published_tree(old: int, new: int, proof: list[str]) -> None:
    made = log_of(LEAVES).consistency(old, new)
    assert [entry.hex() for entry in made] == proof
    assert consistency_fault(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), made) is None


leaves_of = st.lists(st.binary(max_size=4), max_size=70)


@given(leaves_of, st.data())
def test_however_leaves_are_batched_root_and_proofs_are_those_of_the_standard(
    leaves: list[bytes], data: st.DataObject
) -> None:
    nodes, log, rest = MemoryNodes(), None, list(leaves)
    while rest:
        batch = data.draw(st.integers(1, len(rest)))
        if log is None or data.draw(st.booleans()):
            log = Log(nodes, len(leaves) - len(rest))  # as after a restart
        log.append(rest[:batch])
        rest = rest[batch:]
    log = log or Log(nodes)
    assert log.head() == (len(leaves), mth(leaves))
    for size in range(len(leaves) + 1):
        assert log.head(size).root == mth(leaves[:size])
    if not leaves:
        return
    new = data.draw(st.integers(1, len(leaves)))
    old, index = data.draw(st.integers(1, new)), data.draw(st.integers(0, new - 1))
    assert log.inclusion(index, new) == path(index, leaves[:new])
    assert log.consistency(old, new) == subproof(old, leaves[:new], True)
    assert inclusion_fault(leaf_hash(leaves[index]), index, new, log.inclusion(index, new), mth(leaves[:new])) is None
    assert consistency_fault(old, mth(leaves[:old]), new, mth(leaves[:new]), log.consistency(old, new)) is None


@given(st.integers(1, 300), st.data())
def test_a_proof_with_any_change_in_it_does_not_hold(size: int, data: st.DataObject) -> None:
    leaves = [str(number).encode() for number in range(size)]
    log = log_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root = log.inclusion(index), leaf_hash(leaves[index]), log.head().root
    changed = data.draw(changes(proof))
    assert inclusion_fault(leaf, index, size, changed, root) is not None
    old = data.draw(st.integers(1, size))
    proof = log.consistency(old)
    changed = data.draw(changes(proof))
    assert consistency_fault(old, log.head(old).root, size, root, changed) is not None


@st.composite
def changes(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """The proof with a hash added, dropped, replaced or cut short."""
    kind = draw(st.sampled_from(["add", *(["drop", "replace", "cut"] if proof else [])]))
    place = draw(st.integers(0, len(proof) - (kind != "add")))
    new = draw(st.binary(min_size=32, max_size=32))
    if kind == "add":
        return [*proof[:place], new, *proof[place:]]
    kept = {"drop": [], "replace": [new], "cut": [proof[place][:31]]}[kind]
    return [*proof[:place], *kept, *proof[place + 1 :]]


@given(st.integers(1, 200), st.data())
def test_a_rewritten_past_is_never_consistent(size: int, data: st.DataObject) -> None:
    leaves = [str(number).encode() for number in range(size)]
    old = data.draw(st.integers(1, size))
    rewritten = list(leaves)
    rewritten[data.draw(st.integers(0, old - 1))] = b"rewritten"
    before, after = log_of(leaves[:old]).head(), log_of(rewritten)
    assert consistency_fault(*before, *after.head(), after.consistency(old)) is not None


@given(
    st.integers(-2, 2**70), st.integers(-2, 2**70), st.binary(max_size=33), st.lists(st.binary(max_size=33), max_size=9)
)
def test_nonsense_for_a_proof_is_answered_and_never_raises(one: int, two: int, root: bytes, proof: list[bytes]) -> None:
    faults = (inclusion_fault(root, one, two, proof, root), consistency_fault(one, root, two, root, proof))
    assert all(fault is None or fault for fault in faults)


def test_an_inner_node_can_not_be_shown_as_a_leaf() -> None:
    left, right = (sha256(b"\x00" + leaf).digest() for leaf in (b"a", b"b"))
    assert log_of([left + right]).head().root != log_of([b"a", b"b"]).head().root


def test_an_append_reads_no_more_than_one_hash_a_level() -> None:
    class Counting(MemoryNodes):
        read = 0

        def get(self, keys):  # type: ignore[no-untyped-def]
            Counting.read += len(keys)
            return super().get(keys)

    nodes = Counting()
    Log(nodes).append([b"%d" % number for number in range(2**14 - 1)])
    Counting.read = 0
    log = Log(nodes, 2**14 - 1)
    log.append([b"one more"])
    assert Counting.read == 14
    log.append([b"and one"])
    assert Counting.read == 14
    log.inclusion(5000)
    assert Counting.read <= 14 + 2 * 14


def test_what_was_written_is_never_written_again() -> None:
    class Once(MemoryNodes):
        def put(self, hashes):  # type: ignore[no-untyped-def]
            assert not self.hashes.keys() & hashes.keys()
            super().put(hashes)

    log = Log(Once())
    for number in range(100):
        log.append([b"%d" % number] * (number % 4))


def test_a_failed_write_leaves_the_log_as_it_was() -> None:
    class Full(MemoryNodes):
        full = False

        def put(self, hashes):  # type: ignore[no-untyped-def]
            if self.full:
                raise OSError("no space")
            super().put(hashes)

    nodes = Full()
    log = Log(nodes)
    before = log.append([b"a", b"b", b"c"])
    nodes.full = True
    with pytest.raises(OSError, match="no space"):
        log.append([b"d"])
    nodes.full = False
    assert log.head() == before
    assert log.append([b"d"]).root == mth([b"a", b"b", b"c", b"d"])


def test_a_hole_in_the_store_is_named_by_the_leaves_it_hides() -> None:
    nodes = MemoryNodes()
    Log(nodes).append(LEAVES)
    del nodes.hashes[2, 0]
    with pytest.raises(IntegrityError, match="leaves 0 to 3"):
        Log(nodes, 8).inclusion(6)


def test_a_frontier_grows_a_tree_without_storage() -> None:
    frontier = Frontier()
    for leaf in LEAVES:
        frontier, _ = frontier.extended(leaf_hashes([leaf]))
    assert frontier.head.root.hex() == ROOTS[8]
    nodes = MemoryNodes()
    Log(nodes).append(LEAVES)
    assert Log.at(nodes, frontier).append([b"x"]) == (9, mth([*LEAVES, b"x"]))


@pytest.mark.parametrize(("index", "size"), [(8, 8), (-1, 8), (0, 9), (0, 0)])
def test_no_proof_is_given_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        log_of(LEAVES).inclusion(index, size)
