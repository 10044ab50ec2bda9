"""IS THIS ONE REQUEST ALREADY AN ANSWER? Rules over the words of a request, for the few signs that hardly ever err.

Everything else is judged by account and campaign, later and from sketches. What a rule reads here is forgotten when the
call returns; only keyed hashes of opaque reasoning signatures stay, in a store of fixed size (ADR 0010).
"""

from stillwatch.decide.inline.bisect import Span, bisect
from stillwatch.decide.inline.check import Hit, Inline
from stillwatch.decide.inline.rules import InlineRules
from stillwatch.decide.inline.signatures import Memory, Origin, RecentSignatures

__all__ = ["Hit", "Inline", "InlineRules", "Memory", "Origin", "RecentSignatures", "Span", "bisect"]
