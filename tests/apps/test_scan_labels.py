from pathlib import Path

import pytest

from stillwatch.apps.sensor.labels import innocent
from stillwatch.errors import UsageError
from stillwatch.sketch.keying import SketchKey

KEY = SketchKey.from_bytes(bytes(32))
LINE = '{"account":"%s","organization":null,"case":"C-1","label":"%s","at_us":1,"appeal":"A-1"}\n'


def test_accounts_that_won_an_appeal_are_known_under_the_key_of_the_sketches(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(LINE % ("acct_1", "innocent") + LINE % ("acct_2", "confirmed") + LINE % ("acct_1", "innocent"))
    found = innocent(file, KEY)
    assert len(found) == 1
    assert found.tolist() != innocent(file, SketchKey.from_bytes(bytes(range(32)))).tolist()
    assert len(innocent(None, KEY)) == 0


@pytest.mark.parametrize("text", ["rubbish\n", '{"account": "acct_1"}\n', LINE % ("acct_1", "guilty")])
def test_a_file_that_is_no_list_of_labels_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(LINE % ("acct_1", "innocent") + text)
    with pytest.raises(UsageError, match="line 2"):
        innocent(file, KEY)
    with pytest.raises(UsageError, match="can't be read"):
        innocent(tmp_path / "nowhere", KEY)
