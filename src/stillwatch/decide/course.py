"""What a provider can do about a request, from nothing to refusing it, and the words that a caller is told.

A caller learns one bit and a reference (DESIGN section 6, number 8): the reason code says which kind of rule answered,
never which evidence. Every code has a sentence for the page that the caller reads, and says how to go on.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Course = Literal["allow", "notice", "throttle", "reduce-reasoning", "challenge", "hold", "refuse"]

#: From the mildest to the strictest: of two courses that meet in one account the later counts.
COURSES: tuple[Course, ...] = get_args(Course)
STRICTNESS: Mapping[str, int] = MappingProxyType({course: place for place, course in enumerate(COURSES)})

#: Reasons that access rings give.
RING_REASONS = frozenset({"access-ring", "access-ring-reasoning"})

#: Reason codes and what the caller reads. Codes are added, never changed: callers' programs compare them.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "ordinary": "Nothing is held against this request.",
        "usage-under-review": (
            "Use of this account is under review. You can ask why, appeal, or apply for a permit; name the reference."
        ),
        "decided-by-staff": ("A person at the provider decided this. You can ask why and appeal; name the reference."),
        "permit": "Your permit covers this request.",
        "permit-ends-soon": "Your permit covers this request and will soon end. Renew it in good time.",
        "permit-nearly-used": "Your permit covers this request and its volume is nearly used. Ask for more in time.",
        "permit-ended": "Your permit has ended. Requests are still answered for a few days; renew it now.",
        "permit-used-up": "The volume of your permit is used up. Ask for a larger one.",
        "access-ring": "This model is open to organisations in another access ring. Ask how to be admitted.",
        "access-ring-reasoning": "In your access ring this model answers without its reasoning in full.",
    }
)
