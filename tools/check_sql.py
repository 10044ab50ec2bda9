"""Keeps every query of the house inside the subset that docs/sql.md states, so that it means the same on every engine.

``python tools/check_sql.py`` finds every function that returns a ``Query``, reads each as DuckDB's SQL, walks its
tree against an allow-list, and writes it in Spark's dialect and back. It prints each offence with the query's name.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import ErrorLevel, SqlglotError

import stillwatch
from stillwatch.profile.query import Query
from stillwatch.vocabulary.sketches import SKETCHES

#: Arguments to call query functions with; each entry is one call. A function that needs none has no entry.
ARGUMENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "fresh_sketches": ({"columns": tuple(SKETCHES.names)},),
    "kept_links": ({"once_only": True}, {"once_only": False}),
    "accounts": ({"until_hour": 500_000},),
    "shared_pairs": ({"repeating": 3, "showing": 20, "one_in": 1},),
    "signature_reach": ({"shown": 6, "issued": 7},),
    "shared_pairs_total": ({"repeating": 3, "showing": 20},),
    "core_exchanges": ({"first": 0, "last": 9},),
    "crowd_links": ({"shown": 50},),
}

#: Rooms that may hold queries.
ROOMS = ("profile", "detect", "cases")

ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Select, exp.Union, exp.Subquery, exp.From, exp.Join, exp.Where, exp.Group, exp.Having,
        exp.Order, exp.Ordered, exp.Distinct, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier,
        exp.Literal, exp.Placeholder, exp.Null, exp.Boolean, exp.Star, exp.Paren, exp.Cast, exp.DataType,
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
        exp.Add, exp.Sub, exp.Mul, exp.IntDiv, exp.Mod, exp.Neg,
        exp.Case, exp.If, exp.Coalesce, exp.Count, exp.Sum, exp.Min, exp.Max, exp.Window, exp.Lag,
    }
)  # fmt: skip

#: Words that DuckDB or Spark reserve somewhere; docs/sql.md.
_RESERVED = """
at end window order group limit all and any as asc both case cast column create cross current_date current_time desc
distinct else except exists false fetch filter first following for from full grant having in inner intersect interval
into is join lateral leading left like minus natural not null offset on only or outer over partition pivot preceding
primary qualify range references right rows select semi session_user set some table tablesample then time timestamp to
trailing true union unique unpivot user using values when where with
"""
RESERVED = frozenset(_RESERVED.split())

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def query_functions(module: ModuleType) -> dict[str, Callable[..., Query]]:
    """The public functions of a module that return a ``Query``."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation is Query
    }


def modules() -> Iterator[ModuleType]:
    """Every module of the rooms that may hold queries."""
    for room in ROOMS:
        package = importlib.import_module(f"stillwatch.{room}")
        yield package
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            yield importlib.import_module(found.name)


def house_queries() -> dict[str, Query]:
    """Every query of the house by function (and number of the call, where there are several).

    Raises ``LookupError`` for a function that needs arguments and has no entry in ``ARGUMENTS``.
    """
    found: dict[str, Query] = {}
    for module in modules():
        for name, function in query_functions(module).items():
            needed = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            if needed and name not in ARGUMENTS:
                raise LookupError(
                    f"{module.__name__}.{name} needs {', '.join(needed)}: give them in tools/check_sql.py"
                )
            for number, arguments in enumerate(ARGUMENTS.get(name, ({},))):
                where = f"{module.__name__.removeprefix('stillwatch.')}.{name}"
                found[where if number == 0 else f"{where} ({number + 1})"] = function(**arguments)
    return found


def strays(source: Path) -> Iterator[str]:
    """Places under ``source`` where a ``Query`` is built outside a public function that is declared to return one."""
    for path in sorted(source.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        declared = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and isinstance(node.returns, ast.Name)
            and node.returns.id == "Query"
        ]
        inside = {id(node) for function in declared for node in ast.walk(function)}
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Query"):
                continue
            if id(node) not in inside or path.relative_to(source).parts[0] not in ROOMS:
                yield f"{path.relative_to(source)}:{node.lineno}: a query is built where this check does not see it"


def offences(query: Query) -> list[str]:
    """What in ``query`` leaves the subset, a sentence each; empty where nothing does."""
    try:
        statements = parse(query.sql, read="duckdb")
    except SqlglotError as error:
        return [f"can't be read: {str(error).splitlines()[0]}"]
    if len(statements) != 1 or statements[0] is None:
        return ["is not one statement"]
    tree = statements[0]
    found = [sentence for node in tree.walk() for sentence in _of_node(node)]
    found += [sentence for select in tree.find_all(exp.Select) for sentence in _of_select(select)]
    named = {node.name for node in tree.find_all(exp.Placeholder)}
    if named != set(query.params):
        found.append(f"parameters in the text ({_listed(named)}) are not those bound ({_listed(set(query.params))})")
    return list(dict.fromkeys(found or _in_spark(tree)))


