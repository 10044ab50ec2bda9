"""The campaigns of the sample. Each says what binds its accounts and what does not."""

import rhythm
from cast import Account
from rhythm import DAY, HOUR
from sample import Sample


def operator_7(sample: Sample) -> None:
    """Forty accounts, one reasoning template, payload divided over rotating keys, volumes levelled, round the clock."""
    rng, registry = sample.rng, sample.registry
    exits = [registry.address() for _ in range(14)]
    accounts = []
    for rows in sample.recordings["elicit"].values():
        known = {"addresses": rng.sample(exits, 3), "organization": None, "surface": "api"}
        account = registry.add("campaign", signed_up=rng.uniform(3, 60), **known)
        begin = DAY + 13 * HOUR + rng.uniform(0, 0.7 * HOUR)
        sample.place(account, rhythm.even(rng, begin, rhythm.WEEK - 60, len(rows)), rows)
        accounts.append(account)
    # The exits are a public relay: some strangers use it too.
    for _ in range(6):
        stranger = registry.add("chat, same relay as a campaign", addresses=[rng.choice(exits), registry.address()])
        sample.chat(stranger, rhythm.person(rng), sample.person())
    note = "one reasoning-elicitation template, payload divided, synchronous onset, levelled volumes, shared relay"
    sample.campaign("Operator 7", accounts, ["openai (Python)"], note)


def operator_12(sample: Sample) -> None:
    """Twenty-five accounts, public pipelines, divided seeds; few cards, sign-ups in a burst, cover traffic in half."""
    rng, registry = sample.rng, sample.registry
    work = [
        row for name in ("evolve", "selfinstruct", "camel") for rows in sample.recordings[name].values() for row in rows
    ]
    cards = [registry.token("fp_") for _ in range(5)]
    accounts: list[Account] = []
    for index in range(25):
        share = work[index * len(work) // 25 : (index + 1) * len(work) // 25]
        known = {"payment": cards[index % 5], "declared_use": "prototype", "surface": "api", "verified": False}
        account = registry.add("campaign", signed_up=12 + rng.uniform(0, 1.2), **known)
        done = 0
        for begin in sorted(rng.uniform(1.2 * DAY, 6.5 * DAY) for _ in range(4)):
            some = share[done : done + len(share) // 4 + 1]
            done += len(some)
            sample.place(account, rhythm.run(rng, begin, len(some), 14.0), some)
        if index % 2:
            sample.chat(account, rhythm.person(rng), sample.person())
        accounts.append(account)
    note = "public templates, seeds divided, five cards, sign-ups within thirty hours, cover traffic in half"
    sample.campaign("Operator 12", accounts, ["distilabel", "camel-ai"], note)


def operator_19(sample: Sample) -> None:
    """Thirty accounts, five requests each in four days, one private comparison template; nothing else is shared."""
    rng, registry = sample.rng, sample.registry
    accounts = []
    for index, rows in enumerate(sample.recordings["compare"].values()):
        account = registry.add("campaign", signed_up=rng.uniform(-2, 25), surface="api")
        sample.place(account, sorted(rng.uniform(2.5 * DAY, 6.5 * DAY) for _ in rows), rows)
        if index % 4 == 0:
            sample.chat(account, rhythm.person(rng), sample.person()[:4])
        accounts.append(account)
    note = "one private template, five requests an account, own payments and networks, cover traffic in a quarter"
    sample.campaign("Operator 19", accounts, ["openai (Python, two versions)", "openai (Node)", "fetch (Node)"], note)


PARTS = (operator_7, operator_12, operator_19)
