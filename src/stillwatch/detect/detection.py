"""From standing aggregates to findings: candidates, groups, evidence, weight, membership.

The engine is a port; this room says what to ask and never how it runs. All that is capped is said in ``notes``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from stillwatch.detect import calibrate, own_groups, peers
from stillwatch.detect.candidates import peers as peered
from stillwatch.detect.candidates import recombined, surge, templates
from stillwatch.detect.candidates import ties as tied
from stillwatch.detect.candidates.templates import Candidate
from stillwatch.detect.covered import Covered
from stillwatch.detect.evidence import CATALOGUE
from stillwatch.detect.evidence.line import Evidence
from stillwatch.detect.forming import groups
from stillwatch.detect.group import Group
from stillwatch.detect.membership import LISTED, in_burst, memberships, odd_ones_out, probability, tied_to
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import F64, I64, UNKNOWN, Accounts, Ties
from stillwatch.detect.reuse import reused
from stillwatch.detect.weigh import ACT_ACCOUNTS, FALSE_DISCOVERIES, Weight, calibrated, weigh
from stillwatch.profile import standing
from stillwatch.profile.engine import Engine

#: Candidates that are judged in full; the rest, least elicitation and fewest accounts first, are counted in the notes.
MOST_CANDIDATES = 1500
#: Account-fingerprint pairs that are held in memory at once.
MOST_PAIRS = 3_000_000
#: Weight from which a first pass takes a group's accounts out of what is ordinary.
SUSPECTED_BITS = 12.0
#: Weight from which a group without a level is worth asking other members about.
HINT_BITS = 7.0
#: How much surer another member's sighting makes an account of a neighbourhood.
SEEN_BITS = 1.0
#: Weight of the sign-up burst from which an account made at another time is an odd one out.
BURST = 2.0
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Finding:
    """Accounts that seem to work together, with the evidence. ``accounts`` and ``probability`` are aligned."""

    group: Group
    evidence: tuple[Evidence, ...]
    weight: Weight
    accounts: I64
    probability: F64
    permits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Promising:
    """A group that may be a finding: its row among all groups judged, its candidate's number, and its first weight."""

    row: int
    number: int
    group: Group
    notes: tuple[str, ...]
    bits: float


@dataclass
class Detection:
    """All findings of a run, and what the reader must know about how they were searched for."""

    findings: list[Finding] = field(default_factory=list)
    judged: int = 0
    block_scores: F64 = field(default_factory=lambda: np.zeros((0, len(calibrate.BLOCKS))))
    notes: list[str] = field(default_factory=list)
    own: calibrate.Own | None = None  # the provider's own null, as earlier scans left it
    seen: own_groups.Seen | None = None  # the groups of this run, for later scans
    hints: list[tuple[I64, float]] = field(default_factory=list)  # members and weight of groups worth asking about


@dataclass
class _FirstLook:
    """What a first pass over the groups leaves: rows are groups, in the order in which they were formed."""

    detection: Detection
    held: Covered
    numbers: list[int] = field(default_factory=list)  # of the candidates
    sizes: list[int] = field(default_factory=list)
    block_scores: list[F64] = field(default_factory=list)
    known: list[own_groups.Known] = field(default_factory=list)
    promising: list[Promising] = field(default_factory=list)
    suspected: list[I64] = field(default_factory=list)
    pieces: list[recombined.Piece] = field(default_factory=list)

    def take(self, number: int, candidate: Candidate, group: Group, notes: tuple[str, ...]) -> None:
        evidence, weight = assessed(group)
        self.numbers.append(number)
        self.sizes.append(len(group.members))
        self.block_scores.append(calibrate.scores(weight.families))
        self.known.append(own_groups.known(group))
        if weight.level is not None and not self.held.by_heavier(group, weight.bits):
            self.promising.append(Promising(len(self.numbers) - 1, number, group, notes, weight.bits))
        if weight.bits >= HINT_BITS:
            self.detection.hints.append((group.members, weight.bits))
        if weight.bits >= SUSPECTED_BITS:
            self.suspected.append(group.members)
        piece = recombined.piece(candidate, group.members, evidence, weight)
        if piece is not None:
            self.pieces.append(piece)


