"""What is asked of a campaign: questions with a few possible answers, from what ``campaigns.json`` says.

An answer is a level, not a number: likelihoods of a few levels can be read, discussed and checked. ``None`` means that
the scan could not tell, and says nothing either way. Questions of one ``block`` look at the same side of the campaign
and are not independent; ``weighing`` counts them as fewer. Language, nationality and time zone are no questions.
"""

from collections.abc import Callable, Mapping

import msgspec

from stillwatch.vocabulary.campaigns import Campaign

#: A line of evidence speaks for a campaign from this many bits, and against one from so many.
FOR, AGAINST = 1.0, -0.5
#: A technique is one of a campaign's purposes from this share of its exchanges.
PURPOSE = 0.15
#: Two techniques whose shares add up to more stand in the same requests; the second counts as much as the first from
#: this part of it on.
TOGETHER, SIDE_BY_SIDE = 1.35, 0.35
#: Techniques that are words around somebody's request: inline reasoning, fake prompts, the language of thinking. A
#: gateway can add them for all its customers; the others (grading, critique, new tasks) are what is asked for.
ADDED = frozenset({"SW-T17", "SW-T18", "SW-T19"})
#: Lines that need account records (payment, sign-up, organisation) to be given at all.
RECORDED = frozenset({"shared-payment", "pays-apart", "shared-signup", "signup-burst", "one-organisation"})

