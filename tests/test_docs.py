"""What the documentation says agrees with what the program is. Nothing here judges style."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

from stillwatch.apps.cli.main import EXIT_CODES, app
from stillwatch.detect.evidence import CATALOGUE
from stillwatch.detect.evidence.line import EvidenceLine

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence"
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "samples").glob("*.md")])

#: The furniture of an evidence page (STYLE, principle 14).
SECTIONS = (
    "What it sees", "How it is computed", "Weight", "Whom it may wrong", "How it is evaded", "What to do",
)  # fmt: skip
#: Exit codes that are no error of ours: done, fault of ours, stopped, broken pipe.
PLAIN_CODES = {0, 1, 130, 141}

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE_ROW = re.compile(r"^\| (\d+) \| (?:`(\w+)`)? ?\|", re.MULTILINE)
# Written so that this file does not match itself.
_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|Users)/(?!user/)[A-Za-z0-9_]")
_REGISTRY = re.compile(
    r"pypi\.(?:org|python)|python(?:hosted)\.org|registry\.npm(?:js)|proxy\.golang\.(?:org)|"
    r"static\.crates\.(?:io)|--(?:extra-)?index-(?:url)|\"resolved\":\s*\"http"
)


def _section(title: str) -> str:
    """The text of README under a heading of any level, up to the next heading."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"README has no section {title!r}"
    return found[1]


def _tracked() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout: git lists no files here")
    names = listed.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_every_evidence_line_has_its_page_and_every_page_its_line() -> None:
    pages = {page.stem for page in EVIDENCE.glob("*.md")} - {"README"}
    assert pages == {line.id for line in CATALOGUE}


@pytest.mark.parametrize("line", CATALOGUE, ids=lambda line: line.id)
def test_an_evidence_page_has_the_same_furniture_as_the_others_and_names_its_family(line: EvidenceLine) -> None:
    page = (EVIDENCE / f"{line.id}.md").read_text("utf-8")
    assert page.startswith(f"# {line.id}\n")
    assert tuple(re.findall(r"^## (.+)$", page, re.MULTILINE)) == SECTIONS
    assert f"Family: *{line.family}*" in page


def test_the_index_of_evidence_links_every_page_under_its_family() -> None:
    index = (EVIDENCE / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| \[([\w-]+)\]\(([\w-]+)\.md\) \| (\w+) \|", index, re.MULTILINE)
    assert sorted(rows) == sorted((line.id, line.id, line.family) for line in CATALOGUE)


def test_the_index_of_decisions_links_every_decision() -> None:
    folder = ROOT / "docs" / "adr"
    linked = set(_LINK.findall((folder / "README.md").read_text("utf-8")))
    assert {page.name for page in folder.glob("[0-9]*.md")} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    targets = [target.partition("#")[0] for target in _LINK.findall(page.read_text("utf-8"))]
    relative = [target for target in targets if target and "://" not in target and not target.startswith("mailto:")]
    assert [target for target in relative if not (page.parent / target).exists()] == []


def test_the_exit_codes_in_readme_are_those_of_the_program() -> None:
    rows = {int(code): kind for code, kind in _CODE_ROW.findall(_section("Exit codes"))}
    assert {code for code, kind in rows.items() if not kind} == PLAIN_CODES
    assert {kind: code for code, kind in rows.items() if kind} == {e.__name__: code for e, code in EXIT_CODES.items()}


def test_readme_lists_every_option_of_scan_and_no_other() -> None:
    block = re.search(r"^```text\nstillwatch scan.*?^```", README, re.MULTILINE | re.DOTALL)
    assert block is not None
    listed = re.findall(r"^  (--[\w-]+) ", block[0], re.MULTILINE)
    group = typer.main.get_command(app)
    command = group.commands["scan"]  # type: ignore[attr-defined]
    options = [name for option in command.params for name in option.opts if name.startswith("--")]
    assert sorted(listed) == sorted([*options, "--help"])


def test_no_tracked_text_names_a_machine_path_or_a_package_registry() -> None:
    found = []
    for file in _tracked():
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # packed samples and pictures
        for pattern in (_MACHINE_PATH, _REGISTRY):
            found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_every_changelog_fragment_has_a_kind_that_readers_look_for() -> None:
    kinds = {"added", "changed", "fixed", "removed", "security"}
    fragments = [f for f in (ROOT / "changelog.d").iterdir() if f.name != "README.md"]
    assert [f.name for f in fragments if not re.fullmatch(rf"[\w-]+\.(?:{'|'.join(kinds)})\.md", f.name)] == []
