"""Scans and figures for the tests of the report. Everything in them is invented."""

from random import Random

import msgspec

from stillwatch.vocabulary.campaigns import (
    AccountExchanges,
    AccountLink,
    Campaign,
    EvidenceShown,
    Exposure,
    Figures,
    Membership,
    ReplayPoint,
    Scan,
    Scanned,
    TechniqueShare,
    TimelineBucket,
)

GENERATED_AT = "2026-07-09T06:30:00Z"
SCRIPT = "<script>alert('x')</script>"
LONG = "acct_" + "very-long-name-" * 12 + "end"
RIGHT_TO_LEFT = "حساب-٧"
OVERRIDE = "acct_\u202egpj.exe"
REPLAYED = (1, 20, 50, 100, 200, 410, 800, 1_600, 3_200, 12_480, 150_000, 420_000, 1_904_233)
ENTITIES = (
    ("template", "passage 7f3a"),
    ("template", "passage 11c0"),
    ("system", "system 90bd"),
    ("network", "203.0.113.0/24"),
    ("network", "198.51.100.0/24"),
    ("client", "python 3.54 t13d1516"),
    ("payment", "print fp_8c1"),
    ("payment", "print fp_31e"),
    ("sign-up", "2 June, 08:00 to 08:40"),
    ("signature", "signature 5d"),
    *(("network", f"192.0.2.{n}") for n in range(40)),
)
HOSTILE = (SCRIPT, LONG, RIGHT_TO_LEFT, OVERRIDE, '" onmouseover="x', "{{ 7*7 }}", "a\x1b[31mred", "[bold]b[/bold]")