Answer = Callable[[Campaign], str | None]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked: ``text`` is what a person reads, ``levels`` possible answers, ``means`` a phrase for each."""

    id: str
    block: str
    text: str
    levels: tuple[str, ...]
    means: tuple[str, ...]

    def phrase(self, level: str) -> str:
        """The answer as a person reads it."""
        return self.means[self.levels.index(level)]


class Question(Asked, frozen=True, kw_only=True):
    """A question about one campaign, which its scan answers."""

    answer: Answer


#: Levels of a line of evidence, from most for a campaign to most against one: three, or five where it tells more.
_THREE = ("for", "neither", "against")
_FIVE = ("strongly for", "for", "neither", "against", "strongly against")


def _line(id_: str, block: str, text: str, *means: str, cuts: tuple[float, ...] = (FOR, AGAINST)) -> Question:
    """A question that one line of evidence answers, by its bits: ``cuts`` fall from level to level."""

    def answer(campaign: Campaign) -> str | None:
        bits = _bits(campaign).get(id_)
        if bits is None:
            return None
        return levels[next((place for place, cut in enumerate(cuts) if bits >= cut), len(cuts))]

    levels = _THREE if len(cuts) == 2 else _FIVE
    return Question(id=id_, block=block, text=text, levels=levels, means=tuple(means), answer=answer)


def _question(id_: str, block: str, text: str, answer: Answer, means: Mapping[str, str]) -> Question:
    """A question that a function answers; ``means``: a phrase for each level."""
    return Question(id=id_, block=block, text=text, levels=tuple(means), means=tuple(means.values()), answer=answer)


def _asks(campaign: Campaign) -> str:
    share = max((one.share for one in campaign.techniques), default=0.0)
    return "mostly" if share >= 0.5 else "partly" if share >= 0.1 else "hardly"


def _kind(campaign: Campaign) -> str | None:
    top = max(campaign.techniques, key=lambda one: one.share, default=None)
    if top is None or top.share < 0.1:
        return None
    return "added" if top.id in ADDED else "task"


def _purposes(campaign: Campaign) -> str | None:
    shares = sorted((one.share for one in campaign.techniques), reverse=True)
    if not shares:
        return None
    if len(shares) == 1 or sum(shares[:2]) > TOGETHER:
        return "one"
    return "several" if shares[1] >= SIDE_BY_SIDE * shares[0] else "one and another"


def _focus(campaign: Campaign) -> str | None:
    top = max(campaign.capabilities.values(), default=None)
    return None if top is None else "one" if top >= 0.8 else "some" if top >= 0.5 else "many"


def _money(campaign: Campaign) -> str | None:
    bits = _bits(campaign)
    if bits.get("shared-payment", 0.0) >= FOR:
        return "together"
    if bits.get("pays-apart", 0.0) <= AGAINST:
        return "apart"
    return "unclear" if _records(campaign) else None


def _organisation(campaign: Campaign) -> str | None:
    if _bits(campaign).get("one-organisation", 0.0) <= 4 * AGAINST:
        return "one"
    return "no" if _records(campaign) else None


def _teaching(campaign: Campaign) -> str | None:
    if _bits(campaign).get("teaching-programme", 0.0) <= 2 * AGAINST:
        return "yes"
    return "no" if _records(campaign) else None


def _records(campaign: Campaign) -> bool:
    """Whether the scan had account records to look at: else that no such line was given says nothing."""
    return any(line.id in RECORDED for line in campaign.evidence)


def _bits(campaign: Campaign) -> dict[str, float]:
    return {line.id: line.weight_bits for line in campaign.evidence}


def _beside(campaign: Campaign) -> str | None:
    shares = sorted((share for name, share in campaign.capabilities.items() if name != "other"), reverse=True)
    if not shares:
        return None
    second = shares[1] / shares[0] if len(shares) > 1 else 0.0
    return "alone" if second < 0.15 else "with some of another" if second < 0.5 else "with another"


QUESTIONS: tuple[Question, ...] = (
    _question("asks", "asks", "How many of the requests ask for what a student model learns from?", _asks,
              {"mostly": "half or more", "partly": "a tenth to a half", "hardly": "under a tenth"}),
    _question("kind", "kind", "Is what elicits the task itself, or words that can stand before any request?", _kind,
              {"task": "the task itself", "added": "words that a gateway could put before any request"}),
    _question("purposes", "purposes", "Is one way of eliciting used, or several side by side?", _purposes,
              {"one": "one, or several in the same requests",
               "one and another": "one, and some of another",
               "several": "several side by side"}),
    _question("focus", "purposes", "Is one capability asked for, or many?", _focus,
              {"one": "one, in four of five requests",
               "some": "one in half of them",
               "many": "no single one in half of them"}),
    _line("elicitation", "asks", "Do members elicit more than other accounts do?",
          "all but only they do", "far more", "about as much", "less", "hardly at all", cuts=(3.0, 1.0, -0.5, -1.5)),
    _question("beside", "purposes", "Does the capability most asked for stand alone?", _beside,
              {"alone": "alone",
               "with some of another": "with some of another",
               "with another": "with another of half its size or more"}),
    _line("diverse-tasks", "purposes", "Do members ask for few things, or for many?",
          "narrower than other accounts", "like other accounts", "as varied as other accounts, or more"),
    _line("payload-partition", "payload", "Is the work divided, or does everybody send the same?",
          "divided without overlap", "unclear", "members send the same prompts"),
    _line("dealt-payload", "payload", "Does the payload look dealt from one pack?",
          "the same mixture for every member", "unclear", "each member has a payload of its own kind"),
    _line("human-rhythm", "rhythm", "Do members keep the hours of people?",
          "no hours at all", "no hours of their own", "hardly", "somewhat", "members keep hours of their own",
          cuts=(0.5, -0.1, -0.4, -0.8)),
    _line("round-the-clock", "rhythm", "Does the group ever sleep?",
          "it never sleeps", "unclear", "it sleeps at night"),
    _line("even-volumes", "rhythm", "Are members' volumes levelled?",
          "all but equal", "more even than other accounts'", "like other accounts'", "more uneven", "far more uneven",
          cuts=(3.0, 1.0, -0.4, -1.2)),
    _line("synchronous-onset", "rhythm", "Did members begin together?",
          "together", "not clearly", "at their own times"),
    _question("money", "money", "Who pays?", _money,
              {"together": "different customers on shared payment instruments",
               "unclear": "no clear picture",
               "apart": "each member for itself"}),
    _question("organisation", "organisation", "Is it one organisation in the provider's own records?", _organisation,
              {"one": "most members belong to one organisation", "no": "members are recorded as different customers"}),
    _question("teaching", "organisation", "Are the accounts in a teaching programme?", _teaching,
              {"yes": "many are", "no": "no"}),
    _line("signup-burst", "accounts", "Were the accounts made together?",
          "in one burst", "many were", "not clearly", "hardly", "at their own times", cuts=(3.0, 1.0, -0.3, -0.6)),
    _line("established-accounts", "accounts", "How old were the accounts?",
          "new", "rather new", "as others", "rather old", "old accounts", cuts=(2.0, 0.7, -0.5, -1.8)),
    _line("shared-signup", "accounts", "Were the accounts opened from one place?",
          "from places of the group's own", "some were", "each from its own"),
    _line("shared-network", "network", "Do members leave through the same addresses?",
          "through addresses of the group's own", "some do", "each through its own"),
    _line("shared-client", "network", "Do members use the same client?",
          "a client of the group's own", "some do", "different clients"),
    _line("passing-use", "template", "Is the template what members live by?",
          "most of what members send", "part of it", "shown in passing"),
    _line("new-tool", "template", "Is it taken up as a new tool is?",
          "by accounts of one setting at once", "unclear", "by old accounts, one after the other"),
    _line("shared-rare-fingerprint", "template", "Do members share wording that nobody else has?",
          "yes", "hardly", "no"),
    _line("single-turn", "turns", "Do the requests stand alone?",
          "yes", "as elsewhere", "conversations and tool results"),
    _line("two-mode", "cover", "Is the same share of other traffic in every account?",
          "a measured share of cover in every account", "unclear", "own traffic of its own kind in each"),
    _line("template-continuity", "replacement", "Did others carry on when some were shut out?",
          "within hours", "not clearly", "no"),
)  # fmt: skip

BY_ID: dict[str, Question] = {question.id: question for question in QUESTIONS}


def answers(campaign: Campaign) -> dict[str, str]:
    """Every question that the campaign's scan can answer."""
    found = {question.id: question.answer(campaign) for question in QUESTIONS}
    return {id_: level for id_, level in found.items() if level is not None}
