"""How things stand over all that is kept: accounts, entities and ties, merged from the parts of every scan.

Tables: ``hours``, ``pairs``, ``ties``, ``kept_links``, ``fresh`` (each the union of all parts in the window).
"""

from stillwatch.profile.query import Query
from stillwatch.vocabulary.sketches import SCORE_COLUMNS
from stillwatch.vocabulary.techniques import CAPABILITIES

#: The columns of an exchange that evidence looks at, of a table named ``f``.
EXCHANGE_COLUMNS = ", ".join(
    f"f.{name}"
    for name in (
        "exchange", "ts_us", "account", "organization", "network", "address", "client", "model", "surface",
        "parameters", "prompt", "system", "tools", "prompt_symbols", "capability", "status", "user_turns",
        "assistant_turns", "tools_offered", "tool_results", "images", "completion_tokens", "reasoning_tokens",
        "answer", "refused",
        *SCORE_COLUMNS,
    )
)  # fmt: skip


def accounts(*, until_hour: int) -> Query:
    """One row per account: volume, span, activity and what its requests are about, up to and with an hour."""
    summed = ("exchanges", "single_turn", "refused", "forbidden", "completion_tokens", "eliciting")
    sums = ",\n".join(
        f"CAST(SUM({name}) AS BIGINT) AS {name}"
        for name in (*summed, *(f"c{code}" for code in range(len(CAPABILITIES))), *SCORE_COLUMNS)
    )
    return Query(
        "accounts",
        f"""
        SELECT account, MIN(organization) AS organization, COUNT(DISTINCT hour_index) AS active_hours,
               MIN(first_us) AS first_us, MAX(last_us) AS last_us,
               {sums}
        FROM hours
        WHERE hour_index <= $until_hour
        GROUP BY account
        """,
        {"until_hour": until_hour},
    )


def entity_reach() -> Query:
    """One row per text entity: accounts that show it, accounts that repeat it, exchanges, first time."""
    return Query(
        "entity_reach",
        """
        SELECT kind, entity, COUNT(*) AS accounts,
               CAST(SUM(CASE WHEN n > 1 THEN 1 ELSE 0 END) AS BIGINT) AS repeating,
               CAST(SUM(n) AS BIGINT) AS exchanges, MIN(first_us) AS first_us
        FROM (SELECT account, kind, entity, CAST(SUM(exchanges) AS BIGINT) AS n, MIN(first_us) AS first_us
              FROM pairs GROUP BY account, kind, entity) AS merged
        GROUP BY kind, entity
        HAVING COUNT(*) > 1
        """,
    )


def shared_pairs_total(*, repeating: int, showing: int) -> Query:
    """How many rows ``shared_pairs`` would have: (pairs)."""
    return Query(
        "shared_pairs_total",
        """
        SELECT CAST(SUM(accounts) AS BIGINT) AS pairs
        FROM entity_reach
        WHERE repeating >= $repeating OR accounts >= $showing
        """,
        {"repeating": repeating, "showing": showing},
    )


def shared_pairs(*, repeating: int, showing: int, one_in: int) -> Query:
    """Pairs of entities that ``repeating`` accounts repeat or ``showing`` show: (kind, entity, account, exchanges,
    first_us).

    Entities are sealed, so their remainder by ``one_in`` is as good as a draw.
    """
    return Query(
        "shared_pairs",
        """
        SELECT p.kind, p.entity, p.account, CAST(SUM(p.exchanges) AS BIGINT) AS exchanges, MIN(p.first_us) AS first_us
        FROM pairs AS p
        JOIN entity_reach AS r ON r.kind = p.kind AND r.entity = p.entity
        WHERE (r.repeating >= $repeating OR r.accounts >= $showing) AND p.entity % $one_in = 0
        GROUP BY p.kind, p.entity, p.account
        """,
        {"repeating": repeating, "showing": showing, "one_in": one_in},
    )


