"""Ordinary accounts: people who chat, applications with customers, developers with agents, small jobs.

Volumes are log-normal with a heavy tail; every account has its own words (system prompt, wrapper, names, topics).
"""

from collections.abc import Callable

import numpy as np

from stillwatch.rehearse import answers
from stillwatch.rehearse.actors import Actor, Script
from stillwatch.rehearse.asks import Voice, a_name, ask, follow_up, words_of
from stillwatch.rehearse.bodies import Asked, Talk, compose_body, image, signature
from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.material import Body, Text
from stillwatch.rehearse.rhythm import Day, by_weights, hour_weights, human, runs, service
from stillwatch.rehearse.spin import Grammar, grammars
from stillwatch.rehearse.words import PRODUCTS
from stillwatch.rehearse.world import Habit, World, actor, look

_DECLINED = 0.015  # share of ordinary requests that a model declines
_MOST_HISTORY = 6  # messages of a conversation that a client sends back


def volume(rng: np.random.Generator, median: float, sigma: float, most: int = 4_000) -> int:
    """Exchanges in the window: log-normal, at least one."""
    return int(min(most, max(1.0, rng.lognormal(np.log(median), sigma))))


def chat_script(world: World, rng: np.random.Generator, count: int, habit: Habit, day: Day | None = None) -> Script:
    """``count`` exchanges of one person in conversations of one to a dozen turns, in their own ``day``."""
    lengths: list[int] = []
    while sum(lengths) < count:
        lengths.append(min(12, int(rng.geometric(0.45)), count - sum(lengths)))
    sessions = np.array(lengths, np.int64)
    times = human(rng, sessions, world.start_us, world.days, day)
    talk_of = np.repeat(np.arange(len(sessions)), sessions).tolist()
    turn_of = (np.arange(count) - np.repeat(np.cumsum(sessions) - sessions, sessions)).tolist()
    voice, key = world.voice(rng), int(rng.integers(1 << 62))
    system = _personal_system(world, rng) if rng.random() < 0.3 else None
    signs, pictures = signs_thoughts(habit), bool(rng.random() < 0.12)

    def said(talk: int, turn: int) -> str:
        dice = Dice(key, talk, turn)
        if turn:
            return follow_up(voice, dice)
        if voice.language == "en" and dice.chance(world.person_share):
            return perturbed(dice.pick(world.material.prompts), voice, dice)
        return ask(voice, dice)

    def write(k: int, dice: Dice) -> Asked:
        talk, turn = talk_of[k], turn_of[k]
        turns: list[str] = []
        for earlier in range(max(0, turn - _MOST_HISTORY // 2), turn):
            reply = Dice(key, talk, earlier, 1)
            turns += [said(talk, earlier), answers.text("plain", voice.babblers[0], reply, 120)]
        turns.append(said(talk, turn))
        kind = ("plain", "plain", "plain", "code", "list", "reasoning")[dice.roll(6)]
        talk_now = Talk(system, tuple(turns))
        if pictures and turn == 0 and dice.chance(0.3):
            talk_now = talk_now._replace(images=(image(key, talk),))
        issued = signature(key, talk, turn) if signs else None
        if signs and turn:
            first = max(0, turn - _MOST_HISTORY // 2)
            talk_now = talk_now._replace(
                thoughts=tuple(signature(key, talk, earlier) for earlier in range(first, turn))
            )
        body = compose_body(habit.dialect, habit.model, habit.fixed, talk_now, habit.model_first)
        return Asked(habit.dialect, body, "refusal" if dice.chance(_DECLINED) else kind, issued)

    return Script(times, write)


def signs_thoughts(habit: Habit) -> bool:
    """Whether answers carry opaque reasoning that an ordinary client sends back in the same conversation."""
    return habit.model in ("m-reason", "m-next") and habit.dialect != "openai-completions"


def perturbed(prompt: Text, voice: Voice, dice: Dice) -> str:
    """A prompt as another person might have typed it: numbers changed, a sentence of their own before or after."""
    text = prompt.text[:1500]
    if dice.chance(0.5):
        words = text.split(" ")
        for _ in range(1 + len(words) // 12):
            place = dice.roll(len(words))
            words[place] = (
                a_name(dice) if words[place][:1].isupper() else words[place] + dice.pick((",", " then", " also", ""))
            )
        text = " ".join(words)
    own = dice.pick(voice.babblers).sentence(dice, 2 + dice.roll(3))
    return f"{own} {text}" if dice.chance(0.5) else f"{text} {own}"


PERSONAL: tuple[Grammar, ...] = grammars(
    "You are (a helpful|a friendly|a concise|an expert) assistant.",
    "You are {n}, (my|the) (assistant|helper|tutor). (Be brief|Answer in {d} sentences|Use plain words). {s}",
    "(Answer|Reply) (briefly|in detail|politely)(.| and never mention {t}.) {s}",
)


def _personal_system(world: World, rng: np.random.Generator) -> str:
    """Many people use the same default sentence; others write their own."""
    dice = Dice(int(rng.integers(1 << 62)))
    from_world = world.voice(rng)
    text = dice.pick(PERSONAL).spin(dice)
    babbler = from_world.babblers[0]
    text = text.replace("{n}", a_name(dice)).replace("{d}", str(1 + dice.roll(5)))
    return text.replace("{s}", babbler.sentence(dice)).replace("{t}", words_of(babbler, dice))


def chat(world: World, rng: np.random.Generator) -> Actor:
    """One person who chats."""
    habit = Habit(rng)
    script = chat_script(world, rng, volume(rng, 9, 1.1, 400), habit)
    return actor(world, rng, "chat", look(rng, habit.dialect, human=True), [script], business=False)


SYSTEMS: tuple[Grammar, ...] = grammars(
    "You are the (support|service|booking|sales|help) assistant of {n} {m}. (Be brief and polite|Answer in the "
    "customer's "
    "language|Use at most {d} sentences|Stay friendly). {r}",
    "(Role|Task|Context): {n} sells {m}. (You help|Help) (customers|agents|editors) with {t}.\n{r}",
    "# {n}\n(You write|You answer|You sort|You check) (texts|tickets|messages|listings) about {m}.\n\nRules:\n{r}",
    "{n} assistant v{d}. {r}\nAlways (answer in JSON|quote the order number|name the source|ask one question back).",
)
RULES: tuple[Grammar, ...] = grammars(
    "- (Never|Do not) (mention|promise|discuss) {t}.", "- (If|When) (asked|someone asks) about {t}, "
                                                       "(say|answer) that {s}",
    "- (Prices|Dates|Names) (are|must be) (copied exactly|left out|written in full).", "- {s}",
    "- (Escalate|Hand over) to {n} (when|if) {t}.",
    "- (First|Always) (think|reason) in <(thinking|scratchpad|notes)> tags, then answer.",
    "- (At most|No more than) {d} (lines|words|points).",
)  # fmt: skip
WRAPPERS: tuple[Grammar, ...] = grammars(
    "(Ticket|Case|Request|Ref) (#|no. |){i}\n(Customer|From|User): {q}",
    "{q}", "{q}", "(User message|Message|Input):\n\"\"\"\n{q}\n\"\"\"",
    "(Language|Channel|Region): {t}\n(Question|Query): {q}\n(Reply|Answer|Draft):",
    "(Context|Notes|History):\n{s}\n\n(Customer|They) (wrote|said|asks): {q}",
    "[{i}] {q} (Answer within {d} words.|Reply for {n}.|)",
)  # fmt: skip


def application_words(world: World, rng: np.random.Generator) -> tuple[str, str, Voice]:
    """An application's own system prompt, its own wrapper around each customer's words, and its topic."""
    dice, voice = Dice(int(rng.integers(1 << 62))), world.voice(rng)
    babbler = voice.babblers[0]
    if world.material.systems and dice.chance(0.25):
        system = dice.pick(world.material.systems).text[:1800]
        system = f"{babbler.sentence(dice)}\n\n{system}" if dice.chance(0.7) else system
    else:
        rules = "\n".join(dice.pick(RULES).spin(dice) for _ in range(2 + dice.roll(7)))
        system = dice.pick(SYSTEMS).spin(dice).replace("{r}", rules)
    wrapper = dice.pick(WRAPPERS).spin(dice)
    filled = []
    for text in (system, wrapper):
        while "{t}" in text:
            text = text.replace("{t}", words_of(babbler, dice), 1)
        while "{s}" in text:
            text = text.replace("{s}", babbler.sentence(dice), 1)
        text = (
            text.replace("{n}", a_name(dice)).replace("{m}", dice.pick(PRODUCTS)).replace("{d}", str(2 + dice.roll(40)))
        )
        filled.append(text)
    return filled[0], filled[1], voice


def customer_words(world: World, voice: Voice, dice: Dice) -> str:
    """What a customer of an application writes."""
    queries = world.material.queries
    if queries and voice.language == "en" and dice.chance(0.35):
        return f"{dice.pick(queries).text} {dice.pick(voice.babblers).sentence(dice, 1 + dice.roll(4))}"
    return ask(voice, dice)


def application_asker(
    world: World, habit: Habit, words: tuple[str, str, Voice], kind: str
) -> Callable[[int, Dice], Asked]:
    """Requests of one application: constant system prompt and wrapper, its customers' words inside."""
    system, wrapper, voice = words

    def write(k: int, dice: Dice) -> Asked:
        said = wrapper.replace("{q}", customer_words(world, voice, dice)).replace(
            "{i}", str(10_000 + dice.roll(900_000))
        )
        body = compose_body(habit.dialect, habit.model, habit.fixed, Talk(system, (said,)), habit.model_first)
        return Asked(habit.dialect, body, kind)

    return write


def application(world: World, rng: np.random.Generator, median: float = 45.0) -> Actor:
    """A service with customers, day and night."""
    habit = Habit(rng)
    count = volume(rng, median, 1.2)
    times = service(rng, world.hourly, count, world.start_us, world.days, float(rng.beta(1.5, 3)))
    kind = str(rng.choice(("plain", "plain", "label", "list", "graded")))
    write = application_asker(world, habit, application_words(world, rng), kind)
    return actor(
        world, rng, "application", look(rng, habit.dialect, human=False), [Script(times, write)], business=True
    )


TOOLS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("read_file", "Reads a file and returns its text.", ("path",)), ("write_file", "Writes text to a file.",
     ("path", "text")),
    ("run", "Runs a shell command and returns what it prints.", ("command",)),
    ("search", "Searches the project for a pattern.", ("pattern", "folder")),
    ("list_dir", "Lists a folder.", ("path",)), ("fetch", "Gets a page by its address.", ("url",)),
    ("lookup_order", "Finds an order by number.", ("number",)), ("calendar", "Lists free hours.", ("day",)),
    ("query", "Runs a read-only database query.", ("statement",)), ("send_mail", "Sends a message.", ("to", "body")),
)  # fmt: skip


def tool(place: int, suffix: str = "") -> Body:
    """One tool on offer."""
    name, about, fields = TOOLS[place % len(TOOLS)]
    properties = {field: {"type": "string"} for field in fields}
    return {"name": name + suffix, "description": about,
            "parameters": {"type": "object", "properties": properties, "required": list(fields)}}  # fmt: skip


def agent_asker(
    world: World, rng: np.random.Generator, habit: Habit, system: str, tools: tuple[Body, ...]
) -> Callable[[int, Dice], Asked]:
    """Steps of an agent at work: the task, then what was done so far, growing and trimmed."""
    voice, key = world.voice(rng)._replace(language="en"), int(rng.integers(1 << 62))
    called, signs = bool(rng.random() < 0.6) and habit.dialect != "openai-completions", signs_thoughts(habit)

    def write(k: int, dice: Dice) -> Asked:
        job, step = divmod(k, 7)
        turns = [ask(voice, Dice(key, job))]
        for earlier in range(max(0, step - 3), step):
            past = Dice(mix(key, job, earlier, 5))
            turns += [f"{past.pick(TOOLS)[0]}: {words_of(voice.babblers[0], past)}",
                      "Output: " + voice.babblers[-1].passage(past, 1 + past.roll(3))]  # fmt: skip
        thoughts = tuple(signature(key, job, earlier) for earlier in range(max(0, step - 3), step)) if signs else ()
        talk = Talk(system, tuple(turns), tools, called=called, thoughts=thoughts)
        body = compose_body(habit.dialect, habit.model, habit.fixed, talk, habit.model_first)
        issued = signature(key, job, step) if signs else None
        return Asked(habit.dialect, body, "trajectory" if step < 6 else "code", issued)

    return write


def developer(world: World, rng: np.random.Generator) -> Actor:
    """A developer with an agent of their own make; works in bursts by day."""
    habit = Habit(
        rng, dialect=str(rng.choice(("openai-chat", "anthropic-messages", "openai-responses"), p=(0.5, 0.4, 0.1)))
    )
    count = volume(rng, 35, 1.1, 1500)
    sessions = np.diff(np.append(np.arange(0, count, 14), count)).astype(np.int64)
    times = human(rng, sessions, world.start_us, world.days)
    system, _, _ = application_words(world, rng)
    tools = tuple(tool(int(place), "" if rng.random() < 0.6 else f"_{int(rng.integers(99))}")
                  for place in rng.choice(len(TOOLS), int(rng.integers(2, 6)), replace=False))  # fmt: skip
    write = agent_asker(world, rng, habit, system, tools)
    return actor(world, rng, "developer", look(rng, habit.dialect, human=True), [Script(times, write)], business=False)


JOBS: tuple[Grammar, ...] = grammars(
    "(Classify|Sort|Label) (the|this) (text|review|message|ticket) (as|into) {a}, {b} or {c}.\n\n(Text|Input): "
    "{q}\n(Label|Answer):",
    "(Translate|Put) (the following|this) into (German|Spanish|French|English|Korean)(, keep names|):\n{q}",
    "(Extract|List|Find) (all |)({a}|names|dates|amounts) (and {b} |)(from|in) (this|the) "
    "(text|note):\n\n{q}\n\n(Return JSON.|One per line.|)",
    "(Summarise|Shorten) (for {n}|in {d} words|in one sentence): {q}",
    "(Rate|Score|Grade) (this|the) {a} from 1 to {d} (with a reason|and say why)(, as JSON|): {q}",
    "{q}\n\n(Is this|Does this sound) {a} or {b}? (Answer with one word.|Only the word.)",
)  # fmt: skip


def job_asker(world: World, rng: np.random.Generator, habit: Habit) -> tuple[Callable[[int, Dice], Asked], str]:
    """A language job: one instruction of the account's own, a new input each time."""
    dice, voice = Dice(int(rng.integers(1 << 62))), world.voice(rng)._replace(language="en")
    frame = dice.pick(JOBS).spin(dice).replace("{d}", str(5 + dice.roll(40))).replace("{n}", a_name(dice))
    for mark in ("{a}", "{b}", "{c}"):
        frame = frame.replace(mark, words_of(dice.pick(voice.babblers), dice, 2))
    kind = "label" if frame.startswith(("Cla", "Sor", "Lab")) else "plain"
    pool = _public_rows(world, dice)

    def write(k: int, each: Dice) -> Asked:
        if pool and each.chance(0.5):
            text = f"{each.pick(pool)[:700]} {each.pick(voice.babblers).sentence(each)}"
        else:
            text = each.pick(voice.babblers).passage(each, 2 + each.roll(7))
        said = frame.replace("{q}", text)
        body = compose_body(habit.dialect, habit.model, habit.fixed, Talk(None, (said,)), habit.model_first)
        return Asked(habit.dialect, body, kind)

    return write, kind


def _public_rows(world: World, dice: Dice) -> list[str]:
    """One job in eight works on rows of a public data set."""
    pool = world.material.jobs
    if not pool or dice.roll(8):
        return []
    source = dice.pick(pool).source
    return [text.text for text in pool if text.source == source]


def batch(world: World, rng: np.random.Generator) -> Actor:
    """A small job that runs now and then, often at night."""
    habit = Habit(rng)
    count = volume(rng, 40, 1.1, 2500)
    starts = by_weights(rng, hour_weights(world.hourly, world.days, float(rng.normal(10, 5)), 1.0),
                        int(rng.integers(1, 2 + world.days)), world.start_us)  # fmt: skip
    times = runs(rng, count, starts, float(rng.lognormal(1.2, 0.8)))
    write, _ = job_asker(world, rng, habit)
    return actor(world, rng, "batch", look(rng, habit.dialect, human=False), [Script(times, write)], business=True)


KINDS: dict[str, Callable[[World, np.random.Generator], Actor]] = {
    "chat": chat, "application": application, "developer": developer, "batch": batch,
}  # fmt: skip
SHARES: dict[str, float] = {"chat": 0.66, "application": 0.17, "developer": 0.1, "batch": 0.07}
