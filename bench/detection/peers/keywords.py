"""A keyword-and-rate rule: phrases that ask for reasoning, grades or training data, and how often an account uses them.

The phrases are ours, written from the techniques that providers have described in public and from a look at the tuning
half; a rule of this kind is what a gateway's custom filter holds.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from bench.detection.events import Event
from bench.detection.suspicions import Variant

PHRASES = re.compile(
    r"step[- ]by[- ]step|chain[- ]of[- ]thought|show your (?:work|reasoning)|think(?:ing)? (?:aloud|out loud)"
    r"|<(?:think|reasoning|thought|scratchpad)|(?:reasoning|thoughts?|rationale) (?:behind|that led|in full|before)"
    r"|(?:write|spell|lay|set|talk|walk|work)\b.{0,12}\b(?:out|down|through)\b.{0,40}\b"
    r"(?:step|move|reason|thought|think|idea)"
    r"|before (?:you )?giv(?:e|ing)\b|rubric|(?:rate|grade|score) (?:the|this|each|both)|on a scale"
    r"|training (?:data|example|set)|synthetic|(?:generate|create|write|invent) (?:a |an |\d+ |new |more )*"
    r"(?:instruction|question|task|problem|exercise)s?|instruction[- ](?:tuning|following)|more (?:complex|difficult)",
    re.IGNORECASE,
)


def fit(history: Sequence[Event]) -> None:
    """Nothing to learn."""


def score(events: Sequence[Event], fitted: None) -> dict[str, Variant]:
    """Variants: hits in all, hits in the busiest hour, and the share of hits of accounts with five or more."""
    total: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    for event in events:
        total[event.account] += 1
        if PHRASES.search(event.prompt) or (event.system and PHRASES.search(event.system)):
            hits[event.account] += 1
            hours[event.account][int(event.at // 3_600)] += 1
    return {
        "hits in all": Variant(scores={account: float(count) for account, count in hits.items()}),
        "hits in an hour": Variant(scores={who: float(max(counted.values())) for who, counted in hours.items()}),
        "share of hits": Variant(
            scores={account: hits[account] / count for account, count in total.items() if count >= 5 and hits[account]}
        ),
    }
