"""The floor: areas, and the tables in them."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import ClosedRequest, Count, Id
from epos.till_contract.base import Covers, KeyedRequest, Name, OwnId, Position

WaiterIds = Annotated[list[Id], Field(max_length=1_000)]


class AreaContent(ClosedRequest):
    """What an area is."""

    name: Name
    """The area's name. Unique in the venue."""
    waiterIds: WaiterIds = Field(default_factory=list)
    """Ids of the waiters who serve those of the area's tables that have no waiters of their own."""
    position: Position | None = None
    """The area's place among the areas, ascending. If it is not sent, the area stays where it is, and
    a new one is the last.
    """


class AreaChange(AreaContent, KeyedRequest):
    """The new content of an area. A property that is not sent is cleared, except `position`."""


class NewArea(AreaChange):
    """A new area. An id that was removed before brings that area back."""

    id: OwnId | None = None
    """The area's id. If it is not sent, the server makes one."""


class FloorArea(AreaContent):
    """A part of the venue with tables in it, such as the terrace."""

    id: Id
    """The area's id."""


class TableContent(ClosedRequest):
    """What a table is."""

    name: Name
    """The table's name, also on card machines. Unique in its area."""
    areaId: Id
    """The id of the area where the table stands."""
    maxCovers: Covers | None = None
    """How many guests can sit at the table."""
    waiterIds: WaiterIds = Field(default_factory=list)
    """Ids of the waiters who serve the table. Without any, the area's waiters serve it."""


class TableChange(TableContent, KeyedRequest):
    """The new content of a table. A property that is not sent is cleared."""


class NewTable(TableChange):
    """A new table. An id that was removed before brings that table back."""

    id: OwnId | None = None
    """The table's id. If it is not sent, the server makes one."""


class FloorTable(TableContent):
    """A table where guests sit."""

    id: Id
    """The table's id."""
    maxCovers: Count | None = None
    """How many guests can sit at the table."""
