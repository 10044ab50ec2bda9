"""Everyone else: look-alikes that must not be flagged, and many people who just ask things."""

import json

import rhythm
from recordings import flat
from rhythm import DAY, HOUR
from sample import Sample

VIRAL = "describe me as a railway station"


def classroom(sample: Sample) -> None:
    """A class with one sheet of exercises, on two afternoons, mostly from the campus network."""
    rng, registry = sample.rng, sample.registry
    campus, school = registry.address(), registry.token("org_")
    for rows in sample.recordings["class"].values():
        known = {"organization": school, "programme": "education", "payment": None, "email_domain": "school.example"}
        homes = [campus, campus, registry.address()]
        account = registry.add("class exercise", signed_up=rng.uniform(18, 20), addresses=homes, surface="api", **known)
        day = rng.choice([1, 1, 3])
        sample.chat(account, rhythm.between(rng, day * DAY + 12 * HOUR, day * DAY + 14 * HOUR), rows)


def fleet(sample: Sample) -> None:
    """One organisation's keys share a nightly batch job."""
    rng, registry = sample.rng, sample.registry
    office, firm, invoice = registry.address(), registry.token("org_"), registry.token("fp_")
    for rows in sample.recordings["fleet"].values():
        known = {"organization": firm, "payment": invoice, "plan": "enterprise", "verified": True}
        account = registry.add("fleet of one organisation", signed_up=240, addresses=[office], surface="api", **known)
        per_night = len(rows) // 7 + 1
        for night in range(7):
            some = rows[night * per_night : (night + 1) * per_night]
            sample.place(account, rhythm.run(rng, night * DAY + 1.2 * HOUR, len(some), 600.0), some)


def evaluators(sample: Sample) -> None:
    """Strangers run the same public benchmark, each once."""
    rng = sample.rng
    for rows in sample.recordings["bench"].values():
        account = sample.registry.add("evaluation harness", surface="api")
        sample.place(account, rhythm.run(rng, rng.uniform(0, 6 * DAY), len(rows), 3.0), rows)


def reseller(sample: Sample) -> None:
    """An aggregator: one account, sixty end users."""
    rows = flat(sample.recordings["reseller"])
    account = sample.registry.add("reseller", signed_up=400, surface="aggregator:east", plan="partner", verified=True)
    sample.place(account, sorted(sample.rng.uniform(0, rhythm.WEEK) for _ in rows), rows)


def agents(sample: Sample) -> None:
    """Strangers keep a framework's agent template as it came; half of them also chat."""
    for index, rows in enumerate(sample.recordings["agent"].values()):
        account = sample.registry.add("agent framework")
        sample.chat(account, rhythm.person(sample.rng), rows)
        if index % 2:
            sample.chat(account, rhythm.person(sample.rng), sample.person())


def hobbyists(sample: Sample) -> None:
    """Two people build small data sets with public tools, each alone, one with a template that a campaign uses too."""
    rng = sample.rng
    for name, tool in (("hobby", "distilabel"), ("kit", "synthetic-data-kit")):
        rows = flat(sample.recordings[name])
        account = sample.registry.add(f"hobbyist with {tool}", signed_up=rng.uniform(60, 300), surface="api")
        begin = rng.uniform(4.5 * DAY, 5.5 * DAY)
        sample.place(account, rhythm.run(rng, begin, len(rows), 25.0), rows)


def permitted(sample: Sample) -> None:
    """A distiller with a permit: eight accounts, everything inside its limits."""
    rng, registry = sample.rng, sample.registry
    firm, invoice, office = registry.token("org_"), registry.token("fp_"), registry.address()
    rows = flat(sample.recordings["permit"])
    for index in range(8):
        some = rows[index * len(rows) // 8 : (index + 1) * len(rows) // 8]
        known = {"organization": firm, "payment": invoice, "programme": "distillation-permit", "verified": True}
        account = registry.add("permitted distiller", signed_up=90, addresses=[office], surface="api", **known)
        sample.place(account, rhythm.run(rng, 2.3 * DAY + rng.uniform(0, HOUR), len(some), 40.0), some)
    scope = {"from": "2026-05-01", "until": "2026-12-31", "models": ["m-large"], "capabilities": None}
    limits = {"max_exchanges": 5000, "reference": "P-17"}
    sample.permits.append({"organization": firm, "accounts": None} | scope | limits)


def programs(sample: Sample) -> None:
    """One account each: CI with a judge, typed extraction, a prompt optimiser, a memory layer, a table classifier."""
    rng = sample.rng
    for name, kind, gap in (
        ("prompttest", "prompt regression test", 2.0),
        ("extract", "extraction", 8.0),
        ("tune", "prompt optimiser", 3.0),
        ("memory", "memory layer", 90.0),
        ("rows", "batch classification", 4.0),
    ):
        rows = flat(sample.recordings[name])
        account = sample.registry.add(kind, surface="api", signed_up=rng.uniform(30, 400))
        times: list[float] = []
        for run in range(3):
            count = (run + 1) * len(rows) // 3 - run * len(rows) // 3
            times += rhythm.run(rng, (2 * run + rng.random()) * DAY, count, gap)
        sample.place(account, times, rows)
    for rows in sample.recordings["shell"].values():
        sample.chat(sample.registry.add("command line", surface="api"), rhythm.person(rng), rows)


def people(sample: Sample) -> None:
    """Everyone else. Those who paste the viral prompt do so within the same two days."""
    rng = sample.rng
    for rows in sample.people_left():
        viral = [row for row in rows if VIRAL in json.dumps(row["body"])]
        rest = [row for row in rows if row not in viral]
        account = sample.registry.add("chat, viral prompt" if viral else "chat")
        sample.chat(account, rhythm.person(rng), rest)
        sample.place(account, [rng.uniform(3.2 * DAY, 5.2 * DAY) for _ in viral], viral)


PARTS = (classroom, fleet, evaluators, reseller, agents, hobbyists, permitted, programs, people)
