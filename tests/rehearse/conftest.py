"""Small scenarios and the two kinds of material that composer tests share."""

from pathlib import Path

import pytest

from stillwatch.adapters.material import folder
from stillwatch.rehearse import builtin
from stillwatch.rehearse.material import Material
from stillwatch.rehearse.scenario import Scenario, parse

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

SMALL = """
name = "small"
about = "A few accounts of every sort."
start = 2026-06-01T00:00:00Z
days = 7
[ordinary]
accounts = 60
[[lookalike]]
kind = "classroom"
[[campaign]]
name = "operator-1"
accounts = 30
exchanges = 20
cover = 0.5
[[campaign]]
name = "operator-2"
accounts = 12
exchanges = 10
infrastructure = "dispersed"
wording = "per-request"
techniques = ["SW-T22", "SW-T24"]
payload = "code"
"""


@pytest.fixture(scope="session")
def words() -> Material:
    return builtin.material()


@pytest.fixture(scope="session")
def small() -> Scenario:
    return parse(SMALL)


@pytest.fixture(scope="session")
def recorded() -> Material:
    if not RECORDED.is_dir():
        pytest.skip("no recorded material beside the checkout (../shared/data)")
    return folder.read(RECORDED)
