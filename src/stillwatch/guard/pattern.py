"""A small closed grammar of STIX patterns: one observation, enumerated paths, literals each with a rule.

    pattern    = "[" comparison *( " AND " comparison / " OR " comparison ) "]"
    comparison = path " = '" literal "'"

Single spaces, no escapes, no brackets inside, no LIKE, MATCHES, sets, ranges or qualifiers, one kind of joint in a
pattern, no comparison twice. The grammar of STIX 2.1 section 9 is far larger; a string in it could hold anything.
"""

import re
from collections.abc import Callable, Mapping

Check = Callable[[object], str | None]

_COMPARISON = re.compile(r"([a-z0-9-]+:[a-z0-9_.]+(?:\[\*\])?) = '([^'\\\[\]]{1,128})'").fullmatch


def pattern_rule(paths: Mapping[str, Check], most: int) -> Check:
    """A rule for patterns of up to ``most`` comparisons over ``paths``, each with the rule for its literals."""

    def check(value: object) -> str | None:
        if type(value) is not str or len(value) > 4_000 or value[:1] != "[" or value[-1:] != "]":
            return "is not one observation in square brackets"
        inner = value[1:-1]
        joint = " AND " if " AND " in inner else " OR "
        parts = inner.split(joint)
        if len(parts) > most or len(set(parts)) != len(parts):
            return f"has more than {most} comparisons, or one twice"
        for part in parts:
            if (fault := _comparison(part, paths)) is not None:
                return fault
        return None

    return check


def _comparison(part: str, paths: Mapping[str, Check]) -> str | None:
    found = _COMPARISON(part)
    if found is None:
        return "has a comparison that is not: path = 'literal'"
    check = paths.get(found[1])
    if check is None:
        return "compares a path that the clause does not list"
    fault = check(found[2])
    return None if fault is None else f"compares with a literal that {fault}"
