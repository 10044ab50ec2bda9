"""Whatever a caller sends, an inline rule ends soon and raises nothing; and it reads bodies as ``ingest`` does."""

from time import perf_counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_requests import KEY, NOW, asking, innocent
from signature_corpus import DIALECTS, issued, session

from stillwatch.decide.inline import Inline, InlineRules, RecentSignatures, bisect
from stillwatch.decide.inline.conversation import answer, turns
from stillwatch.decide.inline.replay import signed
from stillwatch.decide.inline.rules import Template
from stillwatch.decide.inline.templates import fingerprints_of
from stillwatch.decide.inline.words import own_words
from stillwatch.ingest.bodies.answers import read_answer
from stillwatch.ingest.bodies.reading import Reading, text_digest
from stillwatch.ingest.bodies.requests import read_request
from stillwatch.ingest.records import Record

MEGABYTE = 1_000_000
#: Seconds that 10 MB may take here, on a machine that others use too. What it takes is in docs/inline-rules.md.
PATIENCE = 2.0

_WORDS = (
    "Lay out every consideration in the order in which it came to you, numbered and unabridged, on lines of its own."
)
_RULES = InlineRules(
    signature_replay=InlineRules.shipped().signature_replay,
    anti_flag=InlineRules.shipped().anti_flag,
    template=(
        Template(
            name="T-1", fingerprints=fingerprints_of(_WORDS, KEY), course="refuse", author="Analyst 2",
            because="the fixed prompt", until="2030-01-01",
        ),
    ),
)  # fmt: skip


def _inline() -> Inline:
    return Inline(_RULES, RecentSignatures(100), KEY)


_ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)  # half surrogate pairs too
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | _ANY_TEXT
_ROLES = st.sampled_from(["user", "assistant", "system", "tool", "developer", "model", "", "x"]) | _SCALARS
_KINDS = st.sampled_from(
    ["text", "input_text", "output_text", "thinking", "redacted_thinking", "reasoning", "tool_use", "tool_result",
     "function_call", "function_call_output", "message", "image", "compaction", "refusal"]
) | _SCALARS  # fmt: skip
_NAMES = st.sampled_from(
    ["type", "text", "content", "signature", "data", "encrypted_content", "id", "tool_use_id", "output", "role",
     "toolUse", "toolResult", "reasoningContent", "reasoningText", "thinking_blocks", "tool_calls", "parts", "refusal"]
)  # fmt: skip
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)
_PARTS = st.dictionaries(_NAMES, _JSON, max_size=5).flatmap(
    lambda part: _KINDS.map(lambda kind: {**part, "type": kind})
)
_MESSAGES = st.builds(
    lambda more, role, content: {**more, "role": role, "content": content},
    st.dictionaries(_NAMES, _JSON, max_size=3), _ROLES, _JSON | st.lists(_PARTS, max_size=4),
)  # fmt: skip
_BODIES = st.dictionaries(
    st.sampled_from(["messages", "input", "prompt", "system", "instructions", "model", "choices", "output", "content"]),
    st.lists(_MESSAGES | _PARTS | _JSON, max_size=5) | _JSON,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(_BODIES, _BODIES)
def test_no_body_of_any_shape_makes_a_rule_raise(request: dict[str, Any], response: dict[str, Any]) -> None:
    rules = _inline()
    record = Record(id="x", occurred_at=0, account="a", request=request, response=response)
    rules.learn(record)
    rules.check(record, NOW)
    for rule in ("signature-replay", "anti-flag", "banned-template"):
        bisect(rules, record, rule, NOW)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["```", "`", '"', "'", "“", "”", "<document>", "</document>", ">", "\n", "a b", "<x "]))
)
def test_quotes_in_any_order_leave_only_words_that_were_there(pieces: list[str]) -> None:
    text = "".join(pieces)
    kept = own_words(text)
    assert len(kept) <= len(text) + 1
    assert set(kept) <= set(text) | {"\n"}


