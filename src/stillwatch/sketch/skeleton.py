"""The skeleton of a system prompt: what stays of it when today's date, a session number or a user's address changes.

A system prompt is often one text with a few slots. The skeleton is a hash of its words, in order, without

* words that hold a digit (numbers, dates, times, versions, most identifiers);
* words that look like an address (``@``, ``://``, ``www.``) or like a hexadecimal identifier (eight or more of a-f);
* names of months and days of the week in a dozen languages, and the words around a clock (``am``, ``utc``).

Wide characters (Han, kana, Hangul) stand each for itself, and only digits among them go. What is filled in as plain
words, such as a person's name, changes the skeleton: the passages of ``fingerprints`` see past that.
"""

from functools import cache

import numpy as np
import pyarrow as pa

from stillwatch.sketch.fingerprints import chained, mixed
from stillwatch.sketch.fold import TAIL, Folded, fold
from stillwatch.sketch.kernels import (
    I64,
    NOTHING,
    READ_I64,
    READ_U32,
    READ_U64,
    U32,
    U64,
    WRITE_U64,
    inlined,
    kernel,
)

# Names of months and of weekdays, as the Unicode Common Locale Data Repository lists them, with common abbreviations.
_CALENDAR = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
janvier février mars avril juin juillet août septembre octobre novembre décembre
lundi mardi mercredi jeudi vendredi samedi dimanche
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
lunes martes miércoles jueves viernes sábado domingo
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
lunedì martedì mercoledì giovedì venerdì sabato domenica
januari februari maart mei augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
poniedziałek wtorek środa czwartek piątek sobota niedziela
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
понедельник вторник среда четверг пятница суббота воскресенье
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
pazartesi salı çarşamba perşembe cuma cumartesi pazar
januari februari maret mei juni juli agustus oktober desember senin selasa rabu kamis jumat sabtu minggu
जनवरी फ़रवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
am pm a.m p.m utc gmt
"""

_WORD = np.uint64(0x776F7264)
_SKELETON = np.uint64(0x736B656C)
_LONGEST_NAME = 24
#: Of the calendar's table: mostly one look tells that a word is not in it.
_SLOTS = 4096
_SLOT = np.uint64(64 - 12)
_HEXADECIMAL_RUN = 8


@inlined
def _word(symbols: U32, start: int, end: int) -> np.uint64:
    state = _WORD
    for at in range(start, end):
        state = chained(state, np.uint64(symbols[at]))
    return mixed(state)


@inlined
def _is_mark(symbol: np.uint32) -> bool:
    """ASCII punctuation, as it stands around a word."""
    return bool((33 <= symbol <= 47) | (58 <= symbol <= 64) | (91 <= symbol <= 96) | (123 <= symbol <= 126))


@inlined
def _is_slot(symbols: U32, start: int, end: int) -> bool:
    """Whether a word looks filled in: a digit, an address, a hexadecimal identifier."""
    letters = 0
    hexadecimal = True
    for at in range(start, end):
        symbol = symbols[at]
        if (48 <= symbol <= 57) or symbol == 64:  # 0-9 @
            return True
        if symbol == 58 and at + 2 < end and symbols[at + 1] == 47 and symbols[at + 2] == 47:  # ://
            return True
        if 97 <= symbol <= 102:  # a-f
            letters += 1
        elif not _is_mark(symbol):
            hexadecimal = False
    if hexadecimal and letters >= _HEXADECIMAL_RUN:
        return True
    w = np.uint32(119)
    return bool(end - start > 4 and symbols[start] == w and symbols[start + 1] == w and symbols[start + 2] == w)


@inlined
def _is_calendar(symbols: U32, start: int, end: int, calendar: U64) -> bool:
    """Whether a word, without the punctuation around it, names a month, a weekday or a part of a clock."""
    while start < end and _is_mark(symbols[start]):
        start += 1
    while start < end and _is_mark(symbols[end - 1]):
        end -= 1
    if start == end or end - start > _LONGEST_NAME:
        return False
    wanted = _word(symbols, start, end)
    slot = wanted >> _SLOT
    while calendar[slot] != 0 and calendar[slot] != wanted:
        slot = (slot + np.uint64(1)) & np.uint64(_SLOTS - 1)
    return bool(calendar[slot] == wanted)


@kernel(NOTHING, READ_U32, READ_I64, READ_U64, WRITE_U64)
def _skeletons(symbols: U32, rows: I64, calendar: U64, values: U64) -> None:
    for row in range(rows.size - 1):
        state = _SKELETON
        kept = 0
        at, end = rows[row], rows[row + 1]
        while at < end:
            # A wide character is two symbols, the second with TAIL: it is a word by itself.
            if at + 1 < end and symbols[at + 1] >= np.uint32(TAIL):
                state = chained(state, np.uint64(symbols[at]))
                kept += 1
                at += 2
                continue
            start = at
            while at < end and symbols[at] != 32 and not (at + 1 < end and symbols[at + 1] >= np.uint32(TAIL)):
                at += 1
            if at > start and not _is_slot(symbols, start, at) and not _is_calendar(symbols, start, at, calendar):
                state = chained(state, _word(symbols, start, at))
                kept += 1
            if at < end and symbols[at] == 32:
                at += 1
        values[row] = mixed(state) if kept > 0 else np.uint64(0)


@kernel(NOTHING, READ_U32, READ_I64, WRITE_U64)
def _words(symbols: U32, rows: I64, values: U64) -> None:
    for row in range(rows.size - 1):
        values[row] = _word(symbols, rows[row], rows[row + 1])


def skeleton(folded: Folded) -> U64:
    """A hash of what stays of each row: uint64[rows], 0 where nothing does."""
    values = np.empty(folded.offsets.size - 1, dtype=np.uint64)
    _skeletons(folded.symbols, folded.offsets, _calendar(), values)
    return values


@cache
def _calendar() -> U64:
    """The hashes of the calendar's words, each in the first free slot after the one that its upper bits name."""
    names = fold(pa.array(sorted(set(_CALENDAR.split()))))
    hashes = np.empty(names.offsets.size - 1, dtype=np.uint64)
    _words(names.symbols, names.offsets, hashes)
    slots = np.zeros(_SLOTS, dtype=np.uint64)
    for hashed in np.unique(hashes):
        slot = int(hashed >> _SLOT)
        while slots[slot]:
            slot = (slot + 1) % _SLOTS
        slots[slot] = hashed
    return slots
