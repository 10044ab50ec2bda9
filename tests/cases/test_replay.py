"""When would a campaign have been noticed? Replayed in order of time, never with hindsight."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from small_logs import DAY_US, HOUR_US, NO_PERMITS, Log, standing
from stillwatch.apps.sensor.standing import looking_back
from stillwatch.cases.replay import FIRST_CHECKPOINT, Notice, Story, replayed
from stillwatch.detect.candidates import surge
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import Accounts
from stillwatch.detect.tables import columns_of

TEMPLATE = range(100, 108)


def _told(log: Log, work: Path, *, permits: Permits = NO_PERMITS, by_ties: bool = False) -> Notice:
    story, population_at = _story(log, work, by_ties=by_ties)
    return replayed(story, population_at, permits)


def _story(log: Log, work: Path, *, by_ties: bool = False) -> tuple[Story, Callable[[int], Accounts]]:
    """The replay of accounts 1 to 999 and of whoever else shows the template."""
    work.mkdir(exist_ok=True)
    stands = standing(log, work)
    core, links = columns_of(log.table()), columns_of(log.link_table())
    own = np.isin(links["entity"], list(TEMPLATE))
    links = {name: column[own] for name, column in links.items()}
    mine = core["account"] < 1_000
    if not by_ties:
        mine &= np.isin(core["exchange"], links["exchange"])
    order = np.flatnonzero(mine)[np.argsort(core["ts_us"][mine], kind="stable")]
    core = {name: column[order] for name, column in core.items()}
    ties = stands.ties.of(np.unique(core["account"]))
    story = Story(links, core, ties, not by_ties, by_ties, False, frozenset(), surge.shipped())
    return story, looking_back(stands.engine, log.recorded_table())


def test_a_campaign_is_noticed_before_most_of_it_is_served(tmp_path: Path) -> None:
    notice = _told(Log().ordinary().campaign(), tmp_path)
    assert notice.after is not None
    assert FIRST_CHECKPOINT <= notice.after < 120
    assert notice.ts_us is not None
    assert DAY_US <= notice.ts_us < DAY_US + 30 * HOUR_US


def test_points_lead_up_to_the_notice_and_end_there(tmp_path: Path) -> None:
    notice = _told(Log().ordinary().campaign(), tmp_path)
    served = [exchanges for exchanges, _ in notice.points]
    assert served == sorted(set(served))
    assert served[-1] == notice.after
    assert all(bits < 12.0 for _, bits in notice.points[:-1])
    assert notice.points[-1][1] >= 12.0


def test_what_happens_later_changes_nothing(tmp_path: Path) -> None:
    first = _told(Log().ordinary().campaign(), tmp_path / "first")
    assert first.ts_us is not None
    log = Log().ordinary().campaign()
    later = (first.ts_us // HOUR_US + 1) * HOUR_US
    draw = np.random.default_rng(9)
    for account in range(1, 13):
        for _ in range(50):
            log.say(account, later + int(draw.integers(0, DAY_US)), TEMPLATE, t16=100, network=7)
    for account in range(1_000, 1_080):
        for _ in range(5):
            log.say(account, later + int(draw.integers(0, DAY_US)), [*TEMPLATE][:6])
    assert _told(log, tmp_path / "second") == first


def test_accounts_that_do_nothing_in_common_are_never_noticed(tmp_path: Path) -> None:
    log = Log().ordinary()
    for account in range(1, 13):
        log.record(account, -300 * DAY_US - account * 40 * DAY_US)
        for turn in range(15):
            words = [*TEMPLATE] if turn < 2 else []
            log.say(account, account * 5 * HOUR_US + turn * HOUR_US, words, assistant_turns=2)
    notice = _told(log, tmp_path)
    assert (notice.ts_us, notice.after) == (None, None)
    assert notice.points[-1][0] == 24


def test_strangers_who_show_the_template_are_seen_by_the_replay_too(tmp_path: Path) -> None:
    quiet = Log().ordinary().campaign()
    public = Log().ordinary().campaign()
    for account in range(1_000, 1_100):
        public.say(account, HOUR_US * 2, TEMPLATE)
    alone, among = _told(quiet, tmp_path / "quiet"), _told(public, tmp_path / "public")
    assert dict(among.points)[FIRST_CHECKPOINT * 3 // 2] < dict(alone.points)[FIRST_CHECKPOINT * 3 // 2]
    assert alone.after == FIRST_CHECKPOINT * 3 // 2
    assert among.after is None or among.after > alone.after  # most of the group's exchanges are strangers' then


def test_accounts_that_only_a_card_ties_are_noticed_by_the_card(tmp_path: Path) -> None:
    log = Log().ordinary(500).campaign()
    log.links = [link for link in log.links if link["account"] >= 1_000]
    notice = _told(log, tmp_path, by_ties=True)
    assert notice.after is not None


def test_permitted_accounts_are_never_noticed(tmp_path: Path) -> None:
    permits = Permits([], {}, np.arange(1, 13, dtype=np.int64))
    notice = _told(Log().ordinary().campaign(), tmp_path, permits=permits)
    assert (notice.ts_us, notice.after) == (None, None)
