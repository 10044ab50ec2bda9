"""Composed requests of ordinary people, from the word lists in ``words/``, all written for this recorder.

A :class:`Person` keeps to a few topics, one language and one manner of writing, and uses each sentence shape once
before using any again, so that two people share words as strangers do and nobody repeats a template.
"""

import random
import tomllib
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"


def load(name: str) -> dict[str, Any]:
    """One word list, its ";"-separated entries split."""
    words: dict[str, Any] = _split(tomllib.loads((WORDS / f"{name}.toml").read_text(encoding="utf-8")))
    return words


def _split(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _split(value) for key, value in node.items()}
    if isinstance(node, str):
        return [part.strip() for part in node.split(";")]
    return node


ENGLISH = load("english")
SHAPES = load("skeletons")
LANGUAGES = load("languages")
TOPICS: dict[str, dict[str, list[str]]] = ENGLISH["topics"]
STYLE: dict[str, list[str]] = ENGLISH["style"]


class Deck:
    """Cards drawn without replacement, reshuffled when all were drawn."""

    def __init__(self, rng: random.Random, cards: list[str]) -> None:
        self._rng, self._cards, self._left = rng, cards, list[str]()

    def draw(self) -> str:
        if not self._left:
            self._left = self._rng.sample(self._cards, len(self._cards))
        return self._left.pop()


class Person:
    """Someone who writes requests: a language, some topics, a manner."""

    def __init__(self, rng: random.Random, language: str = "en", topics: list[str] | None = None) -> None:
        self._rng = rng
        self.language = language
        self.topics = topics or rng.sample(sorted(TOPICS), rng.choice([1, 2, 2, 3, 4]))
        self._polite = rng.random() ** 2
        self._wordy = rng.choice([0, 0, 1, 1, 2, 4])
        self._lower = rng.random() < 0.3
        self._pastes = rng.random() ** 3 / 2
        shapes = SHAPES if language == "en" else LANGUAGES[language]
        self._cores = Deck(rng, shapes["cores"])
        self._contexts = Deck(rng, SHAPES["contexts"])
        self._followups = Deck(rng, SHAPES["followups"])
        words = [LANGUAGES[language]] if language != "en" else [TOPICS[topic] for topic in self.topics]
        self._facts = [fact for each in words for fact in each["facts"]]
        rng.shuffle(self._facts)

    def opening(self) -> str:
        """A first message."""
        words = self._slots()
        text = self._fill(self._cores.draw(), words)
        if self.language != "en":
            return text
        parts = [text]
        parts += [self._fill(self._contexts.draw(), self._slots()) for _ in range(self._rng.randint(0, self._wordy))]
        self._rng.shuffle(parts)
        if self._rng.random() < self._polite:
            parts.insert(0, self._rng.choice(STYLE["openings"]) + self._rng.choice([",", "!", ".", " -"]))
        if self._rng.random() < 0.25:
            parts.append(self._rng.choice(STYLE["limits"]))
        if self._rng.random() < self._polite:
            parts.append(self._rng.choice(STYLE["closings"]))
        whole = " ".join(parts)
        whole = whole.lower() if self._lower else whole
        return whole + ("\n\n" + paste(self._rng) if self._rng.random() < self._pastes else "")

    def followup(self) -> str:
        """A later message of the same conversation."""
        if self.language != "en":
            return self.opening()
        text = self._fill(self._followups.draw(), self._slots())
        return text.lower() if self._lower else text

    def _slots(self) -> dict[str, str]:
        words = LANGUAGES[self.language] if self.language != "en" else TOPICS[self._rng.choice(self.topics)]
        thing, other = self._rng.sample(words["things"], 2)
        trouble = self._rng.choice(words.get("troubles", [""]))
        return {
            "t": thing,
            "u": other,
            "p": trouble,
            "f": self._fact(),
            "m": self._rng.choice(STYLE["moods"]),
            "n": str(self._rng.choice([2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20])),
        }

    def _fact(self) -> str:
        """Something about this person's case, hardly ever said twice."""
        if self._facts and self._rng.random() < 0.3:
            return self._facts.pop()
        number = self._rng.randint(2, 400)
        if self.language != "en":
            return f"{_name(self._rng)} {number}"
        who = self._rng.choice(
            ["Ada", "my boss", "the landlord", "a friend", "Tom", "the shop", "my sister", "grandpa", "our team"]
        )
        does = self._rng.choice(
            ["says", "has", "wants", "paid", "saw", "counted", "found", "lost", "kept", "asked for"]
        )
        what = self._rng.choice(
            ["days", "pages", "of them", "euros", "metres", "boxes", "hours", "reasons", "people", "rows"]
        )
        return f"{who} {does} {number} {what}"

    def room(self) -> int:
        """How many messages this person can write before a sentence shape comes back."""
        return len(SHAPES["cores"]) if self.language == "en" else len(LANGUAGES[self.language]["cores"])

    @staticmethod
    def _fill(shape: str, words: dict[str, str]) -> str:
        text = shape
        for name, value in words.items():
            text = text.replace("{" + name + "}", value)
        return text[:1].upper() + text[1:]


def _name(rng: random.Random) -> str:
    syllables = [
        "ka",
        "lo",
        "mi",
        "ren",
        "tor",
        "sel",
        "du",
        "va",
        "pix",
        "nor",
        "em",
        "ith",
        "qua",
        "ber",
        "zo",
        "lin",
    ]
    return "".join(rng.choice(syllables) for _ in range(rng.randint(2, 3)))


def paste(rng: random.Random) -> str:
    """Something a person would paste: log lines, a small table, a snippet of code."""
    kind = rng.choice(["log", "table", "code", "mail"])
    if kind == "log":
        level = ["INFO", "WARN", "ERROR", "DEBUG"]
        rows = [
            f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02} {rng.choice(level)} "
            f"{_name(rng)}.{_name(rng)} {_name(rng)}={rng.randint(0, 9999)} 0x{rng.getrandbits(32):08x}"
            for _ in range(rng.randint(2, 7))
        ]
        return "\n".join(rows)
    if kind == "table":
        head = ",".join(_name(rng) for _ in range(4))
        return "\n".join(
            [head] + [",".join(str(rng.randint(1, 900)) for _ in range(4)) for _ in range(rng.randint(2, 6))]
        )
    if kind == "code":
        a, b, c = _name(rng), _name(rng), _name(rng)
        loop = f"    for {_name(rng)} in {b}:\n        {c} += {rng.randint(2, 99)}\n"
        return f"def {a}({b}, {c}={rng.randint(0, 9)}):\n{loop}    return {c}"
    person = Person(rng)
    person._pastes = 0.0
    return "> " + "\n> ".join(person.opening() for _ in range(rng.randint(1, 3)))


def sentence(rng: random.Random) -> str:
    """One sentence of an answer, put together from small pieces."""
    words = TOPICS[rng.choice(sorted(TOPICS))]
    thing, other = rng.sample(words["things"], 2)
    starts = [
        "Usually",
        "In short,",
        "With",
        "Look at",
        "Start from",
        "Compare",
        "Most people forget",
        "Check",
        "Keep",
        "Skip",
    ]
    joins = [
        "before",
        "next to",
        "rather than",
        "together with",
        "and then",
        "but not",
        "as well as",
        "unless you need",
    ]
    return f"{rng.choice(starts)} {thing} {rng.choice(joins)} {other}."


def question(rng: random.Random) -> str:
    """One stand-alone English question or instruction."""
    person = Person(rng)
    person._pastes = 0.0
    return person.opening()
