"""What every member can work out for itself and therefore needs nobody's signature: markings, techniques, names.

Such objects travel so that tools of others can resolve what refers to them. One that differs by a byte from what we
would write ourselves is somebody's attempt to redefine a word, and is turned away.
"""

from collections.abc import Iterable
from typing import Any, get_args

from stillwatch.guard.canonical import canonical
from stillwatch.share.stix import say
from stillwatch.share.stix.markings import Pap, Tlp, pap_marking, tlp_marking
from stillwatch.share.stix.say import Voice
from stillwatch.share.stix.techniques import attack_patterns, stillwatch_identity


def catalogue(voices: Iterable[Voice]) -> dict[str, bytes]:
    """The canonical form, by id, of everything that is the same from whoever sends it; ``voices``: members known."""
    items: list[dict[str, Any]] = [
        *(tlp_marking(label) for label in get_args(Tlp)),
        *(pap_marking(label) for label in get_args(Pap)),
        *attack_patterns(),
        stillwatch_identity(),
        say.extension_definition(),
        *(say.identity(voice) for voice in voices),
    ]
    return {item["id"]: canonical(item) for item in items}
