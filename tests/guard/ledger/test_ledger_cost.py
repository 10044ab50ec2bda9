"""What the ledger costs stays within what the forum was promised."""

import time
from collections.abc import Mapping, Sequence

from ledger_world import leaf

from stillwatch.guard.ledger import Head, Log, MemoryNodes, NodeKey, encode, inclusion_fault, leaf_hash


class CountingNodes(MemoryNodes):
    read = 0
    calls = 0

    def get(self, keys: Sequence[NodeKey]) -> Mapping[NodeKey, bytes]:
        self.read += len(keys)
        self.calls += 1
        return super().get(keys)


def test_more_than_fifty_thousand_leaves_are_appended_in_a_cpu_second() -> None:
    leaves = [leaf(number) for number in range(1_000)]
    log, start = Log(MemoryNodes()), time.process_time()
    for _ in range(20):
        log.append([encode(each) for each in leaves])
    assert log.size / (time.process_time() - start) > 50_000


def test_a_proof_in_a_million_leaves_reads_forty_hashes_at_once_and_no_more() -> None:
    nodes = CountingNodes()
    log = Log(nodes)
    for start in range(0, 1_000_000, 10_000):
        head = log.append([b"%d" % number for number in range(start, start + 10_000)])
    for index in range(0, 1_000_000, 9_973):
        nodes.read = nodes.calls = 0
        proof = log.inclusion(index)
        assert nodes.read <= 40
        assert nodes.calls == 1
        assert len(proof) <= 20
        assert holds(index, head, proof)
        nodes.read = nodes.calls = 0
        log.consistency(index + 1)
        assert nodes.read <= 40
        assert nodes.calls == 1


def holds(index: int, head: Head, proof: list[bytes]) -> bool:
    return inclusion_fault(leaf_hash(b"%d" % index), index, head.size, proof, head.root) is None
