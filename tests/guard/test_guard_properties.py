"""What holds of whatever is asked: the guard is closed, also against what nobody thought of."""

import json
import string

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.material import NOW, PEERS, VOICE, bases

from stillwatch.guard.agreement import shipped
from stillwatch.guard.canonical import canonical
from stillwatch.guard.clear import admissible, clear
from stillwatch.guard.release import Recipient, Refusal, Release
from stillwatch.guard.schema import faults, sound

THREATS = shipped("threat-signatures")
BASES = {kind: item for kind, item in bases().items() if kind not in {"report", "identity"}}
KIND = st.sampled_from(sorted(BASES))
KEY = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12) | st.text(max_size=8)
SCALAR = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=40)
JSON = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=8
)


def leaves(value, path=""):
    if isinstance(value, dict):
        return {leaf for key, one in value.items() for leaf in leaves(one, f"{path}.{key}" if path else key)}
    if isinstance(value, list):
        return {leaf for place, one in enumerate(value) for leaf in leaves(one, f"{path}[{place}]")}
    return {path}


def places(value, path=()):
    """Every object inside, by its path."""
    if isinstance(value, dict):
        yield path
        for key, one in value.items():
            yield from places(one, (*path, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from places(one, (*path, place))


@st.composite
def changed(draw):
    """An object that may leave with any value anywhere replaced."""
    item = json.loads(json.dumps(BASES[draw(KIND)]))
    for _ in range(draw(st.integers(1, 3))):
        here = item
        for step in draw(st.sampled_from(list(places(item)))):
            here = here[step]
        here[draw(st.sampled_from(sorted(here)) if here else KEY)] = draw(JSON)
    return item


@settings(max_examples=400, deadline=None)
@given(changed() | st.dictionaries(KEY, JSON, max_size=6))
def test_whatever_is_released_has_a_ground_for_every_path_and_is_admissible(item):
    match clear(item, PEERS, THREATS, NOW, sender=VOICE.member):
        case Release() as release:
            body = json.loads(release.body)
            assert leaves(body) == set(release.grounds)
            assert canonical(body) == release.body
            assert admissible(msgspec.json.decode(release.body), THREATS, NOW, sender=VOICE.member) is None
        case Refusal(reasons=reasons):
            assert reasons


@settings(max_examples=300, deadline=None)
@given(KIND, st.data(), KEY, JSON)
def test_any_unknown_key_anywhere_refuses_what_else_could_leave(kind, data, key, value):
    item = json.loads(json.dumps(BASES[kind]))
    assert isinstance(clear(item, PEERS, THREATS, NOW), Release)
    here, node = item, THREATS.tree[kind]
    for step in data.draw(st.sampled_from(list(places(item)))):
        here = here[step]
        node = node.item if isinstance(step, int) else node.keys[step]
    if key not in node.keys:
        here[key] = value
        assert isinstance(clear(item, PEERS, THREATS, NOW), Refusal)
        assert isinstance(admissible(item, THREATS, NOW), Refusal)


@settings(max_examples=200, deadline=None)
@given(changed() | st.dictionaries(KEY, JSON, max_size=6), st.sampled_from(["member", "government"]))
def test_the_empty_and_the_open_agreement_release_nothing(item, kind):
    for name in ("empty", "open-stix"):
        assert isinstance(clear(item, Recipient("anyone", kind, "red", "red"), shipped(name), NOW), Refusal)


@settings(max_examples=400, deadline=None)
@given(changed())
def test_the_fast_walk_and_the_one_that_explains_agree(item):
    tree = THREATS.tree.get(item["type"]) if isinstance(item.get("type"), str) else None
    if tree is not None:
        assert sound(tree, item) is (list(faults(tree, item, "")) == [])


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_canonical_bytes_are_the_same_for_the_same_value_and_read_back_to_it(value):
    try:
        body = canonical(value)
    except ValueError:
        return
    assert canonical(json.loads(body)) == body
