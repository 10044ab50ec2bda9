"""What is new in this scan: which rows are copies, which entities repeat, and the aggregates that history keeps.

Tables: ``sketches``, ``links`` (this scan, as ``sketch`` wrote them), ``dropped`` (row places left out),
``past_exchanges`` (ids that history holds).
"""

from stillwatch.profile.query import Query
from stillwatch.vocabulary.sketches import SCORE_COLUMNS, SHOWN
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Microseconds in an hour: the grain of the aggregates.
HOUR_US = 3_600_000_000

#: Score from which a request is counted as showing a technique.


def _count_of(condition: str) -> str:
    """How many rows meet ``condition``. Sums are cast because engines disagree on their type (DuckDB: 128 bits)."""
    return f"CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)"


def copies_within() -> Query:
    """Rows of this scan whose exchange id stood earlier in it: (exchange, source, line)."""
    return Query(
        "copies_within",
        """
        SELECT s.exchange, s.source, s.line
        FROM sketches AS s
        JOIN (SELECT exchange, MIN(source * 1099511627776 + line) AS first_place
              FROM sketches GROUP BY exchange HAVING COUNT(*) > 1) AS twice
          ON twice.exchange = s.exchange
        WHERE s.source * 1099511627776 + s.line > twice.first_place
        """,
    )


def copies_of_past() -> Query:
    """Rows of this scan that history already holds: (exchange, source, line)."""
    return Query(
        "copies_of_past",
        """
        SELECT s.exchange, s.source, s.line
        FROM sketches AS s
        JOIN past_exchanges AS p ON p.exchange = s.exchange
        """,
    )


def fresh_sketches(columns: tuple[str, ...]) -> Query:
    """The rows of this scan that are not dropped, with the named columns of ``SKETCHES``."""
    listed = ", ".join(f"s.{name}" for name in columns)
    return Query(
        "fresh_sketches",
        f"""
        SELECT {listed}
        FROM sketches AS s
        LEFT JOIN dropped AS d ON d.exchange = s.exchange AND d.source = s.source AND d.line = s.line
        WHERE d.exchange IS NULL
        """,
    )


def repeated_entities() -> Query:
    """Entities that stand in more than one exchange of this scan. Most fingerprints are payload, seen once: they go."""
    return Query(
        "repeated_entities",
        "SELECT kind, entity FROM links GROUP BY kind, entity HAVING COUNT(*) > 1",
    )


def kept_links(*, once_only: bool) -> Query:
    """Links to repeated entities. ``once_only`` removes the double rows that a copied exchange left behind."""
    distinct = "DISTINCT" if once_only else ""
    return Query(
        "kept_links",
        f"""
        SELECT {distinct} l.exchange, l.account, l.ts_us, l.kind, l.entity
        FROM links AS l
        JOIN repeated_entities AS r ON r.kind = l.kind AND r.entity = l.entity
        LEFT JOIN past_exchanges AS p ON p.exchange = l.exchange
        WHERE p.exchange IS NULL
        """,
    )


def pairs() -> Query:
    """Account-entity pairs of this scan: exchanges, first and last time. Merges by sum, min and max."""
    return Query(
        "pairs",
        """
        SELECT account, kind, entity, COUNT(*) AS exchanges, MIN(ts_us) AS first_us, MAX(ts_us) AS last_us
        FROM kept_links
        GROUP BY account, kind, entity
        """,
    )


def account_hours() -> Query:
    """Hourly aggregates of each account. Columns merge by sum, but for ``first_us`` (min) and ``last_us`` (max)."""
    capabilities = ",\n".join(f"{_count_of(f'capability = {code}')} AS c{code}" for code in range(len(CAPABILITIES)))
    shown = ",\n".join(f"{_count_of(f'{name} >= {SHOWN}')} AS {name}" for name in SCORE_COLUMNS)
    any_shown = " OR ".join(f"{name} >= {SHOWN}" for name in SCORE_COLUMNS)
    return Query(
        "account_hours",
        f"""
        SELECT account, MIN(organization) AS organization, ts_us // {HOUR_US} AS hour_index,
               COUNT(*) AS exchanges, MIN(ts_us) AS first_us, MAX(ts_us) AS last_us,
               {_count_of("assistant_turns = 0 AND tool_results = 0")} AS single_turn,
               {_count_of("refused")} AS refused,
               {_count_of("status = 403")} AS forbidden,
               CAST(SUM(COALESCE(completion_tokens, 0)) AS BIGINT) AS completion_tokens,
               {_count_of(any_shown)} AS eliciting,
               {capabilities},
               {shown}
        FROM fresh
        GROUP BY account, ts_us // {HOUR_US}
        """,
    )


#: Infrastructure columns of ``SKETCHES`` that tie accounts together.
TIES: tuple[str, ...] = ("address", "network", "client", "credential", "user_field")


def ties() -> Query:
    """Account-infrastructure pairs of this scan, one row a kind, account and value. Merges by sum, min and max."""
    parts = [
        f"""
        SELECT '{name}' AS tie, account, {name} AS entity, COUNT(*) AS exchanges,
               MIN(ts_us) AS first_us, MAX(ts_us) AS last_us
        FROM fresh
        WHERE {name} IS NOT NULL
        GROUP BY account, {name}
        """
        for name in TIES
    ]
    return Query("ties", "UNION ALL".join(parts))
