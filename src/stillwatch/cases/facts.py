"""The exchanges of cases, asked of the engine: queries as values (tables ``case_cores``, ``case_accounts``,
``fresh``)."""

from stillwatch.profile.query import Query
from stillwatch.profile.standing import EXCHANGE_COLUMNS


def case_links() -> Query:
    """Links of the cases' own entities and accounts: (case_number, exchange, account, ts_us, kind, entity)."""
    return Query(
        "case_links",
        """
        SELECT c.case_number, l.exchange, l.account, l.ts_us, l.kind, l.entity
        FROM kept_links AS l
        JOIN case_cores AS c ON c.kind = l.kind AND c.entity = l.entity
        """,
    )


def case_exchanges() -> Query:
    """Every exchange of the cases' accounts, in order of case and time, with the columns that evidence looks at."""
    return Query(
        "case_exchanges",
        f"""
        SELECT a.case_number, {EXCHANGE_COLUMNS}
        FROM fresh AS f
        JOIN case_accounts AS a ON a.account = f.account
        ORDER BY a.case_number, f.ts_us, f.exchange
        """,
    )
