"""Composed logs go through the real reader whole."""

import pytest

from stillwatch.ingest.blocks import Block
from stillwatch.ingest.reader import OWN, read
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.material import Material, halved
from stillwatch.rehearse.scenario import Scenario, parse

LATER_US = 1_800_000_000_000_000  # January 2027: after the composed week

PIPELINES = """
name = "programs"
about = "Recorded programs and look-alikes that send recorded requests."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 40
[[lookalike]]
kind = "evaluation-harness"
groups = 4
[[lookalike]]
kind = "framework"
[[campaign]]
name = "pipeline"
accounts = 6
exchanges = 40
tool = "each"
"""


def quarantined(scenario: Scenario, material: Material) -> tuple[int, list[str]]:
    population = compose(scenario, material, 5)
    data = b"\n".join(population.lines()) + b"\n"
    batch = read(Block(source=0, file="composed", first_line=1, data=data), OWN, now_us=LATER_US)
    assert batch.exchanges.num_rows == len(population)
    return batch.exchanges.num_rows, [reject.reason for reject in batch.rejects]


def test_the_reader_quarantines_nothing_of_a_composed_log(small: Scenario, words: Material) -> None:
    rows, reasons = quarantined(small, words)
    assert rows > 1_000
    assert reasons == []


@pytest.mark.shared
def test_the_reader_quarantines_nothing_of_recorded_requests(recorded: Material) -> None:
    for half in ("tuning", "holdout"):
        rows, reasons = quarantined(parse(PIPELINES), halved(recorded, half))
        assert rows > 1_000
        assert reasons == []
