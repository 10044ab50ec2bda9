"""What the documentation says agrees with what the program is. Nothing here judges style."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from stillwatch.apps.cli.main import EXIT_CODES, app
from stillwatch.detect import peers
from stillwatch.detect.evidence import CATALOGUE
from stillwatch.detect.evidence.line import EvidenceLine
from stillwatch.detect.group import Columns, Group
from stillwatch.detect.population import I64, UNKNOWN, Accounts, Ties
from stillwatch.vocabulary.sketches import CONTENT_DIMENSIONS, SCORE_COLUMNS
from stillwatch.vocabulary.techniques import CAPABILITIES

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence"
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "samples").glob("*.md")])

#: The furniture of an evidence page (STYLE, principle 14).
SECTIONS = (
    "What it sees", "How it is computed", "Weight", "Whom it may wrong", "How it is evaded", "What to do",
)  # fmt: skip
#: Bits by which random groups may miss the ends of a line's range.
NEARLY = 1.5
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


def test_every_evidence_line_has_a_test_of_its_name_and_every_such_test_its_line() -> None:
    tests = {test.stem for test in (ROOT / "tests" / "detect" / "evidence").glob("test_*.py")}
    assert tests == {"test_" + line.id.replace("-", "_") for line in CATALOGUE}


@pytest.mark.parametrize("line", CATALOGUE, ids=lambda line: line.id)
def test_an_evidence_page_has_the_same_furniture_as_the_others_and_names_its_family(line: EvidenceLine) -> None:
    page = (EVIDENCE / f"{line.id}.md").read_text("utf-8")
    assert page.startswith(f"# {line.id}\n")
    assert tuple(re.findall(r"^## (.+)$", page, re.MULTILINE)) == SECTIONS
    assert f"Family: *{line.family}*" in page


@pytest.mark.parametrize("line", CATALOGUE, ids=lambda line: line.id)
def test_weights_stay_within_the_range_that_the_page_names_and_nearly_reach_its_ends(line: EvidenceLine) -> None:
    page = (EVIDENCE / f"{line.id}.md").read_text("utf-8")
    named = re.search(r"^\*\*(−?[\d.]+) to \+?(−?[\d.]+) bits\*\*", page, re.MULTILINE)
    assert named is not None
    low, high = (float(number.replace("−", "-")) for number in named.groups())
    weights = [found.weight_bits for seed in range(120) if (found := line.of(_made_by(line.id, seed))) is not None]
    assert weights, "silent on every group: the groups below lack what this line looks at"
    range_seen = f"random groups weigh {min(weights)} to {max(weights)} bits: mend the page"
    assert low <= min(weights) <= low + NEARLY, range_seen
    assert high - NEARLY <= max(weights) <= high, range_seen


def _made_by(line: str, seed: int) -> Group:
    """A random group; for the line that speaks of surges only, one that a surge made."""
    group = _any_group(seed)
    if line.startswith("peer-"):
        return _told(group, np.random.default_rng([seed, 2]))
    if line != "population-surge":
        return group
    return replace(group, origin="surge", technique="t16", expected=len(group.members) / 2.0 ** (seed % 9))


def _told(group: Group, draw: np.random.Generator) -> Group:
    """The same group where other members look for some of its accounts, and for some of all others."""
    inside, outside = draw.random(2) ** 2
    share = np.where(np.isin(group.population.key, group.members), inside, 0.3 * outside)
    account = group.population.key[draw.random(len(share)) < share]
    several = np.isin(account, group.members) & (draw.random() < 0.5)
    sighted = peers.Sighted(account, np.arange(len(account)), 1 + several.astype(np.int64))
    population, ties = peers.laid_over(group.population, group.ties, sighted, np.ones(len(share), dtype=bool))
    return replace(group, population=peers.indicated(population, account), ties=ties)


def _any_group(seed: int) -> Group:
    """A group of random size and habits, from an even pool to a crowd that shares nothing. Columns as in a scan."""
    draw = np.random.default_rng(seed)
    people, size, days = (
        600,
        int(draw.choice([draw.integers(3, 60), 300], p=[0.9, 0.1])),
        8.64e10 * draw.uniform(0.5, 7),
    )
    key = np.arange(people, dtype=np.int64)
    members = np.sort(draw.choice(key, size, replace=False))
    counts = np.maximum(1, draw.lognormal(draw.uniform(0.5, 3), draw.uniform(0.0, 1.5), size)).astype(np.int64)
    totals = draw.integers(1, 200, people)
    totals[members] = counts * draw.integers(1, draw.choice([2, 20, 60]), size)
    start = draw.uniform(0, days)
    onsets = (start + draw.choice([1e6, 1e9, days]) * draw.random(size)).astype(np.int64)
    fleet = draw.random(people) < draw.random()
    columns = {
        "exchanges": totals,
        "first_us": draw.integers(0, int(days), people),
        "last_us": np.full(people, int(2 * days)),
        "created_us": draw.integers(-(10**13), 0, people),
        "payment": np.where(
            draw.random(people) < draw.random(), draw.integers(0, draw.choice([2, 10**9]), people), UNKNOWN
        ),
        "organization": np.where(fleet, 7, draw.choice([UNKNOWN, 0]) + key * draw.choice([0, 1])),
        "programme": np.where(draw.random(people) < draw.random(), 1, draw.choice([UNKNOWN, 0])),
        "single_turn": (totals * draw.random(people)).astype(np.int64),
        "eliciting": (totals * draw.random(people) * draw.random()).astype(np.int64),
        **{
            f"c{code}": (totals * draw.random(people) * draw.random()).astype(np.int64)
            for code in range(len(CAPABILITIES))
        },
        **{name: (totals * (draw.random(people) < draw.choice([0, 0.5]))).astype(np.int64) for name in SCORE_COLUMNS},
    }
    columns["created_us"][members] = (columns["created_us"][members] * draw.choice([1e-6, 1e-2, 1])).astype(np.int64)
    names = ("address", "network", "client", "credential", "user_field", "payment", "signup", "signature")
    tied = np.tile(np.sort(draw.choice(key, int(draw.integers(2, people)), replace=False)), len(names))
    tied[draw.random(len(tied)) < draw.random()] = members[0]
    value = draw.integers(0, draw.choice([1, 5, 300]), len(tied)).astype(np.int64)
    code = np.repeat(np.arange(len(names)), len(tied) // len(names)).astype(np.int8)
    reach = draw.integers(1, draw.choice([3, 400]), 301)[value].astype(np.int64)
    outside = np.setdiff1d(key, members)[: int(draw.choice([0, 3, 200]))]
    passages = int(draw.choice([1, 3, 8]))
    core = _any_core(draw, np.repeat(members, counts), start, days)
    core, onsets = _any_change(np.random.default_rng([seed, 1]), core, members, onsets, columns)
    return Group(
        origin="templates",
        population=Accounts(key, {name: column.astype(np.int64) for name, column in columns.items()}),
        ties=Ties(names, code, value, tied, reach, np.zeros(len(tied), dtype=np.int64)),
        members=members,
        counts=counts,
        onsets=onsets,
        core=core,
        entities=np.arange(passages, dtype=np.int64),
        kinds=np.zeros(passages, dtype=np.int8),
        fringe=outside,
        fringe_counts=np.ones(len(outside), dtype=np.int64),
        reuse=draw.integers(0, 40, int(counts.sum())) if draw.random() < 0.5 else None,
    )


def _any_core(draw: np.random.Generator, account: I64, start: float, days: float) -> Columns:
    """Core exchanges of these accounts: prompts shared by all, by some or by nobody; one purpose or many."""
    rows, asking = len(account), draw.choice([0, 0.02, 1])
    at = start + days * draw.choice([0.01, 1]) * draw.random(rows)
    at = np.sort((at - (at % 8.64e10) * draw.choice([0, 0.8])).astype(np.int64))  # a job, or people who sleep
    return {
        "ts_us": at,
        "exchange": np.arange(rows),
        "account": account,
        "prompt": draw.integers(1, max(2, int(rows * draw.choice([0.02, 1, 1000]))), rows),
        "prompt_symbols": draw.integers(10, 2000, rows),
        "matched": draw.integers(1, 9, rows),
        "capability": np.where(draw.random(rows) < draw.random(), draw.integers(len(CAPABILITIES)), 0),
        "assistant_turns": draw.random(rows) < draw.choice([0, 0.5, 1]),
        "tool_results": draw.random(rows) < draw.choice([0, 0.5]),
        "content": np.zeros((rows, CONTENT_DIMENSIONS), dtype=np.int8),
        **{name: 100 * (draw.random(rows) < asking * draw.choice([0, 1])) for name in SCORE_COLUMNS},
    }


def _any_change(
    draw: np.random.Generator, core: Columns, members: I64, onsets: I64, columns: dict[str, I64]
) -> tuple[Columns, I64]:
    """Some groups are shut out by half, and the others begin after it; in some each member keeps hours of its own; some
    are old customers who take the template up one by one; some move to a new model in the middle."""
    ts, member = core["ts_us"], np.searchsorted(members, core["account"])
    status = np.where(draw.random(len(ts)) < 0.02, 500, 200)
    settings = draw.integers(0, draw.choice([1, 1_000]), len(members))[member]
    change = draw.integers(0, 9)
    ts = draw.permutation(ts) if change < 4 else ts  # members at the same time, not one after another
    if change == 0:
        shut = int(np.quantile(ts, 0.4))
        status = np.where((ts > shut) & (member % 2 == 0), 403, 200)
        onsets = np.where(np.arange(len(members)) % 2, shut + draw.integers(int(1e10), int(2e10), len(members)), onsets)
    elif change == 1:
        begins = draw.integers(0, int(8.64e10), len(members))[member]
        ts = ts - ts % 86_400_000_000 + begins + draw.integers(0, int(4e10), len(ts))
    elif change == 2:
        onsets = np.linspace(ts.min(), ts.max(), len(members)).astype(np.int64)
        columns["created_us"][members] = -(10**13)
        columns["organization"][members] = members
        columns["first_us"][0] = ts.min() - int(2e11)
    elif change == 3:
        columns["first_us"][0] = ts.min() - int(2e11)
    model = (change == 3) & (ts > np.median(ts)) & (draw.random(len(ts)) < 0.9)
    order = np.argsort(ts, kind="stable")
    changed = {
        **core,
        "ts_us": ts,
        "status": status,
        "parameters": settings,
        "model": model.astype(np.int64),
        "model_first_us": np.where(model, int(np.median(ts)), ts.min()),
        "model_adopters": np.full(len(ts), len(members) + 10),
    }
    return {name: column[order] for name, column in changed.items()}, onsets


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


def test_every_module_that_the_docs_name_exists() -> None:
    pages = [page for page in PAGES if "recipes" not in page.parts]  # a recipe names files that its reader will write
    named = {
        name for page in pages for name in re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", page.read_text("utf-8"))
    }
    bases = (ROOT, ROOT / "src" / "stillwatch", ROOT / "samples")
    assert named, "the pattern finds no module at all"
    assert [name for name in sorted(named) if not any((base / name).exists() for base in bases)] == []


def test_every_make_target_that_the_docs_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets


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
