"""The STIX pattern language (STIX 2.1 section 9): is a pattern well-formed?

Nearly all patterns that people write are one bracket of comparisons without parentheses. Those form a regular
language, so one expression answers for them; whatever it does not match is read by a recursive descent over tokens,
whose functions carry the names of the grammar's productions. Nesting is bounded: a stranger's pattern must not exhaust
the stack.
"""

import re
from collections.abc import Callable, Iterator

#: Deeper nesting of parentheses than anyone writes by hand.
MAX_DEPTH = 40

_STRING = r"'(?:[^'\\]|\\['\\])*'"
#: Read whole and judged afterwards: a run of digits must not be read again from each of its digits.
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_INT = r"[+-]?(?:0|[1-9][0-9]*)"
_WHEN = (
    r"t'[0-9]{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
    r"(?:\.[0-9]+)?Z'"
)
_HEX = r"h'(?:[a-fA-F0-9]{2})*'"
_BINARY = r"b'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?'"
_NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"

_TOKEN = re.compile(
    rf"(?P<skip>\s+|/\*.*?\*/|//[^\r\n]*)|(?P<timestamp>{_WHEN})|(?P<hex>{_HEX})|(?P<binary>{_BINARY})"
    rf"|(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<hyphened>{_NAME}-[a-zA-Z0-9_-]*)|(?P<name>{_NAME})"
    r"|(?P<equal>==?|!=|<>)|(?P<order><=?|>=?)|(?P<mark>[\[\]().,:*])",
    re.DOTALL,
).match
_WORDS = frozenset({
    "AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "EXISTS", "LAST", "IN", "START",
    "STOP", "SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES",
})  # fmt: skip
_LITERALS = frozenset({"timestamp", "hex", "binary", "string", "float", "int"})

#: A name that is no word of the language; lower case only, which all names of STIX are.
_LOWER = r"(?!(?:true|false)\b)[a-z_][a-z0-9_]*"
_PATH = rf"[a-z][a-z0-9]*(?:-[a-z0-9]+)*:[a-z0-9_]{{3,250}}(?:\.(?:{_LOWER}|{_STRING})|\[(?:{_INT}|\*)\])*"
_TEST = rf"{_PATH}(?:\s*(?:=|!=|<|>|<=|>=)\s*(?:{_STRING}|{_INT}(?![0-9.]))|\s+(?:LIKE|MATCHES)\s+{_STRING})"
_common_form = re.compile(rf"\s*\[\s*{_TEST}(?:\s+(?:AND|OR)\s+{_TEST})*\s*\]\s*").fullmatch

