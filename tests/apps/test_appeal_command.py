import subprocess
import sys
from pathlib import Path

import msgspec


def appeal(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stillwatch", "appeal", *arguments, "--appeals", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def filed(folder: Path) -> str:
    done = appeal(
        "file", "--case", "SW-1", "--account", "acct_1", "--decided-by", "Reviewer 1", "--statement", "An evaluation.",
        folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_appeal_goes_from_filing_to_a_label(tmp_path: Path) -> None:
    reference = filed(tmp_path / "appeals")
    assert filed(tmp_path / "appeals") == reference
    for command in (
        ("acknowledge", reference, "--by", "Reviewer 2"),
        ("ask", reference, "--by", "Reviewer 2", "--message", "Which model do you evaluate?"),
    ):
        assert appeal(*command, folder=tmp_path / "appeals").returncode == 0
    assert "waiting-for-caller" in appeal("list", folder=tmp_path / "appeals").stdout
    over = appeal(
        "overturn", reference, "--by", "Reviewer 2", "--message", "You were right.", "--note", "a harness",
        folder=tmp_path / "appeals",
    )  # fmt: skip
    assert over.stdout.strip() == f"{reference}: overturned"
    label = msgspec.json.decode(appeal("labels", folder=tmp_path / "appeals").stdout)
    assert (label["account"], label["label"], label["case"]) == ("acct_1", "innocent", "SW-1")
    shown = appeal("show", reference, folder=tmp_path / "appeals").stdout
    assert "An evaluation." in shown
    assert "a harness" in shown


def test_who_decided_is_told_that_another_person_must_answer(tmp_path: Path) -> None:
    reference = filed(tmp_path / "appeals")
    appeal("acknowledge", reference, "--by", "Reviewer 1", folder=tmp_path / "appeals")
    done = appeal("uphold", reference, "--by", "Reviewer 1", "--message", "No.", folder=tmp_path / "appeals")
    assert done.returncode == 2
    assert "another person must answer" in done.stderr


def test_a_folder_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    done = appeal("list", folder=tmp_path / "nowhere")
    assert done.returncode == 2
    assert not (tmp_path / "nowhere").exists()
