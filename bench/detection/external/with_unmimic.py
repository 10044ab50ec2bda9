"""``unmimic`` on the events, as far as it goes: ``with_unmimic.py EVENTS OUTCOME [UNTIL]``, in its own environment.

Its input guard is asked for by the package's own registry, with the attack families that it ships. It needs a sentence
encoder, whose weights it fetches from a hub at run time, and normal prompts fetched likewise; its account monitor is
announced and has no code in the version that we lock. Where the guard can't be made, the reason is the outcome.
"""

import json
import sys
from pathlib import Path
from typing import Any

import unmimic.guards.input.extraction  # type: ignore[import-not-found]  # noqa: F401  (registers the guard)
from unmimic.plugins import Context, registry  # type: ignore[import-not-found]


def main(events_file: str, out_file: str, until: str | None = None) -> None:
    """Read events, write the outcome or the reason why there is none."""
    with Path(events_file).open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    if until is not None:
        events = [event for event in events if event["at"] < float(until)]
    try:
        outcome: dict[str, Any] = {"variants": judged(events)}
    except Exception as error:  # noqa: BLE001  (whatever it is that is missing is the outcome)
        monitors = registry.names("account") or "none"
        outcome = {
            "reason": "its input guard needs a sentence encoder and normal prompts that it fetches from a hub at run "
            f"time; it was installed without the extra for them ({type(error).__name__}: {error}); account monitors "
            f"that it has: {monitors}"
        }
    Path(out_file).write_text(json.dumps(outcome), "utf-8")


def judged(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Exchanges of each account that the guard flags or blocks."""
    guard = registry.create("input", "extraction_guard")
    scores: dict[str, float] = {}
    for event in events:
        request = {"messages": [{"role": "user", "content": event["prompt"]}]}
        verdict = guard.check(request, Context(account_id=event["account"]))
        scores[event["account"]] = scores.get(event["account"], 0.0) + (verdict.action != "allow")
    return {"flagged or blocked": {"scores": {account: score for account, score in scores.items() if score}}}


if __name__ == "__main__":
    main(*sys.argv[1:])
