"""Opaque reasoning signatures: every replay is seen, and no ordinary continuation is touched."""

from collections import Counter

import pytest
from signature_corpus import ORDINARY, REPLAYS, Case, Session, cases, issued

from stillwatch.decide.inline import Hit, Inline, InlineRules, RecentSignatures
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
