"""Agreements are readable, complete, and each clause has its page for counsel."""

import re
from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.guard import known
from stillwatch.guard.agreement import SHIPPED, load, shipped, shipped_text
from stillwatch.guard.canonical import canonical
from stillwatch.share.stix import extension, ids, markings, techniques
from stillwatch.vocabulary.techniques import CAPABILITIES

PAGES = Path(__file__).parents[2] / "docs" / "agreement"
HEADINGS = ("What it allows", "Why it is lawful", "What it refuses", "What would change it")
CLAUSES = sorted({clause.id for name in SHIPPED for clause in shipped(name).clauses})


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_has_a_page_for_counsel(clause):
    page = (PAGES / f"{clause}.md").read_text("utf-8")
    assert [heading for heading in HEADINGS if f"## {heading}" not in page] == []


def test_every_page_is_of_a_clause_and_stands_in_the_list_of_pages():
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert pages == set(CLAUSES)
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (PAGES / "README.md").read_text("utf-8")))
    assert listed == set(CLAUSES)


def test_the_guards_list_of_what_everybody_knows_is_what_the_exporter_writes():
    assert known.EXTENSION_ID == extension.EXTENSION_ID
    assert known.NAMESPACE == ids.NAMESPACE
    assert known.STILLWATCH == techniques.STILLWATCH
    assert {own: label for label, own in markings.TLP_IDS.items()} == known.TLP
    assert {own: label for label, own in markings.PAP_IDS.items()} == known.PAP
    written = {one["id"]: (one["name"], one["external_references"]) for one in techniques.attack_patterns()}
    assert written == known.TECHNIQUE_BY_PATTERN_ID


def test_the_lines_of_evidence_that_may_be_named_are_those_with_a_page():
    pages = {page.stem for page in (PAGES.parent / "evidence").glob("*.md")} - {"README"}
    others_word = {page for page in pages if page.startswith("peer-")}  # what others told us is not told on
    clause = next(one for one in shipped("threat-signatures").clauses if one.id == "evidence-lines")
    assert pages - others_word <= set(clause.values)
    assert others_word
    assert not others_word & set(clause.values)


def test_the_capabilities_that_may_be_named_are_those_of_the_vocabulary():
    clause = next(one for one in shipped("threat-signatures").clauses if one.id == "exposure")
    assert set(CAPABILITIES) <= set(clause.values)


def test_the_government_agreement_lets_no_field_through_that_members_do_not_get():
    def fields(name):
        return {field for clause in shipped(name).clauses for field in clause.fields}

    assert fields("government") <= fields("threat-signatures")


@pytest.mark.parametrize(
    ("find", "put", "says"),
    [
        ('condition = "expiry"\nmax_days = 90', 'condition = "expiry"', "does not set all that expiry needs"),
        ("max_days = 90", "max_days = 3650", "does not set all that expiry needs"),
        ("people = 2", "people = 1", "does not set all that approval needs"),
        ("k = 10", "k = 0", "does not set all that threshold needs"),
        ('"fraud", "stolen-card-or-key"', '"fraud", 7', "Expected `str`"),
        ('rule = "hour"', 'rule = "anything"', "Invalid enum value"),
        ('id = "level"', 'id = "level"\nforce = true', "unknown field"),
        ('fields = ["campaign.labels[]"]', 'fields = ["campaign.name"]', "is a field of two clauses"),
        ('fields = ["campaign.labels[]"]', 'fields = ["campaign"]', "is no path of the form type.property"),
        ('fields = ["campaign.labels[]"]', 'fields = ["malware.name"]', "types that the agreement does not list"),
        ('fields = ["campaign.labels[]"]', "", "needs either fields with a rule, or a condition"),
        ('id = "level"', 'id = "opinions"', "two clauses have the same id"),
    ],
)  # fmt: skip
def test_a_faulty_agreement_is_refused_with_what_to_mend(find, put, says):
    text = shipped_text("threat-signatures")
    assert find in text
    with pytest.raises(UsageError, match=re.escape(says)):
        load(text.replace(find, put, 1))


@pytest.mark.parametrize("condition", ["audience", "expiry", "purpose", "legal-basis"])
def test_an_agreement_without_one_of_its_four_pillars_is_none(condition):
    parts = re.split(r"(?=^\[\[clause\]\])", shipped_text("threat-signatures"), flags=re.MULTILINE)
    rest = "".join(part for part in parts if f'condition = "{condition}"' not in part)
    with pytest.raises(UsageError, match=f"without a clause on {condition}"):
        load(rest)


def test_an_unknown_agreement_is_named_with_those_there_are():
    with pytest.raises(UsageError, match="threat-signatures, open-stix, government, empty"):
        shipped("handshake")


def test_the_same_value_has_one_canonical_form():
    assert canonical({"b": 1, "a": [True, None, "é"]}) == '{"a":[true,null,"é"],"b":1}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": float("-inf")}], "\ud83d", {1: object()}])
def test_what_json_can_not_say_has_no_canonical_form(value):
    with pytest.raises(ValueError, match="not a JSON value"):
        canonical(value)
