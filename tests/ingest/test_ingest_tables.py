"""The accounts file and the permits file."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from stillwatch.ingest import accounts, permits
from stillwatch.vocabulary.exchanges import ACCOUNTS, PERMITS


def lines(*values: Any) -> list[bytes]:
    return [value if isinstance(value, bytes) else json.dumps(value).encode() for value in values]


def us(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


def test_an_account_fills_its_columns():
    table, rejects = accounts(
        lines(
            {
                "account": 17,
                "organization": "org_3",
                "created_at": "2026-06-02T08:00:00Z",
                "plan": "pay-as-you-go",
                "programme": None,
                "payment": "fp_8c1",
                "email_domain": "example.org",
                "signup_ip": "198.51.100.4",
                "declared_use": "customer support",
                "verified": False,
            }
        )
    )
    assert rejects == []
    assert table.schema == ACCOUNTS
    (row,) = table.to_pylist()
    assert row["account"] == "17"
    assert row["created_us"] == us(2026, 6, 2, 8)
    assert row["verified"] is False
    assert row["programme"] is None


def test_an_account_with_a_wrong_field_is_kept_without_it():
    table, rejects = accounts(lines({"account": "a", "verified": "yes", "signup_ip": "x", "created_at": "soon"}))
    assert table.to_pylist()[0]["verified"] is None
    assert all(reject.kept for reject in rejects)
    assert len(rejects) == 3


def test_a_line_without_account_is_rejected_and_the_next_is_read():
    table, rejects = accounts(lines({"plan": "x"}, b"{broken", {"account": "a"}), file="who.jsonl")
    assert table.num_rows == 1
    assert [(reject.file, reject.line, reject.kept) for reject in rejects] == [
        ("who.jsonl", 1, False),
        ("who.jsonl", 2, False),
    ]


def test_of_two_lines_about_one_account_the_later_counts():
    table, rejects = accounts(lines({"account": "a", "plan": "old"}, {"account": "a", "plan": "new"}))
    assert table.column("plan").to_pylist() == ["new"]
    assert [reject.kept for reject in rejects] == [True]


def test_a_permit_until_a_bare_date_lasts_to_the_end_of_that_day():
    table, rejects = permits(
        lines(
            {
                "organization": "org_3",
                "accounts": None,
                "from": "2026-05-01",
                "until": "2026-12-31",
                "reference": "P-17",
            }
        )
    )
    assert rejects == []
    assert table.schema == PERMITS
    (row,) = table.to_pylist()
    assert row["from_us"] == us(2026, 5, 1)
    assert row["until_us"] == us(2027, 1, 1) - 1
    assert row["models"] is None


def test_a_permit_until_a_time_ends_at_that_time():
    table, _ = permits(lines({"organization": "o", "until": "2026-12-31T12:00:00+02:00"}))
    assert table.column("until_us").to_pylist() == [us(2026, 12, 31, 10)]


@pytest.mark.parametrize(
    ("permit", "reason"),
    [
        ({"reference": "P"}, "neither organization nor accounts: a permit must say for whom it is"),
        ({"organization": "o", "models": "m"}, "models: expected a list of text, found text"),
        ({"organization": "o", "until": "never"}, "until: expected a date or a time, found text"),
        ({"organization": "o", "max_exchanges": -1}, "max_exchanges: expected a whole number, found a number"),
        ({"organization": "o", "from": "2026-02-01", "until": "2026-01-01"}, "until: before from"),
    ],
)
def test_a_permit_with_a_wrong_limit_is_refused_as_a_whole(permit, reason):
    table, rejects = permits(lines(permit))
    assert table.num_rows == 0
    assert [reject.reason for reject in rejects] == [reason]


def test_a_permit_for_a_capability_that_nothing_is_read_as_is_refused_and_the_names_are_said():
    table, rejects = permits(
        lines({"organization": "o", "capabilities": ["math"]}, {"organization": "p", "capabilities": ["maths"]})
    )
    assert table["organization"].to_pylist() == ["p"]
    assert "capabilities: expected a list of other, maths, code" in rejects[0].reason
