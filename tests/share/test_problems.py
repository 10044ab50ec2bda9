"""``problems`` says of an object what stix2-validator 3.2.0 says by its own schemas, or departs from it on purpose."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import stix2validator
from hypothesis import given, settings
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_instance
from stix_corpus import DROP, GREEN, T0, VALID, U, broken, sco, sdo, valid

from stillwatch.share.stix import problems
from stillwatch.share.stix.validate import SHAPES


def oracle(obj: dict[str, Any]) -> list[str]:
    """The validator's errors, warnings aside. It falls over some broken objects; that is an objection too."""
    try:
        return [str(error) for error in validate_instance(obj, ValidationOptions(version="2.1")).errors]
    except Exception as error:  # noqa: BLE001
        return [f"the validator fell over: {error!r}"]


def test_the_corpus_has_every_type_of_the_standard() -> None:
    assert len(SHAPES) == 42
    assert {obj["type"] for _, obj in valid()} >= SHAPES.keys()
    assert {obj["type"] for _, obj in broken() if "type" in obj} >= SHAPES.keys()


@pytest.mark.parametrize(("name", "obj"), list(valid()), ids=[name for name, _ in valid()])
def test_a_valid_object_has_no_problem_here_or_in_the_validator(name: str, obj: dict[str, Any]) -> None:
    assert problems(obj) == []
    assert oracle(obj) == []


@pytest.mark.parametrize(("name", "obj"), list(broken()), ids=[name for name, _ in broken()])
def test_a_broken_object_has_a_problem_here_and_in_the_validator(name: str, obj: dict[str, Any]) -> None:
    assert problems(obj) != []
    assert oracle(obj) != []


def with_(name: str, **changed: Any) -> dict[str, Any]:
    obj = {**VALID[name], **changed}
    return {key: value for key, value in obj.items() if value is not DROP}


#: Where the standard says more than the validator looks at.
STRICTER = {
    "an identifier of another type as author (3.2)": with_("campaign", created_by_ref=f"campaign--{U}"),
    "a marking that is none (3.2)": with_("campaign", object_marking_refs=[f"identity--{U}"]),
    "a name with a hyphen (3.1)": sdo("campaign", name="c", **{"rank-own": 1}),
    "another type in the id, for a type of another's (2.9)": {**sdo("x-own-thing", name="n"), "id": f"campaign--{U}"},
    "STIX 2.0 (3.2)": with_("campaign", spec_version="2.0"),
    "a domain name's address that is a file (6.4)": with_("domain-name", resolves_to_refs=[f"file--{U}"]),
    "a sample that is no identifier (4.11)": with_("malware", sample_refs=["a sample"]),
    "an extension nobody stands for (7.3.1)": with_("extension-definition", created_by_ref=DROP),
    "an end of line after a timestamp (2.16)": with_("campaign", first_seen="2026-07-01T12:00:00Z\n"),
    "an integer beyond 54 bits (2.7)": with_("autonomous-system", number=2**60),
    "a language and a marking at once (7.2.3)": with_(
        "campaign", granular_markings=[{"selectors": ["name"], "lang": "en", "marking_ref": GREEN}]
    ),
}
#: Where the standard allows what the validator does not know.
WIDER = {
    "a language beyond its list (RFC 5646)": with_("campaign", lang="gsw-CH"),
    "a part in another language (7.2.3)": with_("campaign", granular_markings=[{"selectors": ["name"], "lang": "de"}]),
    "two letters for a program's language (6.14)": with_("software", languages=["en"]),
    "a process of which only its start is known (6.13)": sco("process", created_time=T0),
    "an IPv6 address that ends as IPv4 (RFC 4291)": with_("ipv6-addr", value="::ffff:198.51.100.1"),
    "a tenth of a second after a whole one (2.16)": with_(
        "campaign", first_seen="2026-07-01T12:00:00Z", last_seen="2026-07-01T12:00:00.1Z"
    ),
    "an algorithm of one's own (10.8)": with_(
        "campaign", external_references=[{"source_name": "s", "description": "d", "hashes": {"BLAKE3": "x"}}]
    ),
    "a header field given once (6.6)": with_("email-message", additional_header_fields={"Reply-To": ["a@example.org"]}),
}  # fmt: skip


