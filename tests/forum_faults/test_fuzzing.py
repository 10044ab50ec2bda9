from pathlib import Path

import pytest
from fuzzing import fuzz

REQUESTS = 3_000


@pytest.mark.slow
def test_no_request_makes_the_forum_fail_hang_or_grow(tmp_path: Path) -> None:
    found = fuzz(tmp_path, REQUESTS, seed=3)
    assert found.faults == []
    assert found.requests == REQUESTS
    assert found.statuses[202] > REQUESTS / 20, "too little gets past the first check"
    assert found.statuses[200] > REQUESTS / 20, "too little gets past the first check"
    early, late = found.kilobytes
    assert late < early + 100 * 1024, "memory grows with the number of requests"
