"""The gateway's answer to one request: a value that carries its course, its reason and its case."""

import msgspec

from stillwatch.decide.course import Course


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What to do with one request.

    course       what to do; under ``shadow`` what *would* be done, and the request goes on untouched (``effective``)
    reason       a code of ``course.REASONS``: all that the caller learns of the grounds
    case         the reference to quote in a question or an appeal; empty where nothing is decided about the caller
    expires_us   microseconds since 1970 from which it no longer holds; ``None``: it was made for this request alone
    version      the version of the table that answered
    retry_after  seconds, for ``throttle``
    shadow       decided, and not to be carried out
    covert       two people ordered that the caller is not told (``covert.py``): no header may say so
    permit       the reference of the permit that covers the request, to be counted once it is served
    warning      a reason code that the caller should hear although the request goes on (a permit that ends)
    """

    course: Course
    reason: str
    case: str
    expires_us: int | None
    version: str
    retry_after: int | None = None
    shadow: bool = False
    permit: str | None = None
    warning: str | None = None
    covert: bool = False

    @property
    def effective(self) -> Course:
        """The course to carry out: a decision in shadow touches nobody."""
        return "allow" if self.shadow else self.course