@pytest.mark.parametrize("obj", STRICTER.values(), ids=list(STRICTER))
def test_the_standard_forbids_what_the_validator_lets_pass(obj: dict[str, Any]) -> None:
    assert problems(obj) != []
    assert oracle(obj) == [] or obj["spec_version"] == "2.0"


@pytest.mark.parametrize("obj", WIDER.values(), ids=list(WIDER))
def test_the_standard_allows_what_the_validator_refuses(obj: dict[str, Any]) -> None:
    assert problems(obj) == []
    assert oracle(obj) != []


def test_the_validators_own_examples_are_valid() -> None:
    folder = Path(stix2validator.__file__).parent / "schemas-2.1" / "examples"
    bundles = [json.loads(path.read_text("utf-8")) for path in folder.rglob("*.json")]
    seen = [obj for one in bundles if one["type"] == "bundle" for obj in one["objects"]]
    assert len(seen) > 50
    assert [(obj["id"], problems(obj)) for obj in seen if problems(obj)] == []


def test_a_bundle_tells_which_object_is_wrong() -> None:
    objects = [VALID["campaign"], {**VALID["note"], "content": 3}]
    assert problems({"type": "bundle", "id": f"bundle--{U}", "objects": objects}) == [
        "objects[1]: content is not a string"
    ]
    assert problems({"type": "bundle", "id": f"bundle--{U}", "objects": []}) != []
    assert problems({"type": "bundle", "id": f"bundle--{U}", "objects": [{"type": "bundle"}]}) != []


def test_no_message_repeats_what_a_stranger_wrote() -> None:
    secret = "SECRET-4711"
    for name, obj in VALID.items():
        for place in obj:
            if place == "type":
                continue
            said = " ".join(problems({**obj, place: {secret: [secret, {secret: secret}]}}))
            assert secret not in said, (name, place)
    assert secret not in " ".join(problems({**VALID["campaign"], secret: secret, "extensions": {secret: {}}}))


def test_at_most_twenty_sentences_are_said_of_one_object() -> None:
    assert len(problems({**VALID["campaign"], **{f"X{place}": 1 for place in range(500)}})) == 20


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(VALID)), st.data())
def test_nothing_that_json_can_say_makes_it_fall_over(name: str, data: st.DataObject) -> None:
    obj = dict(VALID[name])
    for place in data.draw(st.lists(st.sampled_from([*sorted(obj), "extensions", "objects", "x_new"]), max_size=3)):
        obj[place] = data.draw(any_json)
    assert all(isinstance(sentence, str) for sentence in problems(obj))


@pytest.mark.parametrize(
    "pattern",
    [
        "[a:value = " + "0" * 200_000,
        "[a:value = " + "1" * 200_000 + "x]",
        "[" + " " * 200_000,
        "(" * 200_000,
        "[a-type:value = 'x'] " + "AND [a-type:value = 'x'] " * 20_000,
        "[" + "(" * 200_000 + "a:value = 1",
        "'" * 200_000,
        "[" + "a" * 200_000 + ":value = 1]",
        "/*" * 100_000,
        "[a-type:value = 'x'" + "\\'" * 100_000,
    ],
    ids=range(10),
)
def test_a_hostile_pattern_takes_no_long_time(pattern: str) -> None:
    began = time.process_time()
    problems({**VALID["indicator"], "pattern": pattern})
    assert time.process_time() - began < 3.0


def test_far_more_than_fifty_thousand_objects_are_checked_in_a_second_of_cpu() -> None:
    mix = [VALID[name] for name in ("indicator", "relationship", "campaign", "sighting", "ipv4-addr", "file", "note")]
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for _ in range(1_000):
            for obj in mix:
                problems(obj)
        best = max(best, len(mix) * 1_000 / (time.process_time() - began))
    assert best > 50_000, f"{best:,.0f} objects per CPU-second"


def test_every_sentence_begins_with_the_place_of_the_fault() -> None:
    for name, obj in broken():
        for sentence in problems(obj):
            assert re.match(r"[a-z`]", sentence), (name, sentence)
