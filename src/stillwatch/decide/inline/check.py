"""One request against the inline rules. What is read is forgotten when the call returns."""

from collections.abc import Sequence
from typing import Any

import msgspec

from stillwatch.decide.course import STRICTNESS, Course
from stillwatch.decide.inline import antiflag, replay
from stillwatch.decide.inline.conversation import Turn, answer, finished, turns
from stillwatch.decide.inline.rules import REASON_OF, SIGNS, AntiFlag, InlineRules, RuleName, Sign
from stillwatch.decide.inline.signatures import Hasher, Memory, Origin
from stillwatch.decide.inline.templates import Templates
from stillwatch.decide.inline.words import folded, own_words, said, trimmed
from stillwatch.ingest.records import Record
from stillwatch.sketch.fold import Folded
from stillwatch.sketch.keying import SketchKey


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A rule that fits a request. The caller learns ``reason`` and a reference; the rest is for staff and the record.

    ``sign`` says more than the rule's name: where else a signature was shown, or which template it is. ``course`` may
    be ``allow``: seen, counted, nobody touched. ``case`` is the campaign that a template belongs to.
    """

    rule: RuleName
    sign: str
    course: Course
    reason: str
    author: str
    shadow: bool = False
    case: str | None = None

    @property
    def touches(self) -> bool:
        """Whether the caller would notice."""
        return self.course != "allow" and not self.shadow


class Inline:
    """The rules of one file over one memory. ``check`` before a request is served, ``learn`` when it was answered."""

    def __init__(self, rules: InlineRules, memory: Memory, key: SketchKey) -> None:
        self.rules = rules
        self._memory = memory
        self._hasher = Hasher(key.table("inline", 32).tobytes())
        self._templates = Templates(rules.template, key)
        replays = rules.signature_replay
        families = () if replays is None else replays.model_families
        self._families: dict[int, frozenset[int]] = {}
        for family in families:
            numbers = frozenset(map(self._hasher.name, family))
            self._families |= dict.fromkeys(numbers, numbers)
        self._public = frozenset(map(self._hasher.signature, () if replays is None else replays.public))

    def check(self, record: Record, now_us: int) -> Hit | None:
        """The strictest rule that fits the request of ``record``; ``None``: none does. Its answer is not looked at."""
        body = record.request
        if body is None:
            return None
        conversation = turns(body)
        hits = (self._replayed(record, conversation), self._worded(conversation, now_us))
        return max((hit for hit in hits if hit is not None), key=lambda hit: STRICTNESS[hit.course], default=None)

    def learn(self, record: Record) -> int:
        """Remember the signatures that the answer of ``record`` issued. Returns how many there were."""
        if record.request is None or record.response is None or self.rules.signature_replay is None:
            return 0
        reply = answer(record.response)
        places = replay.signed([reply])
        if not places:
            return 0
        asked = turns(record.request)
        who = (*self._who(record), *self._models(record))
        conversation = [*asked, reply]
        whole = finished(record.response)
        for place in places:
            seen = replay.Around(conversation, place._replace(turn=len(asked)))
            known = replay.origin(seen, self._hasher, who, finished=whole)
            self._memory.put(self._hasher.signature(place.value), known)
        return len(places)

    def replays(self, record: Record, conversation: list[Turn]) -> list[tuple[replay.Signed, Sign, Origin]]:
        """Every signature of the request that is shown where it does not belong; remembers those that are new."""
        places = replay.signed(conversation)[-replay.MOST_SHOWN :]
        found: list[tuple[replay.Signed, Sign, Origin]] = []
        if not places:
            return found
        account, organization = self._who(record)
        asked, _ = self._models(record)
        models = self._families.get(asked, frozenset({asked})) if asked else frozenset()
        for number, place in enumerate(places):
            key = self._hasher.signature(place.value)
            if key in self._public:
                continue
            known = self._memory.get(key)
            if known is None:
                self._memory.put(key, Origin(account, organization, asked, 0, witnessed=False))
                continue
            sign = replay.sign(known, account, organization, models)
            if known.witnessed and sign in (None, "other-model") and replay.compared(number, len(places)):
                sign = replay.edit(known, replay.Around(conversation, place), self._hasher) or sign
            if sign is not None:
                found.append((place, sign, known))
        return found

    def _replayed(self, record: Record, conversation: list[Turn]) -> Hit | None:
        rule = self.rules.signature_replay
        if rule is None:
            return None
        found = self.replays(record, conversation)
        if not found:
            return None
        _, sign, known = min(found, key=lambda each: (not each[2].witnessed, SIGNS.index(each[1])))
        return _hit("signature-replay", sign, rule.course(sign, witnessed=known.witnessed), rule)

    def _worded(self, conversation: list[Turn], now_us: int) -> Hit | None:
        return self.reads([each.text for each in trimmed(said(conversation))], now_us)

    def reads(self, texts: Sequence[str], now_us: int) -> Hit | None:
        """The rules over words on these texts of one request.

        They are read as they stand first: nearly every request ends there. Where a rule would fit, only what the caller
        says in its own voice counts.
        """
        rule = self.rules.anti_flag
        if rule is None or sum(map(len, texts)) > antiflag.BRIEF:
            rule = None
        if rule is None and not self._templates:
            return None
        if self._fitting(folded(texts), rule, now_us) is None:
            return None
        others = () if self.rules.anti_flag is None else self.rules.anti_flag.own_words
        own = folded([own_words(text, others) for text in texts])
        hit = self._fitting(own, rule, now_us)
        if hit is None or not antiflag.speaks_about(own):
            return hit
        return hit if self._templates.even_when_studied(hit.sign) else None

    def _fitting(self, texts: Folded, rule: AntiFlag | None, now_us: int) -> Hit | None:
        template = self._templates.found(texts, now_us)
        if template is not None:
            return Hit(
                rule="banned-template", sign=template.name, course=template.course, author=template.author,
                reason=REASON_OF["banned-template"], shadow=template.shadow, case=template.case,
            )  # fmt: skip
        if rule is not None and antiflag.stands_in(texts):
            return _hit("anti-flag", "anti-flag", rule.course, rule)
        return None

    def _who(self, record: Record) -> tuple[int, int]:
        return self._hasher.name(record.account), self._hasher.name(record.organization)

    def _models(self, record: Record) -> tuple[int, int]:
        return self._hasher.name(_model(record.request)), self._hasher.name(_model(record.response))


def _hit(rule: RuleName, sign: str, course: Course, settings: Any) -> Hit:
    return Hit(rule, sign, course, REASON_OF[rule], settings.author, settings.shadow)


def _model(body: dict[str, Any] | None) -> str | None:
    for field in ("model", "modelId"):
        value = None if body is None else body.get(field)
        if type(value) is str:
            return value
    return None
