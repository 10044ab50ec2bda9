"""The attribution report: HTML and Markdown that a lawyer can read. It accuses nobody and names only what was entered.

Same house as the report of a scan: one self-contained file, no script, no request to anywhere, everything escaped.
"""

from typing import Any

import msgspec

from stillwatch.adapters.reports import palette, wording
from stillwatch.adapters.reports.pages import page
from stillwatch.adapters.reports.wording import counted, day, harmless, minute, percent
from stillwatch.attribute.shape import Attribution, Change, Claim, Fact, Group, Part, Range
from stillwatch.vocabulary.times import instant

#: Columns of the matrix: facts with less than this many bits between any two hypotheses are listed and not drawn.
LEAST_BITS = 0.05
#: Bits at which a cell of the matrix has its full colour.
FULL = 3.0
#: Pairs of campaigns that are listed for one group.
MOST_LINKS = 40


def html(found: Attribution, *, generated_at: str) -> str:
    """The page. ``generated_at`` is an ISO 8601 time from the caller's clock. Equal arguments give equal bytes."""
    found = wording.made_harmless(found)
    return page("attribution.html.j2").render(
        found=found,
        sections=[_section(group) for group in found.groups],
        between=[
            (link, list(zip(link.signs, link.signs_bits, strict=True))) for link in found.links_between[:MOST_LINKS]
        ],
        innocent=sum(group.determined and _innocent(group) for group in found.groups),
        undetermined=sum(not group.determined for group in found.groups),
        generated_at=harmless(generated_at),
        light=palette.variables(dark=False),
        dark=palette.variables(dark=True),
        swaps="",
    )


def markdown(found: Attribution, *, generated_at: str) -> str:
    """The same in Markdown, for a file of the case."""
    found = wording.made_harmless(found)
    parts = [
        "# Attribution",
        f"Made by Stillwatch on {minute(generated_at)}. Likelihood words are those of ICD 203 with their ranges. "
        "Nothing here is a finding about a person or a company; names are the member's own entries.",
        *(note for note in found.notes),
    ]
    if not found.groups:
        parts.append("No campaign was read: there is nothing to attribute.")
    for group in found.groups:
        parts += _group_in_words(group)
    parts += ["## What this rests on", "\n".join(f"- {one}" for one in found.assumptions)]
    parts.append("Prior: " + "; ".join(f"{one} {share:.0%}" for one, share in found.prior.items()) + ".")
    return "\n\n".join(map(_plain, parts)) + "\n"


def _group_in_words(group: Group) -> list[str]:
    rows = [
        f"| {one.short} | {percent(one.probability)} | {_likely(one.word)} | {one.prior:.0%} |"
        for one in group.hypotheses
    ]
    parts = [
        f"## {group.name}",
        group.conclusion,
        "\n".join(f"- {_active(part)}" for part in group.campaigns),
        "\n".join(["| explanation | probability | in words | prior |", "| --- | --- | --- | --- |", *rows]),
        f"The order of the first two would turn if the prior odds moved by a factor of {group.odds_to_overturn:,.1f}.",
        "### Claims",
    ]
    parts += [_claim_in_words(claim) for claim in group.claims]
    parts += ["### What would change this", _listed(group.changes), "### What it rests on", _listed(group.rests_on)]
    if group.names:
        parts.append("### Names that the member entered")
        parts += [
            f"- {one.name}, {one.role}; entered by {one.entered_by} on {one.entered_on}; basis: {one.basis}. "
            f"{one.consistency}." + "".join(f" Contrary: {text}." for text in one.contrary)
            for one in group.names
        ]
    facts = [f"- {one.text} {one.seen}. Speaks most for “{one.favours}” ({one.source})." for one in group.facts]
    return [*parts, "### What was seen", "\n".join(facts) or "- nothing that could be weighed"]


def _claim_in_words(claim: Claim) -> str:
    likely = "not assessed here" if claim.word is None else _likely(claim.word)
    lines = [f"**{claim.id.capitalize()}.** {claim.statement}", f"- likelihood: {likely}"]
    if claim.confidence is not None:
        lines.append(f"- confidence in the basis: {claim.confidence}")
    for title, texts in (
        ("because", claim.because),
        ("contrary", claim.contrary),
        ("would change", claim.would_change),
    ):
        lines += [f"- {title}: {text}" for text in texts]
    return "\n".join(lines)


def _likely(word: Range) -> str:
    return f"{word.text} ({word.percentages})"


def _listed(changes: tuple[Change, ...]) -> str:
    return "\n".join(f"- {one.text} → {percent(one.probability_then)}; first then: {one.first_then}" for one in changes)


def _plain(text: str) -> str:
    """No HTML from other people's strings in a file that a viewer may render."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _active(part: Part) -> str:
    return (
        f"{part.label} ({part.source}): {counted(part.accounts, 'account')}, {counted(part.exchanges, 'exchange')}, "
        f"{day(part.first)} to {day(part.last)}"
    )


def _innocent(group: Group) -> bool:
    return group.hypotheses[0].innocent


def _section(group: Group) -> dict[str, Any]:
    """What the template shows of one group."""
    return {
        "group": group,
        "anchor": group.name.lower().replace(" ", "-"),
        "accounts": sum(part.accounts for part in group.campaigns),
        "exchanges": sum(part.exchanges for part in group.campaigns),
        "bars": _bars(group.campaigns),
        "first": min(part.first for part in group.campaigns),
        "last": max(part.last for part in group.campaigns),
        "columns": [one for one in group.hypotheses if one.id != "something-else"],
        "matrix": [_row(fact) for fact in _telling(group.facts)],
        "links": [(link, list(zip(link.signs, link.signs_bits, strict=True))) for link in group.links[:MOST_LINKS]],
        "labels": {part.id: part.label for part in group.campaigns},
        "shorts": {one.id: one.short for one in group.hypotheses},
    }


def _telling(facts: tuple[Fact, ...]) -> list[Fact]:
    spread = [(max(fact.bits.values()) - min(fact.bits.values()), fact) for fact in facts]
    return [fact for width, fact in sorted(spread, key=lambda pair: -pair[0]) if width >= LEAST_BITS]


def _row(fact: Fact) -> dict[str, Any]:
    tint = {one: round(min(1.0, abs(bits) / FULL) * 62) for one, bits in fact.bits.items()}
    return {"fact": fact, "tint": tint}


def _bars(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    """Each campaign as a stretch of the group's whole time, in percent; a hair's width at least."""
    begin = min(instant(part.first) for part in parts)
    whole = max(1.0, (max(instant(part.last) for part in parts) - begin).total_seconds())

    def at(text: str | None) -> float | None:
        return None if text is None else min(100.0, max(0.0, (instant(text) - begin).total_seconds() / whole * 100))

    return [
        {
            "part": part,
            "left": round(at(part.first) or 0.0, 2),
            "width": round(max(0.6, (at(part.last) or 0.0) - (at(part.first) or 0.0)), 2),
            "blocked": at(part.blocked),
        }
        for part in parts
    ]


def encoded(found: Attribution) -> bytes:
    """``attribution.json``."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