def detect(
    engine: Engine,
    population: Accounts,
    ties: Ties,
    permits: Permits,
    work: Path,
    past: own_groups.Seen | None = None,
    reference: surge.Reference | None = None,
) -> Detection:
    """Judge every candidate. Tables ``pairs``, ``kept_links`` and ``fresh`` are attached; ``work`` may be filled.

    ``past`` are the groups of earlier scans, ``reference`` the accounts of earlier weeks (composed ones without).
    """
    detection = Detection(own=own_groups.null(past, ()))
    found, unseen = _candidates(engine, population, ties, work, detection, reference or surge.shipped())
    ours = len(found)
    if peers.SIGHTED in population.columns:
        found += peered.candidates(population, reference or surge.shipped())
    if not found:
        return detection
    rows: list[int] = []
    first = _FirstLook(detection, Covered.of(population))
    for number, group, notes in groups(engine, found, population, ties, permits, work):
        first.take(number, found[number], group, notes)
    drawn = [number < ours for number in first.numbers]  # what sightings made is no group of a scan without them
    tested = np.flatnonzero(np.array(first.sizes) >= ACT_ACCOUNTS)
    together = recombined.candidates(first.pieces)
    if together:
        formed_before, found = len(found), found + together
        for number, group, notes in groups(engine, found, population, ties, permits, work, formed_before):
            first.take(number, found[number], group, notes)
    lasting = np.flatnonzero(drawn)
    block_scores, known = first.block_scores, first.known
    detection.judged = len(block_scores)
    baseline = replace(population, suspected=np.unique(np.concatenate([_NONE, *first.suspected])))
    telling = _telling(first.promising, population)
    for one, group in zip(telling, _looked_again(engine, telling, baseline), strict=True):
        finding = judged(group, one.notes)
        if finding is not None:
            block_scores[one.row] = calibrate.scores(finding.weight.families)
            detection.findings.append(finding)
            rows.append(one.row)
    detection.block_scores = np.array(block_scores).reshape(-1, len(calibrate.BLOCKS))
    detection.own = own_groups.null(past, known)
    detection.findings = _calibrated(detection, rows, tested, unseen)
    heavy = {row: f.accounts for row, f in zip(rows, detection.findings, strict=True) if f.weight.level != "watch"}
    seen = own_groups.judged(known, detection.block_scores, heavy, population)
    detection.seen = seen if len(lasting) == len(seen) else own_groups.only(seen, lasting)
    detection.findings.sort(key=lambda finding: -finding.weight.bits)
    return detection


def _candidates(
    engine: Engine, population: Accounts, ties: Ties, work: Path, detection: Detection, reference: surge.Reference
) -> tuple[list[Candidate], int]:
    """Candidates from three directions, and how many large ones were left out for their number."""
    engine.store(standing.entity_reach(), work / "entity_reach.parquet")
    engine.attach("entity_reach", [work / "entity_reach.parquet"])
    shared = templates.candidates(_pairs(engine, detection))
    found = _screened(shared, population, detection)
    unseen = _large(shared) - _large(found)
    found += [templates.crowd(members) for members in tied.candidates(ties, population)]
    found += surging(population, reference)
    return found, unseen


def surging(population: Accounts, reference: surge.Reference) -> list[Candidate]:
    """The candidates that a surge makes."""
    crowds = surge.candidates(population, reference)
    return [templates.crowd(found.accounts, found.technique, found.expected) for found in crowds]


def _large(found: Sequence[Candidate]) -> int:
    """How many candidates could be acted on by their size."""
    return sum(len(candidate.accounts) >= ACT_ACCOUNTS for candidate in found)


def _calibrated(detection: Detection, rows: Sequence[int], tested: I64, unseen: int) -> list[Finding]:
    """The findings with p-values; ``rows`` say where each stands among all groups.

    e-BH tests the groups that are large enough to be acted on: which they are does not depend on their scores. Those
    that were left out for their number (``unseen``) were chosen by what they ask for, so they count as tested too.
    """
    if not detection.findings:
        return []
    e = calibrate.e_values(detection.block_scores, detection.own)
    discovered = set(tested[calibrate.e_bh(e[tested], FALSE_DISCOVERIES, unseen)].tolist())
    p = calibrate.p_values(e)
    return [
        finding  # chosen by its weight: no p-value can be read off
        if finding.group.pieces
        else replace(finding, weight=calibrated(finding.weight, float(p[row]), discovered=row in discovered))
        for finding, row in zip(detection.findings, rows, strict=True)
    ]


