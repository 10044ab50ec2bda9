"""The automaton against a plain search, phrase by phrase."""

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sketch.cues import GAP, ONE_STEP, build, catalogue, ends, matcher, word_table
from stillwatch.sketch.fold import TAIL, Folded, fold

FILES = ("reasoning", "grading", "generation", "agents", "capability", "answers")


def folded(*texts: str | None) -> Folded:
    return fold(pa.array(texts, pa.string()))


def letters(text: str) -> str:
    """The text after folding, without the second symbols of wide letters."""
    symbols = folded(text).symbols
    return "".join(map(chr, symbols[symbols < TAIL]))


def joins(character: str) -> bool:
    """Whether the character is part of a word in a script with the word rule."""
    words = word_table()
    return ord(character) < len(words) and bool(words[ord(character)])


def plain_count(text: str, phrase: str) -> int:
    """Occurrences of one phrase, overlapping ones too, by string search and the word rule."""
    within, sought = letters(text), letters(phrase.removeprefix("*").removesuffix("*"))
    count, at = 0, within.find(sought)
    while at >= 0:
        before, after = within[max(at - 1, 0) : at], within[at + len(sought) : at + len(sought) + 1]
        cut = joins(sought[0]) and not phrase.startswith("*") and before and joins(before)
        torn = joins(sought[-1]) and not phrase.endswith("*") and after and joins(after)
        count += not cut and not torn
        at = within.find(sought, at + 1)
    return count


def kinds(phrases: Sequence[str]) -> list[str]:
    """The different phrases: a star at an end that is no letter changes nothing."""
    bare = {phrase: letters(phrase.removeprefix("*").removesuffix("*")) for phrase in phrases}
    different = {
        (text, phrase[0] == "*" and joins(text[0]), phrase[-1] == "*" and joins(text[-1])): phrase
        for phrase, text in bare.items()
    }
    return list(different.values())


def plain_hits(texts: Sequence[str], cues: Mapping[str, Sequence[str]]) -> list[list[int]]:
    """The reference: each different phrase of each cue counted in each text."""
    return [
        [min(255, sum(plain_count(text, phrase) for phrase in kinds(phrases))) for phrases in cues.values()]
        for text in texts
    ]


PIECE = st.sampled_from(
    ["a", "b", "ab", "ba", " ", "-", "思", "考", "思考", "ш", "é", "ß", "1", "ا", "के", "가", "<", "𝐚", "zz"]
)
WORDS = st.lists(PIECE, min_size=1, max_size=4).map("".join).filter(lambda text: letters(text) != "")
PHRASE = st.builds(
    lambda left, text, right: left + text + right, st.sampled_from(["", "*"]), WORDS, st.sampled_from(["", "*"])
)
TEXT = st.lists(PIECE, max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(TEXT, min_size=1, max_size=4), st.lists(st.lists(PHRASE, min_size=1, max_size=4), min_size=1, max_size=4)
)
def test_the_automaton_counts_what_a_plain_search_counts(texts: list[str], phrases: list[list[str]]) -> None:
    cues = {f"cue-{number}": group for number, group in enumerate(phrases)}
    assert build(cues).hits(folded(*texts)).tolist() == plain_hits(texts, cues)


def test_symbols_that_take_two_steps_are_found_as_well() -> None:
    many = "".join(chr(0x4E00 + number) for number in range(3 * ONE_STEP))
    cues = {many[at : at + 3]: [many[at : at + 3]] for at in range(0, len(many), 3)}
    assert (build(cues).hits(folded(many, "nothing of it")) == [[1] * len(cues), [0] * len(cues)]).all()


def test_a_word_is_not_found_inside_another_word() -> None:
    cues = build({"sum": ["sum"], "stem": ["distil*"], "han": ["思考"]})
    assert cues.hits(folded("a summary", "the sum, assumed", "distillation", "请思考一下")).tolist() == [
        [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "apart"), [("find the flaw", 9), ("the flaw you find", 9), ("find: 错误 flaw", 11)])
def test_two_cues_are_near_in_either_order_up_to_the_window(text: str, apart: int) -> None:
    cues = build({"find": ["find"], "flaw": ["flaw"]})
    assert cues.hits(folded(text), [("find", "flaw")], apart).tolist() == [[1, 1, 1]]
    assert cues.hits(folded(text), [("find", "flaw")], apart - 1).tolist() == [[1, 1, 0]]


def test_cues_of_different_rows_are_never_near() -> None:
    cues = build({"find": ["find"], "flaw": ["flaw"]})
    assert cues.hits(folded("find", "flaw"), [("find", "flaw")], 100)[:, 2].tolist() == [0, 0]


def test_no_phrase_spans_two_rows() -> None:
    assert not build({"cue": ["step by step"]}).hits(folded("step by", " step")).any()


def test_case_accents_width_and_hidden_characters_do_not_matter() -> None:
    cues = build({"cue": ["étape par étape"]})
    assert cues.hits(folded("ETAPE\u200b  par\n\u00c9tape", "ｅｔａｐｅ ｐａｒ ｅｔａｐｅ")).tolist() == [[1], [1]]


def test_counts_stop_at_two_hundred_and_fifty_five() -> None:
    assert build({"cue": ["x"]}).hits(folded("x " * 1000)).tolist() == [[255]]


def test_a_slot_stands_for_each_of_its_words() -> None:
    assert {"think in english", "think in korean"} <= set(catalogue("reasoning")["think_in_language"])


def test_a_phrase_that_folds_to_nothing_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="empty once folded"):
        build({"cue": ["\u200b"]})


@pytest.mark.parametrize("name", FILES)
def test_every_cue_of_the_catalogue_finds_each_of_its_own_phrases(name: str) -> None:
    cues = matcher(name)
    for cue, phrases in catalogue(name).items():
        found = cues.hits(folded(*(phrase.removeprefix("*").removesuffix("*") for phrase in phrases)))
        assert found[:, cues.cues.index(cue)].all(), cue


@pytest.mark.parametrize("name", FILES)
def test_no_phrase_has_a_star_in_its_middle(name: str) -> None:
    inner = [p for phrases in catalogue(name).values() for p in phrases if "*" in p.removeprefix("*").removesuffix("*")]
    assert inner in ([], ["select *"])


def test_the_catalogue_speaks_at_least_five_scripts() -> None:
    text = "".join(phrase for phrases in catalogue("reasoning").values() for phrase in phrases)
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in text if letter.isalpha()}
    assert {"LATIN", "CYRILLIC", "ARABIC", "DEVANAGARI", "HIRAGANA", "HANGUL", "CJK"} <= scripts


def test_the_ends_of_a_long_row_are_kept_with_a_gap_and_a_short_row_is_kept_whole() -> None:
    text = folded("abcdefghij", "abc", None, "abcdefg")
    kept = ends(text, head=3, end=2)
    rows = [kept.symbols[first:last] for first, last in zip(kept.offsets[:-1], kept.offsets[1:], strict=True)]
    assert [row.tolist() for row in rows] == [
        [*map(ord, "abc"), GAP, *map(ord, "ij")], [*map(ord, "abc")], [], [*map(ord, "abc"), GAP, *map(ord, "fg")],
    ]  # fmt: skip
    assert kept.symbols.dtype == np.uint32
