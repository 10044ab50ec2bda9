import subprocess
import sys
from pathlib import Path

from stillwatch.apps.deciding.material import covert_orders


def stillwatch(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stillwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def ordered(folder: Path, *names: str, treatment: str = "hold") -> subprocess.CompletedProcess[str]:
    approved = [part for name in names for part in ("--approved-by", name)]
    return stillwatch(
        "covert", "order", "C-65504Q03A4VW", "--orders", folder / "orders.jsonl", "--treatment", treatment,
        "--grounds", "A named investigation.", *approved, "--days", "5", "--ledger", folder / "ledger.jsonl",
        "--signing-key", folder / "key", "--actor", "provider.example",
    )  # fmt: skip


def test_an_order_needs_two_people_and_stands_in_a_ledger_that_verifies(tmp_path: Path) -> None:
    made = stillwatch("ledger", "key", "provider.example/ledger", "--out", tmp_path / "key")
    (tmp_path / "key.pub").write_text(made.stdout)
    for names in (
        ("Counsel 1",),
        ("Counsel 1", "counsel 1"),
        ("Counsel 1", "Counsel-1"),
        ("Counsel 1", "Engineer 2", "Engineer 3"),
    ):
        refused = ordered(tmp_path, *names)
        assert refused.returncode == 2
        assert "two different people" in refused.stderr
        assert "Traceback" not in refused.stderr
    for loud in ("refuse", "throttle", "degrade"):
        assert ordered(tmp_path, "Counsel 1", "Engineer 2", treatment=loud).returncode == 2
    assert not (tmp_path / "ledger.jsonl").exists()
    given = ordered(tmp_path, "Counsel 1", "Engineer 2")
    assert given.returncode == 0, given.stderr
    (order,) = covert_orders(tmp_path / "orders.jsonl")
    assert (order.leaf, order.approved_by) == (0, ("Counsel 1", "Engineer 2"))
    verified = stillwatch("ledger", "verify", tmp_path / "ledger.jsonl", "--key", tmp_path / "key.pub")
    assert verified.returncode == 0, verified.stderr
    assert "in force" in stillwatch("covert", "list", "--orders", tmp_path / "orders.jsonl").stdout
    assert "A named investigation." not in (tmp_path / "ledger.jsonl").read_text()
