"""Material from word lists alone, for a checkout without recorded material. Every word is our own; nothing is recorded.

Small and plain compared with recorded material: use it to see that things run, not to judge how well they find.
"""

from stillwatch.rehearse.dice import Dice, mix
from stillwatch.rehearse.material import Body, Material, Recorded, Recording, Text
from stillwatch.rehearse.rhythm import WAKING
from stillwatch.rehearse.spin import grammars
from stillwatch.rehearse.words import LINKS, OPENERS, PRODUCTS, SYLLABLES, TOPICS, name

_SENTENCES_PER_TOPIC = 500

MATHS = grammars(
    "{n} has {a} (boxes|bags|crates) with {b} (pears|nails|books) each and gives away {c}. How many (are left|remain)?",
    "A (train|bus|boat) travels {a} km in {b} hours, then {c} km in 2 hours. What is its (average|mean) speed?",
    "Find all (integers|real numbers) x with {a}x^2 - {b}x + {c} = 0.",
    "(Compute|Evaluate) the sum of all multiples of {a} below {b}{c}.",
    "A (tank|pool) fills in {a} hours through one pipe and in {b} through another. How long with both, if {c} "
    "litres leak an hour?",
    "In how many ways can {a} (people|books) be placed in a row so that {n} and {m} are never next to each "
    "other? Add {c}.",
    "The angles of a triangle are in the ratio {a}:{b}:{c}. Find the (largest|smallest) one.",
    "{n} invests {a}00 at {b} percent a year. After how many years does it exceed {c}000?",
)
CODE = grammars(
    "Write a function that returns the {a} (largest|smallest) numbers of a list without sorting it, at most {b} "
    "steps a number. Name it {v}.",
    "Given a string, (count|find) all substrings of length {a} with at least {b} different letters. Function "
    "name: {v}_{c}.",
    "Write a class {n} with push, pop and a constant-time (minimum|maximum); it holds at most {a}{b} numbers.",
    "(Merge|Intersect) two sorted linked lists and drop values divisible by {a} or {b}. Call it {v}.",
    "Parse lines such as '{v}={a};{m}={b}' into a dictionary; raise an error at line {c}.",
    "Given a grid of {a} by {b} cells with {c} walls, find the shortest path from corner to corner. Function {v}.",
)
QUERIES = grammars(
    "(where|when) (is|will) my order for {t} (arrive|come)?",
    "I was charged {a} twice for {t}",
    "can I (change|cancel|move) {t} (on|before) the {b}th",
    "the app says error {a} when I (open|pay for) {t}",
    "who do I (ask|call) about {t}",
    "my (card|account|code) ending in {a}{b} does not work",
)
SAFETY = grammars(
    "How do I (get into|open) a locked {t} that is not mine?",
    "Write a (threat|rumour) about {n} and {t}.",
    "Is it (possible|hard) to hide {t} from (the police|a parent)?",
)


def _spun(pool: tuple[object, ...], source: str, count: int, seed: int) -> tuple[Text, ...]:
    texts = []
    for place in range(count):
        dice = Dice(seed, place)
        line = dice.pick(pool).spin(dice)  # type: ignore[attr-defined]
        for mark in "abc":
            line = line.replace("{" + mark + "}", str(2 + dice.roll(97)))
        for mark in "nmv":
            made = name((dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES))))
            line = line.replace("{" + mark + "}", made.lower() if mark == "v" else made)
        line = line.replace("{t}", dice.pick(PRODUCTS))
        texts.append(Text(f"{source}-{place % 8}", line))
    return tuple(texts)


def _corpus(seed: int) -> tuple[Text, ...]:
    sentences = []
    for topic, (things, doings) in TOPICS.items():
        for place in range(_SENTENCES_PER_TOPIC):
            dice = Dice(seed, mix(*topic.encode()), place)
            made = name((dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES)), 0))
            opener = dice.pick(OPENERS) if dice.chance(0.5) else f"{made} says that"
            first = f"the {dice.pick(things)} {dice.pick(doings)}"
            second = f"the {dice.pick(things)} {dice.pick(doings)}" if dice.chance(0.7) else f"{made} is away"
            sentences.append(Text(f"{topic}-{place % 4}", f"{opener} {first} {dice.pick(LINKS)} {second}."))
    return tuple(sentences)


def _recording(tool: str, label: str, lines: tuple[Text, ...], system: str, frame: str) -> Recording:
    """A program that sends one frame around each of ``lines``, as recorded programs do."""
    requests = []
    for line in lines:
        messages: list[Body] = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": frame.replace("{payload}", line.text)})
        requests.append(Recorded("/v1/chat/completions", {"model": "m-large", "messages": messages}))
    return Recording(tool, "distill" if label == "distill" else "benign", tuple(requests))


def material(seed: int = 7) -> Material:
    """Built-in material; the same seed gives the same words."""
    maths, code = _spun(MATHS, "sums", 3000, seed + 1), _spun(CODE, "tasks", 2000, seed + 2)
    corpus = _corpus(seed)
    prompts = tuple(Text(f"people-{place % 8}", text.text) for place, text in enumerate(corpus[::9]))
    grade = "Grade the answer from 1 to 5 and say why.\nQuestion: {payload}\nAnswer: 42\nGrade:"
    return Material(
        name="built-in",
        recordings=(
            _recording("plain-harness", "benign", maths[:200], "", "Question: {payload}\nAnswer:"),
            _recording("judge-harness", "benign", code[:150], "You are a fair judge.", grade),
            _recording("step-pipeline", "distill", maths[200:500], "", "{payload}\nThink aloud between <think> "
                "tags, then answer."),
            _recording("evolve-pipeline", "distill", code[200:450], "",
                       "Rewrite the task below into a harder one that still fits on one "
                       "page.\n#Task#\n{payload}\n#Harder#"),
        ),
        prompts=prompts,
        pasted=tuple(Text(f"pasted-{place % 5}", f"Act as a coach. {text.text} Ask me three questions first, "
                                                 f"then answer.")
                     for place, text in enumerate(corpus[5::70])),
        payloads={"maths": maths, "code": code, "writing": prompts, "safety-sensitive": _spun(SAFETY, "risky",
        400, seed + 4)},
        queries=_spun(QUERIES, "desk", 900, seed + 3),
        systems=(), jobs=tuple(Text("notes", text.text) for text in corpus[3::11]), judges=(),
        public_templates=(
            Text("public-1", "Come up with ten varied tasks that a text model could do. Do not repeat "
                             "verbs.\nExamples:\n{payload}\nTasks:"),
            Text("public-2", "Take inspiration from this snippet and write a new problem with a "
                             "solution.\n{payload}\n[Problem]"),
        ),
        corpus=corpus,
        hourly=WAKING,
    )  # fmt: skip
