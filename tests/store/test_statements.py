"""No statement crosses venues: each names its venue for every table that it touches.

The statements are taken apart, not run: each SELECT, UPDATE and DELETE in them, however deep, has to
say `table.venue_id = :venue_id` of all its tables, unconditionally, and each INSERT has to set it.
"""

import functools
import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ColumnClause
from sqlalchemy.sql.operators import and_, eq
from sqlalchemy.sql.selectable import Join

from epos import store
from epos.store import revisions
from epos.store.order_search import OrderFilter
from epos.store.paging import Keyset
from epos.store.statements import Statement
from epos.store.tables import customer_order, dining_table, metadata, payment, tab, venue
from epos.store.visibility import VENUE

CROSSING = {
    "venues._LIST": "every venue of the database, for its operator and never for a request",
    "readiness._STATE": "Alembic's row, which is no venue's",
    "readiness._WRITE": "the same",
    "dojo_links._LIST": "every connected venue, for the process that keeps them connected",
}
FILTERS = {
    "order_search": (
        OrderFilter.TABLE,
        OrderFilter.WAITER,
        OrderFilter.PARTY,
        OrderFilter.RESERVATION,
        OrderFilter.PAYABLE,
        OrderFilter.REQUESTER,
    ),
    "floor": ("area_id", "waiter_id", "requester_waiter_id"),
    "parties": ("completed_only", "table_id", "requester_waiter_id"),
    "reservations": ("table_id", "from_time", "to_time"),
    "tab_search": ("table_id", "waiter_id", "status", "requester_waiter_id"),
}
LISTS: dict[str, list[dict[str, bool]]] = {
    "tab_search": [{"open_only": True}, {"open_only": False}]
}
"""Searches that are several lists."""
CHANGES = {"orders": customer_order, "tabs": tab}
"""Modules that make an UPDATE for whatever columns are named."""


# --- taking a statement apart ---------------------------------------------------------------------


def unbound(statement: Any, enclosing: frozenset[Table] = frozenset()) -> list[str]:
    """The tables that a clause reads or changes without saying whose rows it means."""
    own: set[Table] = set()
    conditions: list[Any] = []
    if isinstance(statement, Select):
        for source in statement.get_final_froms():
            _flatten(source, own, conditions)
        own -= enclosing  # a subquery that speaks of the row around it
        conditions += statement._where_criteria
    elif isinstance(statement, Update | Delete):
        own = {_table(statement)}
        conditions += statement._where_criteria
    elif isinstance(statement, Insert):
        found = [] if _sets_venue(statement) else [str(statement.table)]
        return found + _below(statement, enclosing)
    bound = {table for condition in conditions for table in _bound(condition)}
    return sorted(str(table) for table in own - bound) + _below(statement, enclosing | own)


def _below(clause: Any, enclosing: frozenset[Table]) -> list[str]:
    parts = clause.get_children()
    return [name for part in parts for name in unbound(part, enclosing)]


def _flatten(source: Any, tables: set[Table], conditions: list[Any]) -> None:
    if isinstance(source, Join):
        _flatten(source.left, tables, conditions)
        _flatten(source.right, tables, conditions)
        conditions.append(source.onclause)
    elif isinstance(source, Table):
        tables.add(source)


def _table(statement: Update | Delete) -> Table:
    assert isinstance(statement.table, Table)
    return statement.table


def _bound(condition: Any) -> Iterator[Table]:
    """The tables whose venue a condition names in all cases: in an AND, never in an OR."""
    if isinstance(condition, BooleanClauseList) and condition.operator is and_:
        for part in condition.clauses:
            yield from _bound(part)
    elif isinstance(condition, BinaryExpression) and condition.operator is eq:
        for column, value in itertools.permutations((condition.left, condition.right)):
            if _is_venue(value) and isinstance(column, ColumnClause):
                table = column.table
                if isinstance(table, Table) and column.name == _venue_column(table):
                    yield table


def _is_venue(value: Any) -> bool:
    return isinstance(value, BindParameter) and value.key == "venue_id"


def _venue_column(table: Any) -> str:
    return "id" if table is venue else "venue_id"


def _sets_venue(statement: Insert) -> bool:
    wanted = _venue_column(statement.table)
    if statement.select is not None:
        names = list(statement._select_names or [])
        return wanted in names and _is_venue(
            list(statement.select.selected_columns)[names.index(wanted)]
        )
    values = {
        getattr(column, "name", column): value
        for column, value in (statement._values or {}).items()
    }
    return _is_venue(values[wanted]) if values else True  # its columns are looked at below


# --- all of them ----------------------------------------------------------------------------------


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(store.__path__, f"{store.__name__}."):
        if not found.name.endswith(".embedded"):
            yield importlib.import_module(found.name)


def short_name(module: ModuleType) -> str:
    return module.__name__.removeprefix(f"{store.__name__}.")


def written_statements() -> dict[str, Statement]:
    return {
        f"{short_name(module)}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, Statement)
    }


def of_module(name: str, builder: str) -> Any:
    return getattr(importlib.import_module(f"{store.__name__}.{name}"), builder)


def combinations(name: str) -> list[tuple[str, ...]]:
    """Of the filters of a module's searches."""
    sizes = range(len(FILTERS[name]) + 1)
    return [used for size in sizes for used in itertools.combinations(FILTERS[name], size)]