def assessed(group: Group) -> tuple[tuple[Evidence, ...], Weight]:
    """Every line's evidence on a group, and what it adds up to. What was put together of pieces is chosen by what they
    weigh: it is for a person to look at."""
    evidence = tuple(item for line in CATALOGUE if (item := line.of(group)) is not None)
    weight = weigh(evidence, len(group.members))
    return evidence, replace(weight, level="review") if group.pieces and weight.level == "act" else weight


def judged(group: Group, permits: tuple[str, ...] = ()) -> Finding | None:
    """The finding on one group, or ``None`` where it is ordinary."""
    evidence, weight = assessed(group)
    if weight.level is None:
        return None
    accounts, counts = _everyone(group)
    rows = group.population.rows(accounts)
    tied = tied_to(accounts, group.members, group.ties)
    bits = memberships(counts, group.population["exchanges"][rows], tied, weight.bits, passing=group.passing)
    paid = (group.population["payment"][rows] != UNKNOWN) | tied
    bits += odd_ones_out(tied, paid)
    if any(item.id == "signup-burst" and item.weight_bits >= BURST for item in evidence):
        created = group.population["created_us"][rows]
        bits += odd_ones_out(in_burst(created), created != UNKNOWN)
    if group.origin == "ties":
        share = group.population["eliciting"][rows] / np.maximum(1, group.population["exchanges"][rows])
        bits += odd_ones_out(share >= 0.5 * float(np.median(share)), np.full(len(rows), float(np.median(share)) > 0.2))
    if group.origin == "surge" and peers.known(group):
        bits += np.where(group.population[peers.SIGHTED][rows] > 1, SEEN_BITS, 0.0)
    chance = probability(bits)
    if group.origin == "surge":  # so many of the accounts would be there without any campaign
        chance *= 1.0 - min(1.0, group.expected / len(group.members))
    listed = chance >= LISTED
    return Finding(group, evidence, weight, accounts[listed], chance[listed], permits)


def _telling(promising: Sequence[Promising], population: Accounts) -> list[Promising]:
    """Without the groups that say nothing new; in order of candidates."""
    held = Covered.of(population)
    ordered = sorted(promising, key=lambda one: -one.bits)
    return sorted((one for one in ordered if not held.by_heavier(one.group, one.bits)), key=lambda one: one.number)


def _looked_again(engine: Engine, telling: Sequence[Promising], baseline: Accounts) -> Iterator[Group]:
    """The groups that may be findings, against a baseline without suspects, and with what is dear to know."""
    groups = [one.group for one in telling]
    for group, reuse in zip(groups, reused(engine, [one.number for one in telling], groups), strict=True):
        yield replace(group, reuse=reuse, population=baseline)


def _everyone(group: Group) -> tuple[I64, I64]:
    accounts = np.r_[group.members, group.fringe]
    counts = np.r_[group.counts, group.fringe_counts]
    order = np.argsort(accounts)
    return accounts[order], counts[order]


def _pairs(engine: Engine, detection: Detection) -> templates.Pairs:
    """The pairs that make templates. Where they would not fit, fingerprints are sampled: a template has many."""
    least = {"repeating": templates.FEWEST_ACCOUNTS, "showing": templates.SHOWN_BY}
    total = engine.table(standing.shared_pairs_total(**least))["pairs"][0].as_py() or 0
    one_in = -(-total // MOST_PAIRS) or 1
    if one_in > 1:
        detection.notes.append(
            f"Templates were searched by one fingerprint in {one_in}: the log shares too many for all."
        )
    table = engine.table(standing.shared_pairs(**least, one_in=one_in))
    columns = [table[name].to_numpy() for name in ("kind", "entity", "account", "exchanges")]
    return templates.Pairs(columns[0].astype(np.int8), *(column.astype(np.int64) for column in columns[1:]))


def _screened(found: Sequence[Candidate], population: Accounts, detection: Detection) -> list[Candidate]:
    """The candidates to judge in full: those whose accounts elicit most, then the largest."""
    if len(found) <= MOST_CANDIDATES:
        return list(found)
    share = population["eliciting"] / np.maximum(1, population["exchanges"])

    def promise(candidate: Candidate) -> float:
        return float(np.mean(share[population.rows(candidate.accounts)]) * 8 + np.log2(len(candidate.accounts)))

    ordered = sorted(found, key=promise, reverse=True)
    detection.notes.append(
        f"{len(found):,} groups shared some template; the {MOST_CANDIDATES:,} most telling were judged in full."
    )
    return ordered[:MOST_CANDIDATES]