def shared_ties() -> Query:
    """Account-tie pairs of values that two accounts or more show: (tie, entity, account, accounts, first_us)."""
    return Query(
        "shared_ties",
        """
        SELECT t.tie, t.entity, t.account, MIN(r.accounts) AS accounts, MIN(t.first_us) AS first_us
        FROM ties AS t
        JOIN (SELECT tie, entity, COUNT(*) AS accounts
              FROM (SELECT tie, entity, account FROM ties GROUP BY tie, entity, account) AS distinct_rows
              GROUP BY tie, entity
              HAVING COUNT(*) > 1) AS r
          ON r.tie = t.tie AND r.entity = t.entity
        GROUP BY t.tie, t.entity, t.account
        """,
    )


def tied_accounts() -> Query:
    """What each account shows that can be named: (tie, entity, account, exchanges, first_us, last_us)."""
    return Query(
        "tied_accounts",
        """
        SELECT tie, entity, account, CAST(SUM(exchanges) AS BIGINT) AS exchanges,
               MIN(first_us) AS first_us, MAX(last_us) AS last_us
        FROM ties
        WHERE tie = $address OR tie = $client
        GROUP BY tie, entity, account
        ORDER BY account, tie, entity
        """,
        {"address": "address", "client": "client"},
    )


def core_links() -> Query:
    """Links of the candidates' own entities: (candidate, exchange, account, ts_us, matched).

    ``cores`` holds (candidate, kind, entity); an exchange counts once per candidate however many fingerprints
    of it match, ``matched`` says how many.
    """
    return Query(
        "core_links",
        """
        SELECT c.candidate, l.exchange, MIN(l.account) AS account, MIN(l.ts_us) AS ts_us, COUNT(*) AS matched
        FROM kept_links AS l
        JOIN cores AS c ON c.kind = l.kind AND c.entity = l.entity
        GROUP BY c.candidate, l.exchange
        """,
    )


def core_sizes() -> Query:
    """Core exchanges of each candidate: (candidate, exchanges)."""
    return Query("core_sizes", "SELECT candidate, COUNT(*) AS exchanges FROM core_links GROUP BY candidate")


def core_counts() -> Query:
    """Core exchanges and first core time of each account: (candidate, account, exchanges, first_us)."""
    return Query(
        "core_counts",
        """
        SELECT candidate, account, COUNT(*) AS exchanges, MIN(ts_us) AS first_us
        FROM core_links
        GROUP BY candidate, account
        ORDER BY candidate, account
        """,
    )


def crowd_links(*, shown: int) -> Query:
    """Every exchange of the candidates that ties or a surge made: (candidate, exchange, account, ts_us, matched).

    ``crowds`` holds (candidate, account, technique): with a technique (its place in ``SCORE_COLUMNS``, else -1) only
    the exchanges that show it by a score of ``shown``.
    """
    cases = " ".join(f"WHEN {code} THEN f.{name}" for code, name in enumerate(SCORE_COLUMNS))
    return Query(
        "crowd_links",
        f"""
        SELECT c.candidate, f.exchange, f.account, f.ts_us, 1 AS matched
        FROM fresh AS f
        JOIN crowds AS c ON c.account = f.account
        WHERE c.technique < 0 OR CASE c.technique {cases} ELSE 0 END >= $shown
        """,
        {"shown": shown},
    )


