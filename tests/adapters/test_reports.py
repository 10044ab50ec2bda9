"""The report: complete, harmless, offline, the same every time. Everything in it is invented."""

import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from random import Random
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from stillwatch.adapters.reports import palette, wording
from stillwatch.adapters.reports.charts import exposure, sharing, timeline, waterfall
from stillwatch.adapters.reports.html import html
from stillwatch.adapters.reports.terminal import terminal
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


@pytest.fixture(scope="module")
def page() -> str:
    scan, figures = three()
    return html(scan, figures, generated_at=GENERATED_AT)


class Page(HTMLParser):
    """What a browser would build: elements with their attributes, and the text a reader could select."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def drawings(source: str) -> Iterator[str]:
    yield from re.findall(r'<svg viewBox="[^>]*max-width.*?</svg>', source, flags=re.DOTALL)


# --- campaigns.json -------------------------------------------------------------------------------------------------

PROMISED = {
    "scanned": "exchanges accounts quarantined from to seconds",
    "campaign": "id rank weight_bits p_value level accounts exchanges first_exchange_at last_exchange_at noticed_at "
    "noticed_after_exchanges techniques capabilities exposure evidence could_be_wrong",
    "accounts": "account membership",
    "techniques": "id atlas share",
    "exposure": "capability low mid high unit nearest_public_scale",
    "evidence": "id axis observed ordinary weight_bits text",
}
ADDED = {"scanned": "notes", "campaign": "name", "evidence": "family"}


@pytest.mark.parametrize("part", PROMISED)
def test_campaigns_json_has_the_promised_keys_and_the_few_added_ones(part: str) -> None:
    written = json.loads(msgspec.json.encode(three()[0]))
    first = written["campaigns"][0]
    parts = {"scanned": written["scanned"], "campaign": first}
    keys = set(parts[part] if part in parts else first[part][0])
    assert keys == set(PROMISED[part].split()) | set(ADDED.get(part, "").split())


def test_campaigns_json_reads_back_as_it_was_written() -> None:
    scan = three()[0]
    assert msgspec.json.decode(msgspec.json.encode(scan), type=Scan) == scan


# --- the page -------------------------------------------------------------------------------------------------------


def test_hostile_names_stay_text_and_never_become_markup(page: str) -> None:
    built = Page(page)
    assert "script" not in {tag for tag, _ in built.elements}
    assert not [name for _, attributes in built.elements for name in attributes if name.startswith("on")]
    assert SCRIPT in built.text
    assert "{{ 7*7 }}" in built.text


def test_a_name_cannot_turn_the_direction_of_the_page_or_move_a_cursor(page: str) -> None:
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert RIGHT_TO_LEFT in page


def test_the_page_loads_nothing_from_anywhere(page: str) -> None:
    loads = [
        value
        for _, attributes in Page(page).elements
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "xlink:href", "data", "action", "poster"} and value
    ]
    assert {value for value in loads if not value.startswith("#")} == {"data:,"}
    assert not re.search(r"url\(|@import|https?://", page)


def test_the_page_forbids_scripts_and_requests_itself(page: str) -> None:
    policy = next(a["content"] for tag, a in Page(page).elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_every_line_of_evidence_is_on_the_page_in_full(page: str) -> None:
    text = Page(page).text
    for campaign in three()[0].campaigns:
        for line in campaign.evidence:
            assert line.text in text
            assert line.observed in text


def test_every_doubt_is_on_the_page(page: str) -> None:
    text = Page(page).text
    assert all(doubt in text for campaign in three()[0].campaigns for doubt in campaign.could_be_wrong)


def test_a_campaign_without_links_growth_or_techniques_still_has_its_section(page: str) -> None:
    assert "never reached review" in page
    assert "none recognised" in page


def test_a_campaign_without_figures_is_shown_without_its_charts() -> None:
    scan, _ = three()
    text = Page(html(scan, {}, generated_at=GENERATED_AT)).text
    assert all(line.text in text for line in scan.campaigns[0].evidence)
    assert "Exposure of Campaign 1" in html(scan, {}, generated_at=GENERATED_AT)


def test_every_chart_is_an_image_with_words_and_a_table_beside_it(page: str) -> None:
    images = [attributes for tag, attributes in Page(page).elements if tag == "svg" and attributes.get("role") == "img"]
    figures = page.count('<figure class="chart">')
    assert figures >= 12
    assert len(images) == 2 * figures  # wide and narrow
    assert all(len(image["aria-label"] or "") > 40 for image in images)
    assert page.count('<details class="data">') == figures


def test_every_chart_is_valid_xml_without_ids_that_could_clash(page: str) -> None:
    drawn = list(drawings(page))
    assert len(drawn) >= 24
    for drawing in drawn:
        root = ElementTree.fromstring(drawing)
        assert root.tag == "svg"
        assert not [element for element in root.iter() if element.get("id") or element.get("clip-path")]


def test_every_colour_of_a_chart_has_a_counterpart_in_the_dark(page: str) -> None:
    known = {colour.light for colour in palette.CHART} | {"none", "transparent"}
    used = {value for drawing in drawings(page) for value in re.findall(r'(?:fill|stroke)="([^"]+)"', drawing)}
    assert used <= known
    assert len({colour.light for colour in palette.CHART}) == len(palette.CHART)


def test_headings_never_skip_a_level(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(page).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_same_scan_gives_the_same_bytes(page: str) -> None:
    scan, figures = three()
    assert html(scan, figures, generated_at=GENERATED_AT) == page


def test_a_scan_that_found_nothing_says_what_it_cannot_see() -> None:
    text = Page(html(nothing_found(), {}, generated_at=GENERATED_AT)).text
    assert "No campaign found in 52,110 exchanges" in text
    assert "not a clean bill" in text
    assert "dispersed accounts with private wording" in text


def test_an_empty_log_without_times_still_makes_a_page() -> None:
    nothing = Scan(
        scanned=Scanned(exchanges=0, accounts=0, quarantined=3, first=None, last=None, seconds=0.0), campaigns=()
    )
    assert "no time known" in Page(html(nothing, {}, generated_at=GENERATED_AT)).text


@pytest.mark.slow
def test_twenty_campaigns_of_two_thousand_accounts_fit_in_two_megabytes() -> None:
    campaigns = [campaign_of(rank, [f"acct_{rank}_{n:05d}" for n in range(2_000)]) for rank in range(1, 21)]
    scan = msgspec.structs.replace(three()[0], campaigns=tuple(campaigns))
    made = html(scan, {c.id: figures_of(c, seed=c.rank, kinds=40) for c in campaigns}, generated_at=GENERATED_AT)
    assert len(made.encode()) <= 2_000_000
    assert "all 2,000 are in campaigns.json" in made


# --- colours --------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, "relative luminance"."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXTS = (
    palette.INK, palette.MUTED, palette.UP, palette.DOWN, palette.ACT, palette.REVIEW, palette.WATCH, palette.WORDS,
    palette.NETWORK, palette.CLIENT, palette.MONEY, palette.REPLAY, palette.OTHER,
)  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reaches_the_contrast_that_readers_need(theme: str) -> None:
    for paper in (palette.PAPER, palette.CARD):
        assert all(contrast(getattr(colour, theme), getattr(paper, theme)) >= 4.5 for colour in TEXTS)
        assert contrast(getattr(palette.AFTER, theme), getattr(paper, theme)) >= 2.9


# --- charts ---------------------------------------------------------------------------------------------------------


def test_the_bars_of_a_waterfall_join_and_end_at_the_weight() -> None:
    first = three()[0].campaigns[0]
    steps = waterfall.summed(first, -8.0)
    for one, following in pairwise(steps[:-1]):
        assert following.start == pytest.approx(one.end)
    assert steps[-2].end == pytest.approx(first.weight_bits)
    assert steps[-1].end == first.weight_bits


def test_what_overlap_takes_away_is_a_bar_of_its_own() -> None:
    first = three()[0].campaigns[0]
    lines = sum(line.weight_bits for line in first.evidence)
    dampened = msgspec.structs.replace(first, weight_bits=lines - 6.0)
    assert any(step.label.startswith("Lines that overlap") for step in waterfall.summed(dampened, 0.0))
    exact = msgspec.structs.replace(first, weight_bits=lines)
    assert not any(step.label.startswith("Lines that overlap") for step in waterfall.summed(exact, 0.0))


def test_many_lines_are_drawn_as_one_and_lose_no_weight() -> None:
    first = three()[0].campaigns[0]
    many = tuple(msgspec.structs.replace(line, id=f"{line.id}-{n}") for n in range(4) for line in first.evidence)
    steps = waterfall.summed(msgspec.structs.replace(first, evidence=many), 0.0)
    assert len(steps) <= waterfall.MOST_LINES + 3
    assert steps[-2].end == pytest.approx(first.weight_bits)


def test_the_timeline_counts_every_exchange_at_every_width() -> None:
    scan, figures = three()
    first = scan.campaigns[0]
    drawing = timeline.draw(first, figures[first.id])
    total = sum(bucket.exchanges for bucket in figures[first.id].timeline)
    assert sum(int(row[1].replace(",", "")) for row in drawing.rows) == total


def test_a_timeline_of_one_bucket_is_drawn() -> None:
    scan, figures = three()
    first = scan.campaigns[0]
    one = msgspec.structs.replace(figures[first.id], timeline=figures[first.id].timeline[:1])
    assert "<svg" in timeline.draw(first, one).wide


def test_accounts_with_the_same_links_share_a_row() -> None:
    links = [AccountLink(account=f"a{n}", kind="template", entity="passage 1", exchanges=5) for n in range(31)]
    links.append(AccountLink(account="b", kind="payment", entity="print 2", exchanges=5))
    scan, figures = three()
    shared = msgspec.structs.replace(figures[scan.campaigns[0].id], links=tuple(links), account_exchanges=())
    matrix = sharing.arranged(shared, rows=10, columns=10)
    assert sorted((row.accounts, row.exchanges) for row in matrix.rows) == [(1, 5), (31, 155)]


def test_what_the_matrix_does_not_draw_is_counted() -> None:
    scan, figures = three()
    second = scan.campaigns[1]
    matrix = sharing.arranged(figures[second.id], rows=2, columns=3)
    assert sum(row.accounts for row in matrix.rows) + matrix.accounts_left_out == len(second.accounts)
    assert len(matrix.columns) + matrix.entities_left_out == 18


def test_no_exposure_is_drawn_as_nothing_and_not_as_a_failure() -> None:
    third = three()[0].campaigns[2]
    drawing = exposure.draw(third)
    assert drawing is not None
    assert drawing.rows[0][:4] == ("writing", "0", "0", "0")
    assert exposure.draw(msgspec.structs.replace(third, exposure=())) is None


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (817, "817"), (999.6, "1k"), (1_000, "1k"), (1_240, "1.2k"), (52_000, "52k"), (999_900, "1M"),
     (151_000_000, "151M")],
)  # fmt: skip
def test_numbers_are_shortened_to_three_figures(number: float, text: str) -> None:
    assert wording.compact(number) == text


def test_a_small_share_is_never_shown_as_nothing_nor_an_incomplete_one_as_all() -> None:
    assert (wording.percent(0), wording.percent(0.004), wording.percent(0.996), wording.percent(1)) == (
        "0%", "<1%", ">99%", "100%",
    )  # fmt: skip


def test_a_shortened_name_keeps_both_ends() -> None:
    assert wording.shortened(LONG, 20).startswith("acct_")
    assert wording.shortened(LONG, 20).endswith("end")
    assert len(wording.shortened(LONG, 20)) == 20


# --- the terminal ---------------------------------------------------------------------------------------------------


def printed(scan: Scan, *, is_terminal: bool, width: int = 160) -> str:
    out = io.StringIO()
    terminal(scan, Console(file=out, force_terminal=is_terminal, width=width, color_system=None, legacy_windows=False))
    return out.getvalue()


def test_the_terminal_shows_every_campaign_with_its_reason_and_the_quarantine() -> None:
    text = printed(three()[0], is_terminal=True)
    assert all(word in text for word in ("act", "review", "watch", "2,000", "1,904,233", "57.2"))
    assert "17 lines could not be read" in text


def test_output_to_a_file_is_one_plain_line_a_campaign() -> None:
    lines = printed(three()[0], is_terminal=False, width=40).splitlines()
    assert [line[:2] for line in lines[1:4]] == ["1.", "2.", "3."]
    assert "\x1b" not in "".join(lines)


def test_names_with_escape_sequences_or_markup_reach_the_terminal_as_text() -> None:
    first = three()[0].campaigns[0]
    evil = tuple(msgspec.structs.replace(line, text="\x1b[2J[bold]boo[/bold]") for line in first.evidence)
    scan = msgspec.structs.replace(three()[0], campaigns=(msgspec.structs.replace(first, evidence=evil),))
    text = printed(scan, is_terminal=False)
    assert "\x1b" not in text
    assert "[bold]boo[/bold]" in text


def test_a_terminal_without_campaigns_says_so() -> None:
    assert "No campaign found" in printed(nothing_found(), is_terminal=True)
