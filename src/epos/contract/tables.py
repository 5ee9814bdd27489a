"""Tables and the search for them."""

from typing import Annotated

from epos.contract.base import Answer, Id, whole_number
from epos.contract.paging import Page, SearchRequest


class SearchTablesRequest(SearchRequest):
    """Which tables to find. A table must match every filter that is sent."""

    areaId: Id | None = None
    """Only tables in this area."""
    waiterId: Id | None = None
    """Only tables that this waiter serves: by the table's own waiters or, if it has none, its area's."""


class Table(Answer):
    """A table where guests sit."""

    id: str
    """The table's id in the EPOS."""
    name: str
    """The name that people see, also on the card machine. Unique in its area."""
    maxCovers: Annotated[int, *whole_number(-(2**31), 2**31 - 1)] | None = None
    """How many guests can sit at the table."""
    areaId: str | None = None
    """The id of the area where the table stands."""
    waiterIds: list[str] | None = None
    """Ids of the waiters who serve this table."""


class PagedTablesResponse(Page):
    """One page of tables, by area and then by natural order of their names."""

    data: list[Table]
    """The tables of this page."""
