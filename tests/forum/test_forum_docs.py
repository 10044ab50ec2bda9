"""docs/taxii.md promises a test for each row; here they are looked for."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "taxii.md"


def test_every_test_that_the_conformance_table_names_exists_and_every_row_names_one() -> None:
    written = {
        name for path in FOLDER.glob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)
    }
    rows = [line for line in PAGE.read_text().splitlines() if re.match(r"\| (\d|App)", line)]
    assert len(rows) > 40
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= written, row
