"""Requests of a recorded program, and more of the same kind: its own lines kept, what varies between requests renewed.

A recording holds a few hundred requests; a campaign sends thousands. Lines that come back in many requests of the
recording are the program's own words; every other line is payload and is replaced by spun text of about its length.
"""

from collections import Counter
from typing import Any

from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.bodies import PATHS, Asked
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.material import Body, Recording

_DIALECT_OF = {path: dialect for dialect, path in PATHS.items()}
_OWN_SHARE = 0.1  # a line in a tenth of a program's requests is the program's own
_SHORT = 24  # shorter lines are kept: brackets, numbers, headings
#: Parameters that a recording must not lend: they come from how it was made. The account's own habits take their place.
_NOT_LENT = ("model", "stream", "stream_options", "temperature", "top_p", "max_tokens", "n", "user", "seed",
             "frequency_penalty", "presence_penalty", "stop", "timeout")  # fmt: skip


class Pipeline:
    """The requests of one recorded program. ``asked(place, ...)`` is recorded for the first ones, renewed after."""

    def __init__(self, recording: Recording, babblers: tuple[Babbler, ...]) -> None:
        self._requests = recording.requests
        self._babblers = babblers
        lines: Counter[str] = Counter()
        for recorded in recording.requests:
            lines.update({line for text in _words(recorded.body) for line in text.split("\n")})
        self._own = {line for line, times in lines.items() if times >= max(2, _OWN_SHARE * len(self._requests))}

    def asked(self, place: int, model: str, habits: Body, dice: Dice) -> Asked:
        """The request at ``place`` of the whole work, with an account's own model and parameters."""
        recorded = self._requests[place % len(self._requests)]
        lent = {key: value for key, value in recorded.body.items() if key not in _NOT_LENT}
        if place >= len(self._requests):
            lent = {key: self._renewed(value, dice) if key in ("messages", "prompt", "input", "system") else value
                    for key, value in lent.items()}  # fmt: skip
        return Asked(_DIALECT_OF.get(recorded.path, "openai-chat"), {"model": model, **lent, **habits}, "plain")

    def _renewed(self, value: Any, dice: Dice) -> Any:
        if isinstance(value, str):
            return "\n".join(self._line(line, dice) for line in value.split("\n"))
        if isinstance(value, list):
            return [self._renewed(item, dice) for item in value]
        if isinstance(value, dict):
            return {
                key: self._renewed(item, dice) if key in ("content", "text") else item for key, item in value.items()
            }
        return value

    def _line(self, line: str, dice: Dice) -> str:
        if line in self._own or len(line) < _SHORT:
            return line
        spun = dice.pick(self._babblers).passage(dice, 1 + len(line) // 90)
        return spun[: max(_SHORT, len(line))]


def _words(body: Body) -> list[str]:
    """The strings that a request says to a model."""
    found: list[str] = []
    stack: list[Any] = [body.get(key) for key in ("messages", "prompt", "input", "system")]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            stack += [value.get("content"), value.get("text")]
    return found
