"""Keyset paging: a page starts at the key where another ended, so rows may be added and removed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    exists,
    or_,
    select,
    tuple_,
    union_all,
)

from epos.store.statements import Connection, Record, Statement

Key = tuple[Any, ...]
Cut: TypeAlias = Callable[[Select[Any]], Select[Any]]
"""Narrows a list to what a page needs: the rows on its side of the cursor, in order, limited."""
Part: TypeAlias = Callable[[Cut], Select[Any]]
"""A list of keys that is merged with others; it applies the cut where that saves most."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """At most `limit` rows after `after`, or before `before`, or from the start.

    An empty key means the end of the list: `before=()` is the last page.
    """

    limit: int
    after: Key | None = None
    before: Key | None = None


@dataclass(frozen=True, slots=True)
class PageRows:
    """Rows in list order, and whether there are others on either side."""

    rows: list[Record]
    more_in_front: bool
    more_behind: bool


MOST_CHARACTERS = 1024 * 1024
"""Of the texts in a page. A hundred orders of a megabyte each would keep everybody else waiting."""


def _within_budget(rows: list[Record]) -> list[Record]:
    """The rows of the page, in the order of reading: at least one, and no more than the budget allows."""
    left = MOST_CHARACTERS
    for count, row in enumerate(rows):
        left -= sum(len(value) for value in row.values() if isinstance(value, str))
        if left < 0 and count > 0:
            return rows[:count]
    return rows


class Keyset:
    """One search, compiled for each direction. The order of `key` must be total."""

    def __init__(
        self,
        rows: Select[Any],
        identity: Select[Any] | Sequence[Part],
        key: Sequence[ColumnElement[Any]],
        *,
        descending: bool = False,
    ) -> None:
        """`rows` selects what a page holds, `identity` the same rows in the cheapest form.

        Where no index lists all rows in order, `identity` is several lists of keys; no row is in two of
        them. A page is then the first rows of the merged lists, and `rows` is joined to it by the last
        column of the key.
        """
        self._descending = descending
        self._key = key
        self._parts = None if isinstance(identity, Select) else identity
        self._forward = self._page(rows, backward=False, bounded=False)
        self._forward_from = self._page(rows, backward=False, bounded=True)
        self._backward = self._page(rows, backward=True, bounded=False)
        self._backward_from = self._page(rows, backward=True, bounded=True)
        self._in_front_or_at = self._exists(identity, in_front=True)
        self._behind_or_at = self._exists(identity, in_front=False)

    async def page(
        self, connection: Connection, request: PageRequest, **parameters: Any
    ) -> PageRows:
        backward = request.before is not None
        bound = (request.before if backward else request.after) or ()
        keys = {f"key_{index}": value for index, value in enumerate(bound)}
        statement = self._statement(backward=backward, bounded=bool(bound))
        found = await statement.all(connection, page_rows=request.limit + 1, **keys, **parameters)
        more = len(found) > request.limit
        rows = _within_budget(found[: request.limit])
        more = more or len(rows) < min(len(found), request.limit)
        if backward:
            rows.reverse()
        other_side = False
        if bound:
            beyond = self._behind_or_at if backward else self._in_front_or_at
            other_side = await beyond.value(connection, **keys, **parameters)
        return PageRows(rows, *((more, other_side) if backward else (other_side, more)))

    def _statement(self, *, backward: bool, bounded: bool) -> Statement:
        if backward:
            return self._backward_from if bounded else self._backward
        return self._forward_from if bounded else self._forward

    def _page(self, rows: Select[Any], *, backward: bool, bounded: bool) -> Statement:
        descending = self._descending != backward

        def cut(keys: Select[Any]) -> Select[Any]:
            if bounded:
                keys = keys.where(self._beyond(descending=descending, at=False))
            return in_order(keys, self._key).limit(bindparam("page_rows"))

        def in_order(chosen: Select[Any], key: Iterable[ColumnElement[Any]]) -> Select[Any]:
            return chosen.order_by(*(part.desc() if descending else part.asc() for part in key))

        if self._parts is None:
            return Statement(cut(rows))
        merged = union_all(*(part(cut) for part in self._parts)).subquery("merged")
        first = in_order(select(merged), merged.c).limit(bindparam("page_rows")).subquery("page")
        page = rows.join(first, self._key[-1] == list(first.c)[-1])
        return Statement(in_order(page, first.c))

    def _exists(self, identity: Select[Any] | Sequence[Part], *, in_front: bool) -> Statement:
        beyond = self._beyond(descending=self._descending != in_front, at=True)
        if isinstance(identity, Select):
            return Statement(select(exists(identity.where(beyond)).label("found")))
        parts = (part(lambda keys: keys.where(beyond).limit(1)) for part in identity)
        found = or_(*(exists(select(part.subquery())) for part in parts))
        return Statement(select(found.label("found")))

    def _beyond(self, *, descending: bool, at: bool) -> ColumnElement[bool]:
        """Row-value comparison: the OR form of the same thing defeats the index."""
        bound = tuple_(
            *(bindparam(f"key_{i}", type_=column.type) for i, column in enumerate(self._key))
        )
        here = tuple_(*self._key)
        if descending:
            return here <= bound if at else here < bound
        return here >= bound if at else here > bound
