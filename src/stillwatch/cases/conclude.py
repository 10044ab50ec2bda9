"""From findings to campaigns: the shape other tools read, and the figures a report is drawn from."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from stillwatch.cases import facts
from stillwatch.cases.doubts import doubts
from stillwatch.cases.exposure import exposures
from stillwatch.cases.joining import Case, joined
from stillwatch.cases.picture import figures
from stillwatch.cases.replay import Notice, Story, replayed
from stillwatch.detect.candidates import surge
from stillwatch.detect.detection import Detection
from stillwatch.detect.group import Columns
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import I64, Accounts, Ties
from stillwatch.detect.tables import columns_of
from stillwatch.profile.engine import Engine
from stillwatch.vocabulary.campaigns import Campaign, EvidenceShown, Figures, Membership, TechniqueShare
from stillwatch.vocabulary.sketches import SCORE_COLUMNS, SHOWN
from stillwatch.vocabulary.techniques import BY_ID, CAPABILITIES

#: Campaign ids are UUIDs of version 5 in this namespace, so that the same campaign in the same log has the same id.
NAMESPACE = uuid.UUID("6f6c1b0e-6f0e-5b7a-9d53-2f6a4b1f7c11")
#: A technique is listed where at least this share of the campaign's exchanges shows it.
LISTED_SHARE = 0.05

Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Setting:
    """What concluding needs of the run: the engine, the accounts, ties, permits, names, and how things stood at a
    time."""

    engine: Engine
    population: Accounts
    ties: Ties
    permits: Permits
    names: Names
    population_at: Callable[[int], Accounts]
    reference: surge.Reference
    known: Mapping[str, frozenset[str]]  # campaigns of earlier runs: id -> account names
    compared: str = ""  # what p-values rest on, said with each campaign


def conclude(detection: Detection, setting: Setting) -> tuple[tuple[Campaign, ...], dict[str, Figures]]:
    """Campaigns in order of rank, and their figures by campaign id."""
    cases = joined(detection.findings)
    if not cases:
        return (), {}
    everything, links = _facts(cases, setting)
    campaigns: list[Campaign] = []
    drawn: dict[str, Figures] = {}
    taken: set[str] = set()
    for number, case in enumerate(cases):
        mine = {name: column[everything["case_number"] == number] for name, column in everything.items()}
        linked = {name: column[links["case_number"] == number] for name, column in links.items()}
        listed = np.isin(linked["account"], case.accounts)
        own = {name: column[listed] for name, column in linked.items()}
        origins = {finding.group.origin for finding in case.findings}
        core = _core(case, mine, own)
        techniques = frozenset(f.group.technique for f in case.findings if f.group.technique)
        story = Story(
            links=linked,
            core=core,
            ties=setting.ties.of(case.accounts),
            by_template="templates" in origins,
            by_ties="ties" in origins,
            recombined=any(finding.group.pieces for finding in case.findings),
            techniques=techniques,
            reference=setting.reference,
        )
        # What is context only is neither replayed nor drawn: both cost more than finding it.
        acted_on = case.lead.weight.level in ("act", "review")
        notice = replayed(story, setting.population_at, setting.permits) if acted_on else Notice(None, None, ())
        campaign = _campaign(number, case, core, mine, notice, setting, taken)
        taken.add(campaign.id)
        campaigns.append(campaign)
        if acted_on:
            drawn[campaign.id] = figures(case, core, own, notice, setting.ties, setting.names)
    return tuple(campaigns), drawn


def _core(case: Case, mine: Columns, own: Columns) -> Columns:
    """The exchanges that a case is about: those with its templates or techniques, else all.

    Accounts that only ties hold together have no exchanges apart from their others.
    """
    telling = [f.group for f in case.findings if f.group.origin != "ties" and f.weight.level in ("act", "review")]
    if not telling:
        return mine
    shown = np.isin(mine["exchange"], own["exchange"])
    for group in telling:
        if group.origin == "surge":
            shown |= mine[group.technique] >= SHOWN
    return {name: column[shown] for name, column in mine.items()}


def _facts(cases: Sequence[Case], setting: Setting) -> tuple[Columns, Columns]:
    """All exchanges of the cases' accounts, and the links of the cases' own entities, each with ``case_number``."""
    cores: list[tuple[I64, I64]] = []
    for case in cases:
        pairs = [np.stack([f.group.kinds.astype(np.int64), f.group.entities], axis=1) for f in case.findings]
        distinct = np.unique(np.concatenate(pairs), axis=0)
        cores.append((distinct[:, 0], distinct[:, 1]))
    engine = setting.engine
    engine.hold(
        "case_cores",
        pa.table(
            {
                "case_number": pa.array(np.repeat(np.arange(len(cases)), [len(kinds) for kinds, _ in cores])),
                "kind": pa.array(np.concatenate([kinds for kinds, _ in cores]).astype(np.int8)),
                "entity": pa.array(np.concatenate([entities for _, entities in cores])),
            }
        ),
    )
    engine.hold(
        "case_accounts",
        pa.table(
            {
                "case_number": pa.array(np.repeat(np.arange(len(cases)), [len(case.accounts) for case in cases])),
                "account": pa.array(np.concatenate([case.accounts for case in cases])),
            }
        ),
    )
    links = columns_of(engine.table(facts.case_links()))
    return columns_of(engine.table(facts.case_exchanges())), links


def _campaign(
    number: int,
    case: Case,
    core: Columns,
    everything: Columns,
    notice: Notice,
    setting: Setting,
    taken: set[str],
) -> Campaign:
    lead = case.lead
    order = np.argsort(-case.probability, kind="stable")
    names = [setting.names[("account", int(key))] for key in case.accounts[order]]
    first, last = int(core["ts_us"].min()), int(core["ts_us"].max())
    capability = np.bincount(core["capability"], minlength=len(CAPABILITIES)) / len(core["capability"])
    return Campaign(
        id=_identity(names, first, setting.known, taken),
        name=f"Campaign {number + 1}",
        rank=number + 1,
        weight_bits=lead.weight.bits,
        p_value=lead.weight.p_value,
        level=lead.weight.level,  # type: ignore[arg-type]
        accounts=tuple(
            Membership(account=name, membership=round(float(chance), 3))
            for name, chance in zip(names, case.probability[order], strict=True)
        ),
        exchanges=len(core["ts_us"]),
        first_exchange_at=iso(first),
        last_exchange_at=iso(last),
        noticed_at=iso(notice.ts_us) if notice.ts_us is not None else None,
        noticed_after_exchanges=notice.after,
        techniques=_techniques(core),
        capabilities={
            CAPABILITIES[code]: round(float(capability[code]), 3)
            for code in np.argsort(-capability)
            if capability[code] >= 0.01
        },
        exposure=exposures(core, everything, case.accounts, case.probability),
        evidence=tuple(
            EvidenceShown(
                id=item.id,
                family=item.family,
                axis=item.axis,
                observed=item.observed,
                ordinary=item.ordinary,
                weight_bits=item.weight_bits,
                text=item.text,
            )
            for item in sorted(lead.evidence, key=lambda item: -item.weight_bits)
        ),
        could_be_wrong=doubts(case, setting.compared),
    )


def _techniques(core: Columns) -> tuple[TechniqueShare, ...]:
    found = []
    for column in SCORE_COLUMNS:
        share = float(np.mean(core[column] >= SHOWN))
        if share >= LISTED_SHARE:
            technique = BY_ID["SW-T" + column[1:]]
            found.append(TechniqueShare(id=technique.id, atlas=technique.atlas, share=round(share, 3)))
    return tuple(sorted(found, key=lambda shown: -shown.share))


def _identity(names: Sequence[str], first_us: int, known: Mapping[str, frozenset[str]], taken: set[str]) -> str:
    """The id of an earlier run's campaign that shares most accounts, if a third of the smaller one; else a new one."""
    mine = frozenset(names)
    best, best_common = None, 0.0
    for identity, accounts in sorted(known.items()):
        common = len(mine & accounts) / max(1, min(len(mine), len(accounts)))
        if identity not in taken and common > max(best_common, 1 / 3):
            best, best_common = identity, common
    fresh = best or f"campaign--{uuid.uuid5(NAMESPACE, f'{min(names)} {first_us}')}"
    while fresh in taken:  # another campaign of this run begins with the same account at the same time
        fresh = f"campaign--{uuid.uuid5(NAMESPACE, fresh)}"
    return fresh


def iso(ts_us: int) -> str:
    """A time in microseconds as RFC 3339 text in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(ts_us / 1e6, tz=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
