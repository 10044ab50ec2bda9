"""A decision as HTTP says it: status, headers, and a problem document (RFC 9457) that the caller can act on.

Visible by default: whoever is throttled, challenged or refused reads why in one sentence, a reference to quote, and
where to appeal. What goes on says so in headers, and a course that the upstream must carry out (hold, reduce-reasoning)
stands there too. Neither says which evidence there is. A covert decision stands in no header of these: what an upstream
must carry out unsaid, a proxy is told in ``FOR_UPSTREAM`` and tells the upstream alone.

Status codes: 429 with ``Retry-After`` for throttling (RFC 6585 section 4), 403 for a challenge and a refusal, 503 where
no decision could be made and the operator chose to fail closed (RFC 9110 section 15).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from stillwatch.decide.course import REASONS as COURSE_REASONS
from stillwatch.decide.course import Course
from stillwatch.decide.decision import Decision
from stillwatch.decide.inline.rules import REASONS as INLINE_REASONS

#: What callers read, by reason code: of the table, and of the inline rules.
REASONS: Mapping[str, str] = {**COURSE_REASONS, **INLINE_REASONS}

#: Said where no decision could be made.
UNAVAILABLE = "gateway-unavailable"
#: The course, to proxies and for the upstream. Named apart from what callers read, so that no prefix lets it through.
FOR_UPSTREAM = "x-stillwatch-course"

_STATUS: Mapping[Course, int] = {"throttle": 429, "challenge": 403, "refuse": 403}
_TITLES: Mapping[Course, str] = {
    "throttle": "Too many requests",
    "challenge": "Verification needed",
    "refuse": "Refused",
}
_MEDIA = b"application/problem+json"

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer. 200: the request goes on, with these headers."""

    status: int
    headers: Headers
    body: bytes = b""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457, with the members ``reason``, ``case`` and ``appeal``."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    reason: str
    case: str = ""
    appeal: str = ""


def reply(decision: Decision, pages: str = "") -> Reply:
    """The answer for a decision. ``pages`` is where callers find the gateway's pages, without a slash at the end."""
    course = decision.effective
    status = _STATUS.get(course, 200)
    headers = _headers(decision, course)
    if decision.reason == UNAVAILABLE and course == "refuse":
        return unavailable(headers)
    if status == 200:
        return Reply(200, headers)
    if status == 429:
        headers.append((b"retry-after", str(decision.retry_after or 60).encode()))
    problem = Problem(
        type=f"{pages}/reasons/{decision.reason}",
        title=_TITLES[course],
        status=status,
        detail=REASONS.get(decision.reason, "This request is not answered. You can ask why; name the reference."),
        instance=f"{pages}/cases/{decision.case}" if decision.case else "",
        reason=decision.reason,
        case=decision.case,
        appeal=f"{pages}/v1/appeals" if decision.case else "",
    )
    return Reply(status, _typed(headers), msgspec.json.encode(problem))


def _headers(decision: Decision, course: Course) -> Headers:
    headers: Headers = [(b"stillwatch-version", decision.version.encode("ascii", "replace"))]
    if not decision.covert:
        if course != "allow":
            headers.append((b"stillwatch-course", course.encode()))
        if course != "allow" or decision.reason.startswith("permit"):
            headers.append((b"stillwatch-reason", decision.reason.encode("ascii", "replace")))
        if decision.case and course != "allow":
            headers.append((b"stillwatch-case", decision.case.encode("ascii", "replace")))
    if decision.warning:  # of a permit, as its holder would hear it anyway: silence would say that something is covert
        headers.append((b"stillwatch-warning", decision.warning.encode("ascii", "replace")))
    return headers


def unavailable(headers: Sequence[tuple[bytes, bytes]] = ()) -> Reply:
    """Fail closed: no decision could be made, and whose fault it is."""
    problem = Problem(
        type="about:blank",
        title="Service unavailable",
        status=503,
        detail="No decision could be made about this request, and it is not answered without one. Try again soon.",
        reason=UNAVAILABLE,
    )
    return Reply(503, [*_typed(headers), (b"retry-after", b"5")], msgspec.json.encode(problem))


def _typed(headers: Sequence[tuple[bytes, bytes]]) -> Headers:
    return [*headers, (b"content-type", _MEDIA), (b"cache-control", b"no-store")]
