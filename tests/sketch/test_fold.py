"""Folding: the kernel against plain Python, and what the folding promises."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from texts import ALL, SCRIPTS, texts

from stillwatch.sketch.fold import TAIL, Folded, fold

WIDE_BLOCKS = [
    (0x1100, 0x115E), (0x11A8, 0x11FF), (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3041, 0xA4CF),
    (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x17000, 0x18DFF), (0x1AFF0, 0x1B2FF), (0x20000, 0x3FFFF),
]  # fmt: skip
MARK_BLOCKS = [(0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F)]
INVISIBLE = {0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}


def within(code: int, blocks: list[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in blocks)


def plain(character: str) -> str:
    """One character, folded by the rules of the module's docstring, one after the other."""
    code = ord(character)
    if code in INVISIBLE or within(code, MARK_BLOCKS) or 0xE0000 <= code < 0xE1000:
        return ""
    for group, replacement in (("‘’‚‛′‹›`´ʼ＇", "'"), ("“”„‟″«»〝〞＂", '"'), ("−⁃", "-"), ("\u2800", " ")):
        if character in group:
            return replacement
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    if category == "Pd":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if code >= 0x20000:
        return character
    loose = unicodedata.normalize("NFKD", character)
    if len(loose) > 1:
        loose = "".join(part for part in loose if not within(ord(part), MARK_BLOCKS))
    tight = unicodedata.normalize("NFKC", character)
    one = loose if len(loose) == 1 else tight if len(tight) == 1 else character
    return one.casefold() if len(one.casefold()) == 1 else one


def reference(text: str | None) -> list[int]:
    folded = "".join(plain(character) for character in text or "")
    words = [word for word in folded.split(" ") if word]
    symbols: list[int] = []
    for character in " ".join(words):
        symbols.append(ord(character))
        if within(ord(character), WIDE_BLOCKS):
            symbols.append(ord(character) | TAIL)
    return symbols


def rows(folded: Folded) -> list[list[int]]:
    return [part.tolist() for part in np.split(folded.symbols, folded.offsets[1:-1])] if len(folded.offsets) > 1 else []


def as_text(folded: Folded) -> list[str]:
    return ["".join(chr(symbol) for symbol in row if symbol < TAIL) for row in rows(folded)]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_the_kernel_folds_every_script_as_plain_python_does(kind: pa.DataType) -> None:
    assert rows(fold(pa.array(ALL, kind))) == [reference(text) for text in ALL]


@settings(max_examples=150, deadline=None)
@given(texts)
def test_the_kernel_folds_any_text_as_plain_python_does(some: list[str | None]) -> None:
    assert rows(fold(pa.array(some, pa.string()))) == [reference(text) for text in some]


def test_every_code_point_folds_as_plain_python_folds_it() -> None:
    codes = (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200), 0x2A6D6, 0x10FFFD)
    folded = fold(pa.array([f"<{chr(code)}>" for code in codes]))
    wrong = [hex(code) for code, row in zip(codes, rows(folded), strict=True) if row != reference(f"<{chr(code)}>")]
    assert wrong == []


def test_folding_a_slice_is_slicing_the_fold() -> None:
    whole = rows(fold(pa.array(ALL)))
    for first, last in ((0, 3), (5, 11), (len(ALL) - 2, len(ALL)), (4, 4)):
        assert rows(fold(pa.array(ALL).slice(first, last - first))) == whole[first:last]


def test_bytes_under_a_null_are_not_read() -> None:
    shown = pa.array(["kept", "hidden", "kept"])
    masked = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\x05"), *shown.buffers()[1:]])
    assert as_text(fold(masked)) == ["kept", "", "kept"]


def test_no_text_gives_no_symbols() -> None:
    for nothing in (pa.array([], pa.string()), pa.array([None, None], pa.string()), pa.array(["", " "])):
        folded = fold(nothing)
        assert folded.symbols.size == 0
        assert folded.offsets.tolist() == [0] * (len(nothing) + 1)


def test_copies_that_look_the_same_fold_to_the_same() -> None:
    same = [
        ("Größe café", "GRO\u0308ßE CAFE\u0301"),
        ("please explain", "𝐏𝐥𝐞𝐚𝐬𝐞\u00a0\n ｅｘｐｌａｉｎ"),
        ("in plain sight", "in pl\u200bain s\u00adight\ufeff"),
        ("\"a\" - 'b'", "“a” — ‘b’"),
        ("ガイド", "ｶﾞｲﾄﾞ".replace("ｶﾞ", "ガ").replace("ﾄﾞ", "ド")),
        ("2026", "٢٠٢٦"),
        ("heart ❤", "heart ❤\ufe0f"),
    ]
    for left, right in same:
        assert as_text(fold(pa.array([left]))) == as_text(fold(pa.array([right]))), (left, right)


def test_a_han_character_counts_twice_and_a_letter_once() -> None:
    assert fold(pa.array(["推理", "ab", "가", "あ", "я", "😀"])).lengths.tolist() == [4, 2, 2, 2, 1, 1]


def test_broken_utf8_never_reads_past_its_row() -> None:
    # Arrow promises valid UTF-8; a damaged file may break the promise. Each row ends in the middle of a character.
    data = b"ab\xe8\xaacd\xf0\x9f\x98"
    offsets = np.array([0, 4, 9], dtype=np.int32)
    broken = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    assert as_text(fold(broken)) == ["ab", "cd"]


def test_other_arrow_types_are_refused() -> None:
    with pytest.raises(TypeError, match="string array"):
        fold(pa.array([1, 2]))


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_folding_twice_changes_nothing(name: str) -> None:
    once = as_text(fold(pa.array([SCRIPTS[name]])))
    assert as_text(fold(pa.array(once))) == once
