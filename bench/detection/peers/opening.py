"""The same first fifty characters: a hash of how a prompt begins, and how many accounts use that beginning.

The rule that an engineer writes in an afternoon. An account is as suspicious as its most shared beginning.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from bench.detection.events import Event
from bench.detection.suspicions import Variant

CHARACTERS = 50


def fit(history: Sequence[Event]) -> None:
    """Nothing to learn."""


def score(events: Sequence[Event], fitted: None) -> dict[str, Variant]:
    """Variants: beginnings of the prompt, or of system prompt and prompt, used once or twice by each account."""
    found = {}
    for name, with_system in (("prompt", False), ("system and prompt", True)):
        uses: dict[str, Counter[str]] = defaultdict(Counter)
        for event in events:
            words = f"{event.system or ''}{event.prompt}" if with_system else event.prompt
            uses[words[:CHARACTERS]][event.account] += 1
        for least in (1, 2):
            found[f"{name}, {least} or more each"] = _variant(uses, least)
    return found


def _variant(uses: dict[str, Counter[str]], least: int) -> Variant:
    scores: dict[str, float] = {}
    labels: dict[str, str] = {}
    for opening, counted in uses.items():
        users = [account for account, count in counted.items() if count >= least]
        for account in users:
            if len(users) > scores.get(account, 1):
                scores[account], labels[account] = float(len(users)), opening
    return Variant(scores=scores, labels=labels)
