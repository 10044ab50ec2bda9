"""The report: complete, harmless, offline, the same every time. Everything in it is invented."""

import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import msgspec
import pytest
from report_samples import GENERATED_AT, LONG, RIGHT_TO_LEFT, SCRIPT, campaign_of, figures_of, nothing_found, three
from rich.console import Console

from stillwatch.adapters.reports import palette, wording
from stillwatch.adapters.reports.html import html
from stillwatch.adapters.reports.terminal import terminal
from stillwatch.vocabulary.campaigns import (
    Scan,
    Scanned,
)


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