def core_exchanges(first: int, last: int) -> Query:
    """What the sketch knows of the core exchanges of candidates ``first`` to ``last``, in order of candidate and time.

    Large cores are sampled by whole prompt (``sampling``: candidate, one_in), so that copies of a prompt stay together.
    ``model_first_us`` is when the exchange's model first stood in the log, ``model_adopters`` how many accounts asked
    for it in the day after that.
    """
    return Query(
        "core_exchanges",
        f"""
        SELECT l.candidate, l.matched, {EXCHANGE_COLUMNS}, m.model_first_us, m.model_adopters
        FROM core_links AS l
        JOIN sampling AS s ON s.candidate = l.candidate
        JOIN fresh AS f ON f.exchange = l.exchange
        LEFT JOIN (SELECT tried.model, MIN(started.first_us) AS model_first_us, COUNT(*) AS model_adopters
                   FROM (SELECT model, account, MIN(ts_us) AS first_us FROM fresh GROUP BY model, account) AS tried
                   JOIN (SELECT model, MIN(ts_us) AS first_us FROM fresh GROUP BY model) AS started
                     ON started.model = tried.model
                   WHERE tried.first_us < started.first_us + 86400000000
                   GROUP BY tried.model) AS m
          ON m.model = f.model
        WHERE l.candidate >= $first AND l.candidate <= $last AND COALESCE(f.prompt, f.exchange) % s.one_in = 0
        ORDER BY l.candidate, f.ts_us, f.exchange
        """,
        {"first": first, "last": last},
    )


def payload_reuse() -> Query:
    """Core exchanges that share passages with another member beside the template: (candidate, exchange, shared).

    ``looked`` holds (candidate, exchange, account), ``cores`` (candidate, kind, entity); ``shared`` counts the passages
    of the exchange that are no part of the core and stand in another member's core exchanges too.
    """
    return Query(
        "payload_reuse",
        """
        SELECT b.candidate, b.exchange, COUNT(*) AS shared
        FROM (SELECT l.candidate, l.exchange, k.entity
              FROM looked AS l
              JOIN kept_links AS k ON k.exchange = l.exchange
              WHERE k.kind = 0) AS b
        JOIN (SELECT candidate, entity
              FROM (SELECT l.candidate, l.account, k.entity
                    FROM looked AS l
                    JOIN kept_links AS k ON k.exchange = l.exchange
                    WHERE k.kind = 0
                    GROUP BY l.candidate, l.account, k.entity) AS holders
              GROUP BY candidate, entity
              HAVING COUNT(*) > 1) AS common
          ON common.candidate = b.candidate AND common.entity = b.entity
        LEFT JOIN cores AS c ON c.candidate = b.candidate AND c.entity = b.entity
        WHERE c.entity IS NULL
        GROUP BY b.candidate, b.exchange
        """,
    )


def signature_reach(*, shown: int, issued: int) -> Query:
    """Accounts that show an opaque reasoning signature which another account shows too, or was issued.

    A signature belongs to one session of one account. ``shown`` and ``issued`` are codes of ``KINDS``. Rows: (entity,
    account, accounts, first_us).
    """
    return Query(
        "signature_reach",
        """
        SELECT p.entity, p.account, MIN(several.accounts) AS accounts, MIN(p.first_us) AS first_us
        FROM pairs AS p
        JOIN (SELECT entity, COUNT(*) AS accounts
              FROM (SELECT entity, account FROM pairs WHERE kind = $shown OR kind = $issued
                    GROUP BY entity, account) AS holders
              GROUP BY entity HAVING COUNT(*) > 1) AS several
          ON several.entity = p.entity
        WHERE p.kind = $shown
        GROUP BY p.entity, p.account
        """,
        {"shown": shown, "issued": issued},
    )


def dictionary() -> Query:
    """Names behind sealed identifiers, each once: (kind, key, name)."""
    return Query("dictionary", "SELECT kind, key, MIN(name) AS name FROM dictionary GROUP BY kind, key")


def recorded_accounts() -> Query:
    """What accounts files said, of every scan; later parts come later."""
    return Query(
        "recorded_accounts",
        "SELECT account, organization, created_us, programme, payment, signup, verified FROM accounts",
    )


def span() -> Query:
    """First and last time and number of exchanges: (first_us, last_us, exchanges)."""
    return Query(
        "span",
        """
        SELECT MIN(first_us) AS first_us, MAX(last_us) AS last_us, CAST(SUM(exchanges) AS BIGINT) AS exchanges
        FROM hours
        """,
    )
