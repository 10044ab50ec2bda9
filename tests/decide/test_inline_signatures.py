"""Opaque reasoning signatures: every replay is seen, and no ordinary continuation is touched."""

from collections import Counter
from typing import Any

import pytest
from signature_cases import ORDINARY, REPLAYS, Case, cases
from signature_corpus import Session, Turn, asking, issued, session

from stillwatch.decide.inline import Hit, Inline, InlineRules, RecentSignatures
from stillwatch.ingest.bodies.streams import folded
from stillwatch.sketch.keying import SketchKey

KEY = SketchKey(bytes(range(32)))


def _inline() -> Inline:
    return Inline(InlineRules.shipped(), RecentSignatures(), KEY)


def _answered(inline: Inline, held: Session, case: Case) -> Hit | None:
    assert all(inline.learn(record) for record in issued(held)), "no signature was found in an answer"
    return inline.check(case.record, 0)


def test_none_of_1000_ordinary_continuations_is_touched_or_even_seen() -> None:
    inline, seen = _inline(), Counter[str]()
    for held, case in cases(ORDINARY, 1000, seed=1):
        hit = _answered(inline, held, case)
        if hit is not None:
            seen[f"{case.kind}: {hit.sign}"] += 1
    assert not seen


@pytest.mark.parametrize("kind", REPLAYS)
def test_every_replay_is_seen_in_every_dialect(kind: str) -> None:
    inline, made = _inline(), {kind: REPLAYS[kind][1]}
    signs = Counter[str]()
    for held, case in cases(made, 200, seed=2):
        hit = _answered(inline, held, case)
        assert hit is not None, (held, case.record.request)
        assert hit.rule == "signature-replay"
        signs[hit.sign] += 1
    expected = {
        "organisation": {"other-organisation"},
        "account": {"other-account"},
        "model": {"other-model"},
        "session": {"other-session", "edited-context"},
        "context": {"edited-context", "other-session"},
    }[REPLAYS[kind][0]]
    assert set(signs) <= expected


def _events(turn: Turn) -> list[dict[str, Any]]:
    """The answer of a turn as Anthropic's stream of events."""
    blocks: list[dict[str, Any]] = []
    for value in turn.signatures:
        blocks += [{"type": "thinking", "thinking": "", "signature": ""}, {"signature": value}]
    if turn.text:
        blocks += [{"type": "text", "text": ""}, {"text": turn.text}]
    for call in turn.calls:
        blocks += [{"type": "tool_use", "id": call, "name": "look_up", "input": {}}, {"partial_json": "{}"}]
    events: list[dict[str, Any]] = [{"type": "message_start", "message": {"model": "m-large"}}]
    for index, (block, delta) in enumerate(zip(blocks[::2], blocks[1::2], strict=True)):
        events.append({"type": "content_block_start", "index": index, "content_block": block})
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
    return [*events, {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}]


def test_an_answer_that_was_streamed_is_learnt_like_any_other() -> None:
    for number in range(60):
        inline, held = _inline(), session(number, "anthropic-messages")
        for record, turn in zip(issued(held), held.turns, strict=True):
            record.response = folded(_events(turn))
            assert inline.learn(record) == len(turn.signatures)
        last = held.turns[-1]
        goes_on = Turn("" if last.calls else "And then?", tuple((call, "done") for call in last.calls), (), "", ())
        assert inline.check(asking(held, list(held.turns), goes_on), 0) is None
        thief = held._replace(account="acct_9", organization="org_9")
        assert inline.check(asking(thief, list(held.turns), goes_on), 0) is not None
        edited = [*held.turns[:-1], last._replace(text="Word for word, my thoughts were these:")]
        assert inline.check(asking(held, edited, goes_on), 0) is not None