def campaign_of(rank: int, accounts: list[str], **changes: object) -> Campaign:
    lines = (
        ("shared-rare-fingerprint", "structure", 18.4, "40 of 40 accounts", "no passage over 3 accounts"),
        ("payload-partition", "coordination", 12.9, "1.2 % of prompts repeated", "58 % in classes and benchmarks"),
        ("synchronous-onset", "coordination", 9.1, "first exchanges within 11 minutes", "spread over 26 days"),
        ("elicitation", "elicitation", 8.6, "93 % ask for the reasoning behind an answer", "0.4 %"),
        ("shared-payment", "infrastructure", 7.2, "3 prints over 40 accounts", "1.0 account a print"),
        ("over-even-volumes", "volume", 5.5, "variation 0.08", "variation 1.9"),
        ("narrow-capability", "focus", 4.3, "91 % maths", "24 % in the largest capability"),
        ("no-human-rhythm", "volume", 2.2, "flat over 24 hours", "a third at night"),
        ("public-framework", "structure", -5.4, "half of the passage is in a public template", "-"),
        ("diverse-tasks", "focus", -1.6, "8 topics", "11 topics"),
    )
    evidence = tuple(
        EvidenceShown(id=i, family=f, axis=f, observed=o, ordinary=n, weight_bits=w,
                      text=f"Line {i} of campaign {rank}: {o}, where {n} is ordinary.")
        for i, f, w, o, n in lines
    )  # fmt: skip
    made = Campaign(
        id=f"campaign--{rank:08d}-0000-4000-8000-000000000000",
        name=f"Campaign {rank}",
        rank=rank,
        weight_bits=sum(line.weight_bits for line in evidence) - 4.0,
        p_value=3.2e-9,
        level="act",
        accounts=tuple(
            Membership(account=name, membership=max(0.51, 0.995 - 0.4 * n / len(accounts)))
            for n, name in enumerate(accounts)
        ),
        exchanges=12_480,
        first_exchange_at="2026-07-02T03:12:09Z",
        last_exchange_at="2026-07-07T22:41:57Z",
        noticed_at="2026-07-02T06:55:00Z",
        noticed_after_exchanges=410,
        techniques=(
            TechniqueShare(id="SW-T16", atlas="AML.T0024.002", share=0.93),
            TechniqueShare(id="SW-T09", atlas=None, share=1.0),
            TechniqueShare(id="SW-T22", atlas="AML.T0024.002", share=0.004),
        ),
        capabilities={"maths": 0.91, "code": 0.07, "other": 0.02},
        exposure=(
            Exposure(capability="maths", low=9_800, mid=11_200, high=11_350, unit="distinct reasoning traces",
                     nearest_public_scale="17k long reasoning traces (17,000)"),
            Exposure(capability="code", low=600, mid=850, high=900, unit="distinct reasoning traces",
                     nearest_public_scale="LIMO (817)"),
        ),
        evidence=evidence,
        could_be_wrong=(
            "An agent framework that strangers share carries such passages too; this one is in no public template.",
            "Three payment prints may be one reseller with many customers.",
        ),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def figures_of(campaign: Campaign, *, seed: int = 7, hours: int = 140, kinds: int = 9) -> Figures:
    chance = Random(seed)
    names = [member.account for member in campaign.accounts]
    entities = ENTITIES[:kinds]
    links = [
        AccountLink(account=name, kind=kind, entity=label, exchanges=chance.randint(20, 600))
        for n, name in enumerate(names[:60])
        for e, (kind, label) in enumerate(entities)
        if e == 0 or (n * 7 // 20 + e) % 3 == 0 or (n % 13 == 5 and e % 4 == 1)
    ]
    buckets = [
        TimelineBucket(
            start=f"2026-07-{2 + h // 24:02d}T{h % 24:02d}:00:00Z", exchanges=chance.randint(40, 90) + 60 * (h > 30)
        )
        for h in range(3, hours)
        if not 60 < h < 70
    ]
    return Figures(
        bucket_seconds=3_600,
        timeline=tuple(buckets),
        links=tuple(links),
        account_exchanges=tuple(AccountExchanges(account=name, exchanges=300) for name in names[:60]),
        replay=tuple(ReplayPoint(exchanges=n, weight_bits=campaign.weight_bits * (n / campaign.exchanges) ** 0.3)
                     for n in REPLAYED if n <= campaign.exchanges),
        review_bits=20.0,
        act_bits=40.0,
        prior_bits=-8.0,
        accounts_left_out=max(0, len(names) - 60),
    )  # fmt: skip


def three() -> tuple[Scan, dict[str, Figures]]:
    """Three campaigns of three levels and sizes, with names that somebody chose to do harm."""
    first = campaign_of(1, [*HOSTILE, *(f"acct_{n}" for n in range(100, 132))])
    second = campaign_of(
        2,
        [f"acct_{n:05d}" for n in range(2_000)],
        level="review",
        exchanges=1_904_233,
        noticed_after_exchanges=420_000,
        noticed_at="2026-07-06T01:00:00Z",
        evidence=first.evidence[:4] + first.evidence[8:],
        weight_bits=31.6,
        p_value=0.00042,
        exposure=(
            Exposure(capability="agentic", low=1_100_000, mid=1_400_000, high=1_850_000, unit="distinct trajectories",
                     nearest_public_scale="Tülu 3 (1,000,000)"),
        ),
    )  # fmt: skip
    third = campaign_of(
        3,
        [f"acct_{n}" for n in range(900, 925)],
        level="watch",
        exchanges=231,
        noticed_at=None,
        noticed_after_exchanges=None,
        evidence=first.evidence[3:5],
        weight_bits=11.8,
        p_value=None,
        techniques=(),
        capabilities={},
        exposure=(
            Exposure(
                capability="writing", low=0, mid=0, high=0, unit="distinct plain answers", nearest_public_scale="none"
            ),
        ),
        could_be_wrong=(),
    )
    scanned = Scanned(exchanges=18_204_331, accounts=41_020, quarantined=17, first="2026-07-01T00:00:00Z",
                      last="2026-07-08T00:00:00Z", seconds=212.4,
                      notes=("Two entities with more than 5,000 accounts were searched more coarsely.",))  # fmt: skip
    figures = {c.id: figures_of(c, seed=c.rank, kinds=6 + 12 * (c.rank == 2)) for c in (first, second)}
    one_link = AccountLink(account="acct_900", kind="template", entity="passage 0001", exchanges=4)
    figures[third.id] = msgspec.structs.replace(
        figures_of(third, hours=5),
        links=(one_link,),
        replay=(),
        prior_bits=0.0,
        timeline=figures_of(third).timeline[:2],
    )
    return Scan(scanned=scanned, campaigns=(first, second, third)), figures


def nothing_found() -> Scan:
    return Scan(
        scanned=Scanned(exchanges=52_110, accounts=2_040, quarantined=0, first="2026-07-01T00:00:00Z",
                        last="2026-07-01T23:59:59Z", seconds=3.1),
        campaigns=(),
    )  # fmt: skip