#: By far the commonest patterns compare a file with digests of it.
_HASH = (
    r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*:hashes\.(?:(?:MD5|'MD5')\s*=\s*'[a-fA-F0-9]{32}'|'SHA-1'\s*=\s*'[a-fA-F0-9]{40}'"
    r"|'SHA-256'\s*=\s*'[a-fA-F0-9]{64}'|'SHA-512'\s*=\s*'[a-fA-F0-9]{128}')"
)
_digest_form = re.compile(rf"\s*\[\s*{_HASH}(?:\s+(?:AND|OR)\s+{_HASH})*\s*\]\s*").fullmatch

_whole_number = re.compile(_INT).fullmatch
_TYPE = re.compile(r"-?[a-z0-9]+(?:-[a-z0-9]+)*-?").fullmatch
_PROPERTY = re.compile(r"[a-z0-9_]{3,250}|id").fullmatch
#: Length in hexadecimal digits of the digests whose comparison can be checked (section 10.8).
_DIGESTS = {
    "MD5": 32, "RIPEMD160": 40, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128,
    "SHA3224": 56, "SHA3256": 64, "SHA3384": 96, "SHA3512": 128, "WHIRLPOOL": 128,
}  # fmt: skip
_DIGIT = re.compile("[a-fA-F0-9]*").fullmatch


class _Fault(Exception):
    """The pattern is not well-formed; the message completes "pattern ..."."""


def pattern_fault(pattern: str) -> str | None:
    """``None`` if ``pattern`` is well-formed, else what is wrong, as the rest of a sentence about the pattern."""
    if "hashes" in pattern:
        if _digest_form(pattern) is not None:
            return None
    elif _common_form(pattern) is not None:
        return None
    try:
        _Reader(list(_tokens(pattern))).pattern()
    except _Fault as fault:
        return str(fault)
    return None


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    """(kind, text); words of the language and marks have themselves as their kind."""
    place = 0
    while place < len(pattern):
        found = _TOKEN(pattern, place)
        if found is None:
            raise _Fault(f"can't be read at character {place + 1}")
        place = found.end()
        kind, text = str(found.lastgroup), found.group()
        if kind == "skip":
            continue
        if kind == "number":
            kind = _number(text)
        yield (text if kind == "mark" or (kind == "name" and text in _WORDS) else kind), text
    yield "end", ""


def _number(text: str) -> str:
    if "." in text:
        return "float"
    if _whole_number(text) is None:
        raise _Fault("has a number that begins with a zero")
    return "int"


class _Reader:
    """Recursive descent, one token ahead."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._left = tokens[::-1]
        self._depth = 0

    def _see(self) -> str:
        return self._left[-1][0]

    def _take(self, *kinds: str) -> str:
        kind, text = self._left[-1]
        if kind not in kinds:
            raise _Fault(f"has {'its end' if kind == 'end' else 'something'} where {' or '.join(kinds)} should stand")
        if kind != "end":
            self._left.pop()
        return text

    def _joined(self, part: Callable[[], None], *words: str) -> None:
        part()
        while self._see() in words:
            self._take(*words)
            part()

    def _nested(self, part: Callable[[], None]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Fault("is nested too deeply")
        self._take("(")
        part()
        self._take(")")
        self._depth -= 1

    def pattern(self) -> None:
        self.observation_expressions()
        self._take("end")

    def observation_expressions(self) -> None:
        # Which of AND, OR and FOLLOWEDBY binds closer does not matter to whether a pattern is well-formed.
        self._joined(self.observation_expression, "AND", "OR", "FOLLOWEDBY")

    def observation_expression(self) -> None:
        simple = self._see() == "["
        if simple:
            self._take("[")
            self.comparison_expression()
            self._take("]")
        else:
            self._nested(self.observation_expressions)
        self.qualifiers(once=simple)

    def qualifiers(self, once: bool) -> None:
        seen: set[str] = set()
        while (word := self._see()) in ("START", "WITHIN", "REPEATS"):
            if once and word in seen:
                raise _Fault(f"has {word} twice on one observation")
            seen.add(word)
            self._take(word)
            if word == "START":
                self._take("timestamp")
                self._take("STOP")
                self._take("timestamp")
            elif word == "WITHIN":
                self._positive("int", "float")
                self._take("SECONDS")
            else:
                self._positive("int")
                self._take("TIMES")

    def _positive(self, *kinds: str) -> None:
        if self._take(*kinds).startswith("-"):
            raise _Fault("counts with a negative number")

    def comparison_expression(self) -> None:
        self._joined(self.property_test, "AND", "OR")

    def property_test(self) -> None:
        if self._see() == "(":
            self._nested(self.comparison_expression)
            return
        before = self._see() == "NOT"
        if before:
            self._take("NOT")
        if before or self._see() == "EXISTS":
            self._take("EXISTS")
            self.object_path()
            return
        path = self.object_path()
        if self._see() == "NOT":
            self._take("NOT")
        operator = self._see()
        self._take("equal", "order", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET")
        self._operand(operator, path)

    def _operand(self, operator: str, path: list[str]) -> None:
        if operator == "IN":
            self._set()
        elif operator == "order":
            self._take(*_LITERALS)
        elif operator == "equal":
            text = self._take(*_LITERALS, "true", "false")
            if "hashes" in path:
                _check_digest(path[-1], text)
        else:
            self._take("string")

    def _set(self) -> None:
        self._take("(")
        if self._see() != ")":
            self._joined(self._literal, ",")
        self._take(")")

    def _literal(self) -> None:
        self._take(*_LITERALS, "true", "false")

    def object_path(self) -> list[str]:
        kind = self._take("name", "hyphened")
        if _TYPE(kind) is None or not 3 <= len(kind) <= 250:
            raise _Fault("names an object type of a form that may not stand here")
        self._take(":")
        first = self._unquoted(self._take("name", "string"))
        if _PROPERTY(first) is None:
            raise _Fault("names a property of a form that may not stand here")
        path = [first]
        while self._see() in (".", "["):
            if self._take(".", "[") == ".":
                path.append(self._unquoted(self._take("name", "string")))
            else:
                path.append(self._take("int", "*"))
                self._take("]")
        return path

    @staticmethod
    def _unquoted(text: str) -> str:
        return text[1:-1].replace("\\'", "'").replace("\\\\", "\\") if text.startswith("'") else text


def _check_digest(algorithm: str, literal: str) -> None:
    length = _DIGESTS.get(algorithm.upper().replace("-", ""))
    digest = literal.strip("'")
    if length is not None and (len(digest) != length or _DIGIT(digest) is None):
        raise _Fault(f"compares with a digest that is not {length} hexadecimal digits")
