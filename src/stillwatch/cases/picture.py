"""The figures of one case: a timeline, who shares what, and how the weight grew. Labels, never words of a prompt."""

from collections.abc import Mapping

import numpy as np

from stillwatch.cases.joining import Case
from stillwatch.cases.replay import Notice
from stillwatch.detect.evidence.shared_infrastructure import OWN
from stillwatch.detect.group import Columns
from stillwatch.detect.population import I64, Ties
from stillwatch.detect.weigh import ACT_BITS, REVIEW_BITS
from stillwatch.vocabulary.campaigns import AccountExchanges, AccountLink, Figures, ReplayPoint, TimelineBucket
from stillwatch.vocabulary.sketches import KINDS

MOST_ACCOUNTS = 60
MOST_ENTITIES = 40
HOUR, DAY = 3_600, 86_400


def figures(
    case: Case, core: Columns, links: Columns, notice: Notice, ties: Ties, names: Mapping[tuple[str, int], str]
) -> Figures:
    """All that the report draws of one case."""
    accounts, counts = np.unique(core["account"], return_counts=True)
    busiest = accounts[np.argsort(-counts, kind="stable")][:MOST_ACCOUNTS]
    shown, left_out = _links(busiest, links, ties.of(case.accounts), names)
    grain = HOUR if (int(core["ts_us"].max()) - int(core["ts_us"].min())) < 10 * DAY * 1_000_000 else DAY
    return Figures(
        bucket_seconds=grain,
        timeline=_timeline(core["ts_us"], grain),
        links=shown,
        account_exchanges=tuple(
            AccountExchanges(account=names[("account", int(key))], exchanges=int(count))
            for key, count in zip(accounts, counts, strict=True)
        ),
        replay=tuple(ReplayPoint(exchanges=served, weight_bits=bits) for served, bits in notice.points),
        review_bits=REVIEW_BITS,
        act_bits=ACT_BITS,
        accounts_left_out=max(0, len(case.accounts) - len(busiest)),
        entities_left_out=left_out,
    )


def _timeline(ts_us: I64, grain: int) -> tuple[TimelineBucket, ...]:
    starts, counts = np.unique(ts_us // (grain * 1_000_000), return_counts=True)
    stamps = [f"{np.datetime64(int(start) * grain, 's')}Z" for start in starts]
    return tuple(TimelineBucket(start=stamp, exchanges=int(count)) for stamp, count in zip(stamps, counts, strict=True))


def _links(
    accounts: I64, links: Columns, ties: Ties, names: Mapping[tuple[str, int], str]
) -> tuple[tuple[AccountLink, ...], int]:
    """The strongest entities: text entities with equal account sets stand as one template, then ties of the group's
    own."""
    columns = _templates(links) + _own_ties(ties, names)
    columns.sort(key=lambda column: -len(column[2]))
    found = []
    for kind, label, by_account in columns[:MOST_ENTITIES]:
        for account in accounts.tolist():
            if account in by_account:
                name = names[("account", account)]
                found.append(AccountLink(account=name, kind=kind, entity=label, exchanges=by_account[account]))
    return tuple(found), max(0, len(columns) - MOST_ENTITIES)


def _templates(links: Columns) -> list[tuple[str, str, dict[int, int]]]:
    keys = np.stack([links["kind"].astype(np.int64), links["entity"], links["account"]], axis=1)
    distinct, counts = np.unique(keys, axis=0, return_counts=True)
    entities: dict[tuple[int, int], dict[int, int]] = {}
    for (kind, entity, account), count in zip(distinct.tolist(), counts.tolist(), strict=True):
        entities.setdefault((kind, entity), {})[account] = count
    together: dict[tuple[str, frozenset[int]], tuple[int, dict[int, int]]] = {}
    for (kind, entity), by_account in entities.items():
        key = (_kind(kind), frozenset(by_account))
        if len(by_account) > 1 and key not in together:
            together[key] = (entity, by_account)
    return [(kind, f"{kind} {entity & 0xFFFF:04x}", by_account) for (kind, _), (entity, by_account) in together.items()]


def _kind(kind: int) -> str:
    name = KINDS[kind]
    return {"passage": "template", "prefix": "template", "suffix": "template", "near": "template"}.get(
        name, name.partition("-")[0]
    )


def _own_ties(ties: Ties, names: Mapping[tuple[str, int], str]) -> list[tuple[str, str, dict[int, int]]]:
    columns: dict[tuple[str, int], dict[int, int]] = {}
    reach: dict[tuple[str, int], int] = {}
    for kind, entity, account, accounts in zip(ties.name, ties.entity, ties.account, ties.reach, strict=True):
        key = (ties.names[int(kind)], int(entity))
        columns.setdefault(key, {})[int(account)] = 1
        reach[key] = int(accounts)
    return [
        (kind, names.get((kind, entity), f"{kind} {entity & 0xFFFF:04x}"), by_account)
        for (kind, entity), by_account in columns.items()
        if len(by_account) > 1 and len(by_account) >= OWN * reach[(kind, entity)]
    ]
