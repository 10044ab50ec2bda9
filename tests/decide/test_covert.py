from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stillwatch.decide.covert import CovertOrder, checked, in_force
from stillwatch.errors import UsageError

START = datetime(2026, 7, 1, tzinfo=UTC)
ORDER = CovertOrder(
    case="SW-CASE",
    treatment="hold",
    grounds="A named investigation that a visible answer would end.",
    approved_by=("Counsel 1", "Engineer 2"),
    issued_at=START,
    until=START + timedelta(days=10),
)


def at(days: float) -> int:
    return int((START + timedelta(days=days)).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"approved_by": ("Counsel 1", " counsel 1 ")}, "two different people"),
        ({"approved_by": ("Counsel 1", "Counsel  1")}, "two different people"),
        ({"approved_by": ("Counsel 1", "")}, "two different people"),
        ({"grounds": " "}, "in writing"),
        ({"until": START}, "must end"),
        ({"until": START + timedelta(days=31)}, "30 days"),
    ],
)
def test_an_order_that_lacks_something_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        checked(msgspec.structs.replace(ORDER, **changes))


def test_an_order_is_in_force_only_when_recorded_and_only_until_its_end() -> None:
    assert checked(ORDER) == ORDER
    assert not in_force(ORDER, at(1))
    recorded = msgspec.structs.replace(ORDER, leaf=4)
    assert in_force(recorded, at(1))
    assert not in_force(recorded, at(-1))
    assert not in_force(recorded, at(10))
