"""The floor: areas, and the tables in them."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import ClosedRequest, Count, Id
from epos.till_contract.base import Covers, Name, OwnId, Position

WaiterIds = Annotated[list[Id], Field(max_length=1_000)]


class AreaChange(ClosedRequest):
    """What of an area can be changed."""

    name: Name
    waiterIds: WaiterIds = Field(default_factory=list)
    """Who looks after those of its tables that have no waiters of their own."""
    position: Position | None = None
    """Among the areas, ascending; unset: where it is, a new one behind the others."""


class NewArea(AreaChange):
    id: OwnId | None = None
    """Unset: one is made."""


class FloorArea(AreaChange):
    """A part of the venue."""

    id: Id


class TableChange(ClosedRequest):
    """What of a table can be changed."""

    name: Name
    areaId: Id
    maxCovers: Covers | None = None
    waiterIds: WaiterIds = Field(default_factory=list)
    """Who looks after it; without any, the area's waiters do."""


class NewTable(TableChange):
    id: OwnId | None = None
    """Unset: one is made."""


class FloorTable(TableChange):
    """A table where guests sit."""

    id: Id
    maxCovers: Count | None = None
