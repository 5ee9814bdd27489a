"""Tables and the search for them."""

from typing import Annotated

from epos.contract.base import Answer, Id, whole
from epos.contract.paging import Page, SearchRequest


class SearchTablesRequest(SearchRequest):
    """Filters combine with AND."""

    areaId: Id | None = None
    waiterId: Id | None = None


class Table(Answer):
    """A table; the name is unique in its area and shown on the card machine."""

    id: str
    name: str
    maxCovers: Annotated[int, *whole(-(2**31), 2**31 - 1)] | None = None
    areaId: str | None = None
    waiterIds: list[str] | None = None


class PagedTablesResponse(Page):
    """One page of tables."""

    data: list[Table]
