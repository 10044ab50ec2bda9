"""WHAT IS THE SAME THING? One spelling for each address, name and print, so that two members' tags can meet.

An oblivious function knows no "nearly": two members match only where both put exactly the same bytes in. So the
spelling is part of the protocol, it has a version, and ``vectors.json`` beside this file says what must come out. A
value that can't be spelt safely is refused with a reason, never mended by guessing.
"""

from stillwatch.match.identifiers.kinds import TYPES, VERSION, Identifier, Unfit, canonical
from stillwatch.match.identifiers.names import list_version
from stillwatch.match.identifiers.prints import shape
from stillwatch.match.identifiers.reading import Listed, Reading, read

__all__ = ["TYPES", "VERSION", "Identifier", "Listed", "Reading", "Unfit", "canonical", "list_version", "read", "shape"]