def searches(name: str, used: tuple[str, ...]) -> list[Keyset]:
    build = of_module(name, "_search")
    return [build(frozenset(used), **which) for which in LISTS.get(name, [{}])]


def statements_of(keyset: Keyset) -> list[Statement]:
    return [value for value in vars(keyset).values() if isinstance(value, Statement)]


WRITTEN = written_statements()


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_statement_stays_in_its_venue(name: str) -> None:
    crossed = unbound(WRITTEN[name].clause)
    if name in CROSSING:
        assert crossed, "no longer an exception"
    else:
        assert crossed == []


def too_few(sql: str) -> list[str]:
    """The tables of a statement that is written as text, if it names its venue less often than tables."""
    plain = re.sub(r"\s+", " ", sql)
    named = re.findall(r"(?<!DISTINCT )\b(?:FROM|JOIN|UPDATE|INTO) (\w+)\b", plain)
    tables = [name for name in named if name in metadata.tables]
    return tables if len(tables) > plain.count(":venue_id") else []


TEXTS = {
    name: statement.clause.text
    for name, statement in WRITTEN.items()
    if isinstance(statement.clause, TextClause)
}


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - CROSSING.keys()))
def test_a_statement_written_as_text_names_its_venue_for_each_table(name: str) -> None:
    assert too_few(TEXTS[name]) == []


def test_a_text_that_forgets_a_table_is_found() -> None:
    sql = "SELECT 1 FROM tab JOIN party ON party.id = tab.order_id WHERE tab.venue_id = :venue_id"
    assert too_few(sql) == ["tab", "party"]
    assert too_few(f"{sql} AND party.venue_id = :venue_id") == []


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_an_insert_has_its_venue_from_a_parameter(name: str) -> None:
    clause = WRITTEN[name].clause
    if isinstance(clause, Insert):
        wanted = "id" if clause.table is venue else "venue_id"
        assert wanted in WRITTEN[name].names


@pytest.mark.parametrize(
    ("name", "used"), [(name, used) for name in FILTERS for used in combinations(name)]
)
def test_a_search_stays_in_its_venue_whatever_is_asked(name: str, used: tuple[str, ...]) -> None:
    for keyset in searches(name, used):
        found = statements_of(keyset)
        assert len(found) == 6, "each direction, bounded or not, and what lies beyond"
        for statement in found:
            assert unbound(statement.clause) == [], statement.sql


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_stays_in_its_venue_whatever_it_changes(name: str) -> None:
    change = of_module(name, "_change")
    for column in CHANGES[name].c:
        assert unbound(change(frozenset([column.name])).clause) == []


def test_nothing_that_makes_statements_is_forgotten() -> None:
    cached = {
        f"{short_name(module)}.{name}"
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, functools._lru_cache_wrapper)
        and value.__module__ != revisions.__name__  # about files, not statements
    }
    known = {f"{name}._search" for name in FILTERS} | {f"{name}._change" for name in CHANGES}
    # Texts, for the venues of tests alone; tests/control compares what they copy, with other venues beside.
    of_copies = ("_make_sql", "_make_one_sql", "_write_sql", "_write_part", "_clear_sql")
    known |= {f"copies.{name}" for name in of_copies}
    assert cached == known


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_is_one(name: str) -> None:
    found = [keyset for used in combinations(name) for keyset in searches(name, used)]
    texts = {statements_of(keyset)[0].sql for keyset in found}
    assert len(texts) == len(found)


# --- and this would find them ---------------------------------------------------------------------

_HERE = customer_order.c.venue_id == VENUE
_NO_VENUE_BELOW = exists(select(payment.c.id).where(payment.c.order_id == customer_order.c.id))
_JOINED = select(customer_order.c.id).join_from(
    customer_order, dining_table, dining_table.c.id == customer_order.c.table_id
)


@pytest.mark.parametrize(
    ("clause", "crossed"),
    [
        (select(customer_order.c.id), ["customer_order"]),
        (select(customer_order.c.id).where(_HERE), []),
        (select(customer_order.c.id).where(_HERE & (customer_order.c.id == "x")), []),
        (
            select(customer_order.c.id).where(or_(_HERE, customer_order.c.id == "x")),
            ["customer_order"],
        ),
        (
            select(customer_order.c.id).where(customer_order.c.venue_id == bindparam("x")),
            ["customer_order"],
        ),
        (select(customer_order.c.id).where(_HERE, _NO_VENUE_BELOW), ["payment"]),
        (select(select(payment.c.id).scalar_subquery()), ["payment"]),
        (_JOINED.where(_HERE), ["dining_table"]),
        (customer_order.update().values(note="x"), ["customer_order"]),
        (
            customer_order.update()
            .where(_HERE)
            .values(note=select(payment.c.id).scalar_subquery()),
            ["payment"],
        ),
        (customer_order.delete().where(customer_order.c.id == "x"), ["customer_order"]),
        (customer_order.insert().values(venue_id="x"), ["customer_order"]),
        (
            customer_order.insert().from_select(
                ["id", "venue_id"], select(VENUE, payment.c.venue_id)
            ),
            ["customer_order", "payment"],
        ),
    ],
)
def test_what_crosses_venues_is_found(clause: Any, crossed: list[str]) -> None:
    assert unbound(clause) == crossed
