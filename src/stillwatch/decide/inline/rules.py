"""Inline rules as TOML that a person can read: which course each sign has, who says so, and until when.

The shipped file (``inline.toml``) touches as little as it can: a sign that has innocent explanations is seen and
counted, and what it leads to is a person's choice. ``docs/inline-rules.md`` says how to write such a file.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

import msgspec

from stillwatch.decide.course import COURSES, Course
from stillwatch.decide.times import end_us
from stillwatch.errors import UsageError

RuleName = Literal["signature-replay", "anti-flag", "banned-template"]

#: Where else a signature was shown, from the strongest to the weakest. An exchange has one sign: its strongest.
Sign = Literal["other-organisation", "other-account", "other-session", "edited-context", "other-model"]
SIGNS: tuple[Sign, ...] = get_args(Sign)

#: Reason codes and what the caller reads: which kind of rule answered, never which part of the request (DESIGN 6.8).
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "reasoning-not-yours": (
            "This request carries reasoning blocks that were issued elsewhere. Leave them out and send it again; "
            "nothing else about it is held against you. To ask why or appeal, name the reference."
        ),
        "request-wording": (
            "This is about the wording of the request, not about its subject. To ask why or appeal, name the reference."
        ),
    }
)
REASON_OF: Mapping[RuleName, str] = MappingProxyType(
    {"signature-replay": "reasoning-not-yours", "anti-flag": "request-wording", "banned-template": "request-wording"}
)


class Replays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What a signature shown elsewhere leads to, by sign.

    ``unwitnessed`` caps the course where this gateway did not see the signature issued and only knows who showed it
    first: the first may be the thief. ``model_families`` lists names of one model; the names asked and answered in one
    exchange are one family anyway. ``public`` are signatures that everybody may show, from a provider's own manual.
    """

    other_organisation: Course = "refuse"
    other_account: Course = "allow"
    other_session: Course = "notice"
    edited_context: Course = "notice"
    other_model: Course = "allow"
    unwitnessed: Course = "notice"
    model_families: tuple[tuple[str, ...], ...] = ()
    public: tuple[str, ...] = ()
    author: str = "shipped rules"
    shadow: bool = False

    def course(self, sign: Sign, *, witnessed: bool) -> Course:
        """The course for a sign."""
        wanted: Course = getattr(self, sign.replace("-", "_"))
        return wanted if witnessed else COURSES[min(COURSES.index(wanted), COURSES.index(self.unwitnessed))]


class AntiFlag(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Words that tell the safeguards to look away *and* ask for hidden reasoning, in the caller's own voice.

    ``own_words`` are the provider's: reminders that it puts into requests itself, and that no caller answers for.
    """

    course: Course = "notice"
    own_words: tuple[str, ...] = ()
    author: str = "shipped rules"
    shadow: bool = False


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A template that a person banned. ``fingerprints`` are sealed passages as the sketch stores them: 16 hex digits.

    It is there when at least ``share`` of them, and never fewer than six, stand in one request (ADR 0006: one shared
    fingerprint is never enough). ``case`` is the campaign it belongs to. A request that speaks *about* prompts passes,
    unless ``even_when_studied``: for a template that uses such words itself.
    """

    name: str
    fingerprints: tuple[str, ...]
    course: Course
    author: str
    because: str
    until: str
    case: str | None = None
    share: float = 0.75
    even_when_studied: bool = False
    shadow: bool = False

    def __post_init__(self) -> None:
        if not (self.name.strip() and self.author.strip() and self.because.strip()):
            raise ValueError("a template needs a name, an author and a ground (because)")
        if len(set(self.fingerprints)) < FEWEST:
            raise ValueError(f"template {self.name}: at least {FEWEST} different fingerprints, or it is no template")
        if not 0.5 <= self.share <= 1.0:
            raise ValueError(f"template {self.name}: share lies in 0.5..1; below half, strangers share it")
        for value in self.fingerprints:
            if len(value) != 16 or int(value, 16) == 0:
                raise ValueError(f"template {self.name}: {value!r} is no sealed fingerprint (16 hexadecimal digits)")
        _ = self.until_us

    @property
    def until_us(self) -> int:
        """When it ends; microseconds since 1970."""
        return end_us(self.until)


#: Passages of a template that must stand in a request, at least.
FEWEST = 6


class InlineRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A whole file. A rule that is not there does nothing: ``None`` is off."""

    signature_replay: Replays | None = None
    anti_flag: AntiFlag | None = None
    template: tuple[Template, ...] = ()

    @classmethod
    def from_toml(cls, text: str) -> "InlineRules":
        """Read a file. Raises ``UsageError`` that says what to mend; half a file is never used."""
        try:
            return msgspec.convert(
                msgspec.to_builtins(msgspec.toml.decode(text.encode())), type=cls
            )  # dates of TOML too
        except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
            raise UsageError(f"the inline rules can't be used: {error}") from error

    @classmethod
    def shipped(cls) -> "InlineRules":
        """The rules that come with Stillwatch."""
        return cls.from_toml(shipped_text())


def shipped_text() -> str:
    """The rules that come with Stillwatch, as TOML."""
    return files("stillwatch.decide.inline").joinpath("inline.toml").read_text("utf-8")


def written(template: Template) -> str:
    """A banned template as a rules file has it. A string of JSON is one of TOML too (toml.io, "String")."""
    fields = {name.replace("_", "-"): value for name, value in msgspec.structs.asdict(template).items()}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fields.items() if value is not None]
    return "\n".join(["[[template]]", *lines, ""])
