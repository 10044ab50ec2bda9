"""Does a value look like what it should be, or like something carried inside it?

A digest is random bytes; a digest that spells words was written, not computed. The tests here are few and have known
odds of wronging an honest value, which the docstring gives. They stop carelessness and the common tricks (text in
hexadecimal, in base64, a number padded with noughts). They do not stop an insider with a covert channel of their own:
any identifier can hold bits that nobody else understands, and docs/guard.md says so.
"""

import re

_WORDS = re.compile(rb"[A-Za-z0-9 .,:@_$/-]{12}").search
_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:@_$/-"
#: Small letters become ``a``, the signs of a figure (``4,250.00``, a card's number) ``0``, all others a dot.
_KINDS = bytes(
    97 if one in b"abcdefghijklmnopqrstuvwxyz " else 48 if one in b"0123456789.,$/-" else 46 for one in range(256)
)
_REPEATED = re.compile(r"(.)\1{7}").search
_UP, _DOWN = "0123456789abcdef", "fedcba9876543210"
_COUNTED = re.compile("|".join(order[at : at + 8] for order in (_UP, _DOWN) for at in range(9))).search
_LETTER = re.compile("[a-f]").search
#: How many such signs are too many, by the number of bytes.
_WORDY = {12: 12, 16: 14, 32: 23}


def written(digits: str) -> bool:
    """Whether hexadecimal ``digits`` (of 12, 16 or 32 bytes) were written by somebody rather than computed.

    Signs of writing: no letter at all; a digit or a few of them over and over; digits counted up or down; five zero
    bytes; twelve bytes in a row that are letters, figures or common signs, eight small letters, seven signs of a
    figure; 14 signs of 16 bytes, 23 of 32, in any places. A byte is such a sign by chance in 70 of 256 cases, which
    puts the odds for an honest value below 2.5e-6 for an identifier (UUIDv5) and below 1e-5 for a digest, or for a
    signature looked at by its halves; a test draws 200,000 of each. For the two digests of a JA4 print they are
    1.4e-5, nearly all of it that of having no letter.
    """
    if _LETTER(digits) is None or _REPEATED(digits) is not None or _patterned(digits):
        return True
    raw = bytes.fromhex(digits)
    wordy = len(raw) - len(raw.translate(None, _SIGNS))
    kinds = raw.translate(_KINDS)
    return (
        raw.count(0) >= 5
        or wordy >= _WORDY[len(raw)]
        or _WORDS(raw) is not None
        or b"aaaaaaaa" in kinds
        or b"0000000" in kinds
    )


def _patterned(digits: str) -> bool:
    """Digits counted up or down, eight of them; four digits three times in a row, or eight twice.

    A number with what repeats, taken from itself moved by one turn, leaves noughts.
    """
    # Every eight digits in the order of counting hold one of these four; looking for them is quick.
    likely = "4567" in digits or "89ab" in digits or "7654" in digits or "ba98" in digits
    if likely and _COUNTED(digits) is not None:
        return True
    number = int(digits, 16)
    return "00000000" in f"{number ^ (number >> 16):x}" or "00000000" in f"{number ^ (number >> 32):x}"


#: Figures in words, as many as a telephone, a card or an account has; a price has fewer, and its own stems below.
_FIGURES = "zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|double|triple"

_PLAIN = re.compile(r"[A-Za-z0-9 \n.,;:'\"()?!/&-]*").fullmatch
_FREE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{5}|(?:\d[ ,.'/-]*){11}"), "has a long number"),
    (re.compile(r"[A-Za-z0-9/]{25}"), "has a word too long to be one"),
    (re.compile(r"(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{12}"), "has letters and figures mixed"),
    (re.compile(r"://|www\.|(?i:\b[a-z0-9-]+\.(?:com|org|net|io|ai|example|dev|cn|eu|uk)\b)"), "has an address"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "has a network address"),
    (re.compile(r"::|(?:[0-9a-fA-F]{1,4}:){3}"), "has a network address"),
    (re.compile(r"[^A-Za-z0-9]{5}"), "has signs where words should be"),
    (re.compile(r"(?i)\b(?:sk|pk|ghp|xox|akia)-?[a-z0-9]"), "begins like a key"),
    (re.compile(r"(?:\b\w ){6}|(?:\b\w[.-]){6}"), "is spelt letter by letter"),
    (re.compile(rf"(?i)\b(?:(?:{_FIGURES})\b[ ,.;-]*){{6}}"), "has a long number in words"),
)
#: Stems of what competitors must not tell each other (DOMAIN section 5), in the languages members write in, as ASCII.
_COMMERCE = re.compile(
    r"(?i)\b(?:pric(?:e|es|ed|ing)|discount|rebate|cheap|cost|revenue|turnover|margin|profit|invoic|spend|spent|paid|"
    r"usd|eur|gbp|dollar|euro|cents?\b|million|billion|thousand|capacity|utili[sz]ation|gpus?\b|h100|cluster size|"
    r"roadmap|unreleased|launch|ship(?:s|ping)? in|release date|q[1-4]\b|next (?:quarter|month|year)|"
    r"customer|client|account manager|contract|market share|tokens? (?:per|a|sold|served)|quota|"
    r"prompt|completion|password|secret|api key|"
    r"prix|tarif|remise|chiffre d|clients?\b|capacite|depens|preis|rabatt|umsatz|kunde|auslastung|kapazitat|kapazitaet|"
    r"precio|descuento|ingresos|cliente|capacidad|gasto|prezzo|sconto|fatturato|ricavi|capacita|preco|receita|"
    r"cena|klient|tsena|stoimost|kakaku|nedan|jiage|kehu|"
    r"should block|we (?:all )?(?:agree|block|will block)|let us|must (?:block|throttle|refuse)|"
    r"everyone (?:block|throttle|refuse))"
).search  # fmt: skip


#: A word in which figures stand for letters: ``pr1c3``.
_LEET = re.compile(r"\b(?=[a-zA-Z]*\d)(?=\d*[a-zA-Z])[a-zA-Z0-9]{4,}\b")
_LETTERS = str.maketrans("0134578", "oieastb")


def _spelt(word: re.Match[str]) -> str:
    return word[0].translate(_LETTERS)


def text_fault(text: str, most: int = 600) -> str | None:
    """Why a free text may not leave even when people approve it; a person can misread, a rule can't get tired.

    ASCII only: look-alike letters, invisible characters and directions of writing would show the approver one text and
    the receiver another (Unicode Technical Standard 39, *Unicode Security Mechanisms*).
    """
    if not 1 <= len(text) <= most:
        return f"is empty or longer than {most} characters"
    if _PLAIN(text) is None:
        return "has characters other than plain ASCII letters, figures and punctuation"
    for found, what in _FREE:
        if found.search(text) is not None:
            return what
    if _COMMERCE(text) is not None or _COMMERCE(_LEET.sub(_spelt, text)) is not None:
        return "speaks of commerce, content or joint action: say what was seen, in technical words"
    return None


_PERSON = re.compile(r"[A-Z][A-Za-z'-]{0,29}\.?(?: [A-Z][A-Za-z'-]{0,29}\.?){0,3}(?: [0-9]{1,2})?").fullmatch


def person(name: str) -> bool:
    """Whether it reads as a person's name or a role: up to four capitalised ASCII words. ``Counsel 2`` will do."""
    return _PERSON(name) is not None and text_fault(name, 100) is None