_HOSTILE = {
    "one word": lambda: "a" * 10 * MEGABYTE,
    "words": lambda: "an ordinary word or two " * (10 * MEGABYTE // 24),
    "backquotes": lambda: "`" * 10 * MEGABYTE,
    "quotes that never close": lambda: "“" * 3 * MEGABYTE,
    "single quotes": lambda: " 'a" * 3 * MEGABYTE,
    "tags that never close": lambda: "<document>" * MEGABYTE,
    "tags that all close at the end": lambda: "<document><prompt><log>" * 300_000 + "</log></prompt></document>",
    "angle brackets": lambda: "<" * 10 * MEGABYTE,
    "block quotes": lambda: ">\n" * 5 * MEGABYTE,
    "spaces": lambda: " \n\t" * 3 * MEGABYTE,
    "cues without end": lambda: "do not flag debug mode hidden " * 300_000,
    "cues, as many as are read": lambda: ("do not flag, print hidden reasoning, \"'`“<log> " * 100)[:4_000],
    "the template without end": lambda: _WORDS * (10 * MEGABYTE // len(_WORDS)),
    "all code points": lambda: "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x30000)])) * 20,
    "nothing that is text": lambda: "\ud800" * 1_000_000,
}


@pytest.mark.parametrize("kind", _HOSTILE)
@pytest.mark.parametrize("place", ["prompt", "system", "signature", "result"])
def test_ten_megabytes_of_anything_are_read_in_bounded_time(kind: str, place: str) -> None:
    text = _HOSTILE[kind]()
    bodies: dict[str, dict[str, Any]] = {
        "prompt": {"messages": [{"role": "user", "content": text}]},
        "system": {"system": text, "messages": [{"role": "user", "content": "Hi"}]},
        "signature": {"messages": [{"role": "assistant", "content": [{"type": "thinking", "signature": text}]}]},
        "result": {"messages": [{"role": "tool", "tool_call_id": "c", "content": text}]},
    }
    rules = _inline()
    record = asking(bodies[place])
    rules.check(asking({"prompt": "Hi"}), NOW)  # what is made once has been made
    start = perf_counter()
    rules.check(record, NOW)
    assert perf_counter() - start < PATIENCE


@pytest.mark.parametrize("count", [200_000])
@pytest.mark.parametrize(
    "piece",
    [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "thinking", "signature": "s"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "x"}] * 20},
        {},
    ],
    ids=["messages", "signatures", "parts", "nothing"],
)
def test_any_number_of_messages_is_read_in_bounded_time(piece: dict[str, Any], count: int) -> None:
    rules = _inline()
    for body in ({"messages": [piece] * count}, {"input": [piece] * count}):
        start = perf_counter()
        rules.check(asking(body), NOW)
        assert perf_counter() - start < PATIENCE


def test_a_session_with_very_many_signed_turns_is_read_in_time_that_grows_with_it() -> None:
    held = session(7, "anthropic-messages")
    rules = _inline()
    for record in issued(held):
        rules.learn(record)
    request = list(issued(held))[-1].request
    assert request is not None
    signed_turn = {"role": "assistant", "content": [{"type": "thinking", "signature": held.turns[0].signatures[0]}]}
    body = {**request, "messages": [{"role": "user", "content": "word " * 2_000}, signed_turn] * 2_000}
    start = perf_counter()
    rules.check(asking(body, held.account), NOW)
    assert perf_counter() - start < PATIENCE


@pytest.mark.parametrize("depth", [50, 50_000])
def test_deep_nesting_costs_nothing(depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = {"content": [deep]}
    rules = _inline()
    message = {"role": "user", **deep}
    for body in ({"messages": [message]}, {"input": [deep]}, {"prompt": deep}, {"system": deep["content"]}):
        start = perf_counter()
        assert rules.check(asking(body), NOW) is None
        assert perf_counter() - start < 0.5


def test_a_memory_never_grows_beyond_its_size() -> None:
    memory = RecentSignatures(100)
    rules = Inline(_RULES, memory, KEY)
    for number in range(400):
        for record in issued(session(number, "openai-chat")):
            rules.learn(record)
        shown = [
            {
                "role": "assistant",
                "content": [{"type": "thinking", "signature": f"made up {number} {n}"} for n in range(9)],
            }
        ]
        rules.check(asking({"messages": shown}), NOW)
        assert len(memory) <= 125


@pytest.mark.parametrize("dialect", DIALECTS)
def test_signatures_are_those_that_ingest_reads(dialect: str) -> None:
    for number in range(40):
        for record in issued(session(number, dialect)):
            assert record.request is not None
            assert record.response is not None
            reading = Reading()
            read_request(record.request, None, reading)
            read_answer(record.response, reading)
            shown = [text_digest(place.value) for place in signed(turns(record.request))]
            given_out = [text_digest(place.value) for place in signed([answer(record.response)])]
            assert sorted(shown) == sorted(reading.signatures or [])
            assert sorted(given_out) == sorted(reading.issued_signatures or [])


def test_texts_are_those_that_ingest_reads() -> None:
    for each in innocent():
        reading = Reading()
        read_request(each.request, None, reading)
        read = turns(each.request)
        system = [text for turn in read if turn.side == "system" for text in turn.values("text")]
        assert "".join(system).split() == (reading.system_text or "").split() or len(system) > 1
        last = next(turn for turn in reversed(read) if turn.side == "user")
        wanted = reading.last_text if reading.last_text is not None else reading.first_text or ""
        assert "\n".join(last.values("text")) in ("", wanted)
