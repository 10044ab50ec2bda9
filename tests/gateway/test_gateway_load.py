"""Twenty seconds of what ``python -m bench.gateway.load`` does for ten minutes."""

from pathlib import Path

import pytest

from bench.gateway.load import ADAPTERS, COURSES, told
from bench.gateway.load import run as loaded


@pytest.mark.slow
def test_while_the_table_is_swapped_each_second_every_answer_is_that_of_the_table_it_names(tmp_path: Path) -> None:
    report = loaded(tmp_path, 20)
    said = told(report)
    assert (report.wrong, report.failed) == ([], []), said
    assert report.swaps > 10, said
    assert set(report.asked) <= set(ADAPTERS), said
    assert {"decide", "ext-authz", "asgi"} <= set(report.asked), said
    assert all(count > 100 for count in report.asked.values()), said
    assert set(report.courses) == set(COURSES), said
    assert not any(after.files > before.files + 8 for before, after in report.sizes.values()), said
