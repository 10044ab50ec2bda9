"""The SQL of the house keeps to the subset that docs/sql.md states, and the check sees what leaves it."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stillwatch.profile.query import Query

ROOT = Path(__file__).resolve().parents[1]


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_sql", ROOT / "tools" / "check_sql.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_sql"] = module
    spec.loader.exec_module(module)
    return module


check_sql = _loaded()
HOUSE = check_sql.house_queries()

OFFENDING = {
    "a broken query": ("SELECT a FROM WHERE", "can't be read"),
    "two statements": ("SELECT a FROM t; SELECT b FROM t", "not one statement"),
    "a table definition": ("CREATE TABLE u AS SELECT a FROM t", "Create is not in the subset"),
    "a deletion": ("DELETE FROM t", "Delete is not in the subset"),
    "every column": ("SELECT * FROM t", "SELECT *"),
    "every column of one table": ("SELECT t.* FROM t", "SELECT *"),
    "the day of the week": ("SELECT EXTRACT(dow FROM a) AS b FROM t", "the function extract() is not in the subset"),
    "an engine's own hash": ("SELECT hash(a) AS b FROM t", "the function hash()"),
    "an unknown function": ("SELECT frobnicate(a) AS b FROM t", "the function frobnicate()"),
    "a division": ("SELECT a / 2 AS b FROM t", "Div is not in the subset"),
    "a decimal number": ("SELECT a FROM t WHERE a > 0.5", "not a whole number"),
    "a cast to a float": ("SELECT CAST(a AS DOUBLE) AS b FROM t", "only to BIGINT"),
    "a cast that may fail": ("SELECT TRY_CAST(a AS BIGINT) AS b FROM t", "try_cast()"),
    "an unguarded lag": ("SELECT LAG(a) OVER (PARTITION BY b ORDER BY c) AS d FROM t", "lag is unguarded"),
    "a lag without order": ("SELECT COALESCE(LAG(a) OVER (PARTITION BY b), 0) AS d FROM t", "lag needs OVER"),
    "another window function": ("SELECT ROW_NUMBER() OVER (ORDER BY a) AS b FROM t", "window function other than lag"),
    "several distinct counts": (
        "SELECT COUNT(DISTINCT a) AS b, COUNT(DISTINCT c) AS d FROM t",
        "several COUNT(DISTINCT)",
    ),
    "a distinct count of two columns": ("SELECT COUNT(DISTINCT a, b) AS c FROM t", "COUNT(DISTINCT) of several"),
    "a sum of an engine's own type": ("SELECT SUM(a) AS b FROM t", "cast to BIGINT"),
    "a mean": ("SELECT AVG(a) AS b FROM t", "the function avg()"),
    "upper case": ("SELECT UPPER(a) AS b FROM t", "the function upper()"),
    "a text comparison": ("SELECT a FROM t WHERE b = 'x'", "text may only stand"),
    "a text pattern": ("SELECT a FROM t WHERE b LIKE $p", "is not in the subset"),
    "a limit": ("SELECT a FROM t LIMIT 5", "Limit is not in the subset"),
    "an order inside": ("SELECT a FROM (SELECT a FROM t ORDER BY a) AS u", "the order of a subquery"),
    "a union that drops copies": ("SELECT a FROM t UNION SELECT a FROM u", "must be UNION ALL"),
    "a join of everything": ("SELECT t.a FROM t CROSS JOIN u", "pairs every row"),
    "a full join": ("SELECT t.a FROM t FULL JOIN u ON t.a = u.a", "only JOIN and LEFT JOIN"),
    "a join by name": ("SELECT t.b FROM t JOIN u USING (a)", "must say ON"),
    "a column of no table in a join": ("SELECT b FROM t JOIN u ON t.a = u.a", "which table"),
    "a result without a name": ("SELECT COUNT(*) FROM t", "has no name"),
    "a column by its number": ("SELECT a FROM t ORDER BY 1", "by its number"),
    "a quoted name": ('SELECT "a" FROM t', "is quoted"),
    "a name in capitals": ("SELECT accountId FROM t", "lower case"),
    "a parameter that is not bound": ("SELECT a FROM t WHERE b > $limit_us", "are not those bound"),
}


@pytest.mark.parametrize("what", OFFENDING)
def test_what_leaves_the_subset_is_named(what: str) -> None:
    sql, expected = OFFENDING[what]
    found = check_sql.offences(Query("sample", sql))
    assert any(expected in sentence for sentence in found), found


@pytest.mark.parametrize("word", ["at", "end", "window", "order", "group", "limit"])
def test_reserved_words_are_no_names_of_columns_or_aliases(word: str) -> None:
    for sql in (f'SELECT t."{word}" FROM t', f"SELECT t.a AS {word} FROM t", f'SELECT a.b FROM t AS "{word}"'):
        assert check_sql.offences(Query("sample", sql)), sql


def test_a_guarded_lag_and_one_distinct_count_are_allowed() -> None:
    lag = "SELECT COALESCE(LAG(a) OVER (PARTITION BY b ORDER BY c), 0) AS d FROM t"
    assert check_sql.offences(Query("sample", lag)) == []
    assert check_sql.offences(Query("sample", "SELECT COUNT(DISTINCT a) AS b FROM t")) == []


def test_a_parameter_that_is_bound_but_not_used_is_named() -> None:
    assert check_sql.offences(Query("sample", "SELECT a FROM t", {"b": 1}))


@pytest.mark.parametrize("name", HOUSE)
def test_each_query_of_the_house_is_inside_the_subset_and_survives_spark(name: str) -> None:
    assert check_sql.offences(HOUSE[name]) == []


def test_a_new_query_function_that_needs_arguments_can_not_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from stillwatch.profile import standing

    def by_size(*, least: int) -> Query:
        return Query("by_size", "SELECT account FROM hours WHERE exchanges > $least", {"least": least})

    by_size.__module__ = standing.__name__
    monkeypatch.setattr(standing, "by_size", by_size, raising=False)
    with pytest.raises(LookupError, match=r"standing\.by_size needs least"):
        check_sql.house_queries()


def test_a_query_that_is_built_where_the_check_does_not_look_is_named(tmp_path: Path) -> None:
    room = tmp_path / "detect"
    room.mkdir()
    (room / "hidden.py").write_text('def f(engine):\n    return engine.table(Query("x", "SELECT 1"))\n')
    (room / "seen.py").write_text('def x() -> Query:\n    return Query("x", "SELECT 1 AS a")\n')
    assert [stray.partition(":")[0] for stray in check_sql.strays(tmp_path)] == ["detect/hidden.py"]


def test_the_page_on_sql_names_every_rule_of_the_check() -> None:
    page = (ROOT / "docs" / "sql.md").read_text("utf-8")
    for word in (
        "SELECT *",
        "COUNT(DISTINCT",
        "lag",
        "BIGINT",
        "UNION ALL",
        "LEFT JOIN",
        "reserved",
        "Spark",
        "ORDER BY",
    ):
        assert word in page, word
