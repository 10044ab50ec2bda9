"""Looking through a user's log: donors in bounded number, whatever the format, and nobody's words."""

from pathlib import Path

import msgspec
import pytest

from stillwatch.apps.rehearsal import survey as surveying
from stillwatch.apps.rehearsal.survey import survey
from stillwatch.errors import NoInputError
from stillwatch.ingest import IngestSettings
from stillwatch.rehearse import builtin
from stillwatch.rehearse.compose import inject
from stillwatch.rehearse.naming import like
from stillwatch.rehearse.scenario import parse
from stillwatch.rehearse.seen import Seen

NOW_US = 1_800_000_000_000_000
PLAN = """
name = "small"
about = "One campaign."
start = 2026-06-01T00:00:00Z
[ordinary]
accounts = 0
[[campaign]]
name = "operator-1"
accounts = 20
exchanges = 10
from_day = 3.0
infrastructure = "shared"
"""


def litellm(number: int) -> bytes:
    began = 1_780_000_000 + number * 600
    return msgspec.json.encode(
        {
            "id": f"chatcmpl-{number:06d}",
            "call_type": "acompletion",
            "status": "success",
            "startTime": began,
            "endTime": began + 2,
            "model": "m-any",
            "model_parameters": {"temperature": 0.25},
            "messages": [{"role": "user", "content": f"a private question, number {number}"}],
            "response": {"choices": [{"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]},
            "metadata": {"user_api_key_user_id": f"user{number % 50:04d}", "user_api_key_hash": "f00d"},
        }
    )


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "litellm.jsonl"
    file.write_bytes(b"\n".join(litellm(number) for number in range(500)) + b"\n")
    return file


def test_planted_accounts_take_their_looks_and_gaps_from_a_log_of_another_format(log: Path) -> None:
    found = survey([str(log)], now_us=NOW_US, settings=IngestSettings())
    assert (found.exchanges, len(found.accounts), len(found.donors)) == (500, 50, 50)
    planted = inject(
        parse(PLAN), builtin.material(), 1, Seen(found.donors, found.accounts), (found.first_us, found.last_us)
    )
    records = list(planted.records())
    assert not set(planted.names) & found.accounts
    assert all(len(name) == 8 and name[:4].isalpha() and name[4:].isdigit() for name in planted.names)
    assert {record["request"]["temperature"] for record in records} == {0.25}
    assert {record["request"]["model"] for record in records} == {"m-any"}
    assert not any("client" in record or "surface" in record for record in records)
    assert not any("usage" in record.get("response", {}) for record in records)


def test_planted_exchanges_lie_inside_the_logs_span_and_keep_their_number(log: Path) -> None:
    found = survey([str(log)], now_us=NOW_US, settings=IngestSettings())
    seen = Seen(found.donors, found.accounts)
    planted = inject(parse(PLAN), builtin.material(), 1, seen, (found.first_us, found.last_us))
    times = planted.own_times("operator-1")
    assert found.first_us <= times.min() <= times.max() <= found.last_us
    assert len(times) == pytest.approx(200, rel=0.15)
    share = (times.min() - found.first_us) / (found.last_us - found.first_us)
    assert share == pytest.approx(3 / 7, abs=0.1)  # it begins where the scenario says, in proportion


def test_donors_hold_no_words_of_anybody(log: Path) -> None:
    found = survey([str(log)], now_us=NOW_US, settings=IngestSettings())
    assert "private question" not in repr(found.donors)


def test_donors_are_bounded_and_the_same_in_any_order(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveying, "DONORS", 7)
    turned = log.with_name("turned.jsonl")
    turned.write_bytes(b"\n".join(reversed(log.read_bytes().splitlines())) + b"\n")
    first, second = (survey([str(file)], now_us=NOW_US, settings=IngestSettings()) for file in (log, turned))
    assert len(first.donors) == 7
    assert [donor.account for donor in first.donors] == [donor.account for donor in second.donors]


def test_a_log_with_nothing_readable_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_bytes(b"not json\n")
    with pytest.raises(NoInputError):
        survey([str(file)], now_us=NOW_US, settings=IngestSettings())


@pytest.mark.parametrize(
    ("sample", "kept"), [("acct_17", "acct_"), ("user-AB12", "user-"), ("9f86d081", ""), ("F00DBABE", "")]
)
def test_a_name_in_the_shape_of_another_keeps_its_word_and_its_kinds_of_signs(sample: str, kept: str) -> None:
    made = {like(sample, number) for number in range(200)}
    assert len(made) > 20
    assert all(name.startswith(kept) and len(name) == len(sample) for name in made)
    assert all(name.isupper() == sample.isupper() or not any(map(str.isalpha, name)) for name in made)
