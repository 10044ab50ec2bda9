"""Notices of what changes around members: a regulation, an access policy, a model release (STIX report, section 4.16).

An advisory informs. It asks nobody to do anything, and its words are read by a person before they leave.
"""

from typing import Any, Literal, get_args

from stillwatch.share.stix import say
from stillwatch.share.stix.say import Voice

Notice = Literal["regulation", "access-policy", "release-notice"]
NOTICES: tuple[Notice, ...] = get_args(Notice)


def advisory(voice: Voice, kind: Notice, title: str, text: str, url: str | None = None) -> dict[str, Any]:
    """A notice; ``url`` is where the text that it speaks of stands. A report must refer to something (4.16.1): ours
    refers to whose notice it is."""
    found = say.report(voice, title, [say.member_id(voice.member)], kind, text)
    return found if url is None else {**found, "external_references": [{"source_name": kind, "url": url}]}