def _of_node(node: exp.Expr) -> Iterator[str]:
    if type(node) not in ALLOWED:
        yield f"{_called(node)} is not in the subset"
    elif isinstance(node, exp.Star):
        if not isinstance(node.parent, exp.Count):
            yield "SELECT * is not in the subset: name the columns"
    elif isinstance(node, exp.Identifier):
        yield from _of_name(node)
    elif isinstance(node, exp.Literal):
        yield from _of_literal(node)
    elif isinstance(node, exp.Cast):
        if not node.to.is_type(exp.DType.BIGINT):
            yield f"a cast to {node.to.sql()} is not in the subset: only to BIGINT"
    elif isinstance(node, exp.Sum):
        if not isinstance(node.parent, exp.Cast):
            yield "a sum must be cast to BIGINT: engines give it different types"
    elif isinstance(node, exp.Lag):
        yield from _of_lag(node)
    elif isinstance(node, exp.Window):
        if not isinstance(node.this, exp.Lag):
            yield "a window function other than lag is not in the subset"
    elif isinstance(node, exp.Join):
        yield from _of_join(node)
    elif isinstance(node, exp.Union) and node.args.get("distinct"):
        yield "UNION must be UNION ALL"
    elif isinstance(node, exp.Order) and not isinstance(node.parent, exp.Window) and node.find_ancestor(exp.Subquery):
        yield "the order of a subquery means nothing: order the whole"


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}()"
    return f"the function {node.sql_name().lower()}()" if isinstance(node, exp.Func) else type(node).__name__


def _of_name(node: exp.Identifier) -> Iterator[str]:
    if node.quoted:
        yield f'the name "{node.name}" is quoted: engines fold quoted names differently'
    if node.name in RESERVED:
        yield f"the name {node.name} is a reserved word"
    elif not _NAME.fullmatch(node.name):
        yield f"the name {node.name} is not lower case letters, digits and underscores"


def _of_literal(node: exp.Literal) -> Iterator[str]:
    if node.is_string:
        if not (isinstance(node.parent, exp.Alias) and isinstance(node.parent.parent, exp.Select)):
            yield "text may only stand as a selected label"
    elif not node.this.isdigit():
        yield f"the number {node.this} is not a whole number"
    elif isinstance(node.parent, exp.Group | exp.Ordered):
        yield "a column is named by its number: write the column"


def _of_lag(node: exp.Lag) -> Iterator[str]:
    window = node.parent
    if not isinstance(window, exp.Window) or not window.args.get("order"):
        yield "lag needs OVER (... ORDER BY ...)"
    elif not isinstance(window.parent, exp.Coalesce):
        yield "lag is unguarded: the first row has none, so wrap it in COALESCE"


def _of_join(node: exp.Join) -> Iterator[str]:
    if node.args.get("using") or node.method:
        yield "a join must say ON"
    elif not node.args.get("on"):
        yield "a join without ON pairs every row with every other"
    if node.side not in ("", "LEFT") or node.kind not in ("", "INNER"):
        yield f"a {node.side or node.kind} join is not in the subset: only JOIN and LEFT JOIN"


def _of_select(select: exp.Select) -> Iterator[str]:
    own = [
        node for node in select.walk(prune=lambda n: isinstance(n, exp.Subquery)) if not isinstance(node, exp.Subquery)
    ]
    distinct = [node for node in own if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct)]
    if len(distinct) > 1:
        yield "several COUNT(DISTINCT): group twice instead"
    for count in distinct:
        if len(count.this.expressions) > 1:
            yield "COUNT(DISTINCT) of several columns: group by them instead"
    for item in select.expressions:
        if not isinstance(item, exp.Alias | exp.Column | exp.Star):
            yield f"{item.sql(dialect='duckdb')} has no name: engines invent different ones"
    if select.args.get("joins"):
        for column in own:
            if isinstance(column, exp.Column) and not column.table:
                yield f"{column.name} must say which table it is of, because there is a join"


def _in_spark(tree: exp.Expr) -> list[str]:
    """Writes the query for Spark and reads it back: it must be the same query."""
    try:
        spark = tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE)
        back = parse(spark, read="spark")[0]
    except SqlglotError as error:
        return [f"can't be written for Spark: {str(error).splitlines()[0]}"]
    assert back is not None
    # Spark's CAST gives null where it fails, so sqlglot reads it as TRY_CAST: sums of whole numbers never fail.
    same = back.sql(dialect="duckdb").replace("TRY_CAST(", "CAST(") == tree.sql(dialect="duckdb")
    return [] if same else ["means something else after Spark's dialect and back"]


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def main() -> int:
    """Print each offence; 1 if there is any."""
    count = 0
    try:
        queries = house_queries()
    except LookupError as error:
        print(error.args[0])
        return 1
    for name, query in queries.items():
        wrong = offences(query)
        if query.name != name.rpartition(".")[2].partition(" ")[0]:
            wrong.append(f"is called {query.name}, not like its function")
        for sentence in wrong:
            print(f"{name}: {sentence}")
        count += len(wrong)
    for stray in strays(Path(stillwatch.__file__).parent):
        print(stray)
        count += 1
    print(f"{len(queries)} queries, {count} offences")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
