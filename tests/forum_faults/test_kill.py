import random
from pathlib import Path

import pytest
from killing import a_round, check, database, founded

ROUNDS = 5
WRITERS = 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_answered_202_survives_kill_9_under_fifty_writers(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        forum = founded(url)
        draw = random.Random(5)
        for _ in range(ROUNDS):
            a_round(forum, WRITERS, draw)
            check(forum)
    assert forum.kills == ROUNDS
    assert forum.killed_while_writing, "no kill came after anything was answered: the test shows nothing"
