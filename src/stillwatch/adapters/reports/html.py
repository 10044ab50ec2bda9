"""``report.html``: one file that an analyst forwards. No scripts, no fonts, no request to anywhere.

Everything is text that a template wrote with autoescape on, or a drawing that an XML writer escaped; a content security
policy in the page forbids the rest. Writing the file is the app's job: here strings go in and a string comes out.
"""

from collections.abc import Mapping
from typing import Any

from stillwatch.adapters.reports import palette, wording
from stillwatch.adapters.reports.charts import exposure, sharing, timeline, waterfall
from stillwatch.adapters.reports.pages import page
from stillwatch.vocabulary.campaigns import LEVELS, Campaign, Figures, Scan
from stillwatch.vocabulary.techniques import BY_ID

#: Members listed over the whole page. All of them are in ``campaigns.json`` and ``accounts.parquet``.
MOST_MEMBERS = 5_000

#: What each level means for the reader.
MEANINGS = {
    "act": "strong enough to decide without a person first",
    "review": "for an analyst's queue",
    "watch": "context, no action",
}


def html(scan: Scan, figures: Mapping[str, Figures], *, generated_at: str) -> str:
    """The page for ``scan``. ``figures`` by campaign id; a campaign without figures is shown without its charts.

    ``generated_at`` is an ISO 8601 time that the caller read from its clock. Equal arguments give equal bytes.
    """
    scan = wording.made_harmless(scan)
    drawn = {key: wording.made_harmless(value) for key, value in figures.items()}
    share = max(100, MOST_MEMBERS // max(1, len(scan.campaigns)))
    return page("report.html.j2").render(
        scan=scan,
        counts={level: sum(c.level == level for c in scan.campaigns) for level in LEVELS},
        heaviest=max((campaign.weight_bits for campaign in scan.campaigns), default=0.0),
        sections=[_section(campaign, drawn.get(campaign.id), share) for campaign in scan.campaigns],
        meanings=MEANINGS,
        generated_at=wording.harmless(generated_at),
        light=palette.variables(dark=False),
        dark=palette.variables(dark=True),
        swaps=palette.swaps(),
    )


def _section(campaign: Campaign, figures: Figures | None, most_members: int) -> dict[str, Any]:
    """What the template shows of one campaign, charts drawn."""
    members = sorted(campaign.accounts, key=lambda member: (-member.membership, member.account))
    section: dict[str, Any] = {
        "campaign": campaign,
        "anchor": f"campaign-{campaign.rank}",
        "lines": waterfall.in_order(campaign.evidence),
        "techniques": [(t, BY_ID[t.id].name if t.id in BY_ID else "") for t in campaign.techniques],
        "capabilities": sorted(campaign.capabilities.items(), key=lambda item: (-item[1], item[0])),
        "tints": sharing.tints(figures) if figures else [],
        "members": members[:most_members],
        "exchanges_of": {},
        "charts": dict.fromkeys(("waterfall", "timeline", "growth", "sharing")),
    }
    if figures is not None:
        section["exchanges_of"] = {item.account: item.exchanges for item in figures.account_exchanges}
        section["charts"] |= {
            "waterfall": waterfall.draw(campaign, figures),
            "timeline": timeline.draw(campaign, figures) if figures.timeline else None,
            "growth": timeline.draw_growth(campaign, figures),
            "sharing": sharing.draw(campaign, figures),
        }
    section["charts"]["exposure"] = exposure.draw(campaign)
    return section
