"""The whole set-up of a venue as one document: its profile, floor, staff and menu.

PINs are not in it. The order of areas, categories and items is the order of the lists.
"""

from typing import Annotated

from pydantic import Field

from epos.contract.base import ClosedRequest, Flag
from epos.till_contract.base import Covers, Minor, Name, OwnId, Rate
from epos.till_contract.menu import Modifiers
from epos.till_contract.setup import Profile

Assigned = Annotated[list[OwnId], Field(max_length=1_000)]
"""Ids of waiters of the document."""


class LayoutWaiter(ClosedRequest):
    id: OwnId
    name: Name
    isManager: Flag = False


class LayoutTable(ClosedRequest):
    id: OwnId
    name: Name
    maxCovers: Covers | None = None
    waiterIds: Assigned = Field(default_factory=list)


class LayoutArea(ClosedRequest):
    id: OwnId
    name: Name
    waiterIds: Assigned = Field(default_factory=list)
    tables: list[LayoutTable] = Field(max_length=5_000)


class LayoutItem(ClosedRequest):
    plu: OwnId
    name: Name
    price: Minor | None = None
    """Unset: an open price."""
    vatRate: Rate
    available: Flag = True
    modifiers: Modifiers = Field(default_factory=list)


class LayoutCategory(ClosedRequest):
    id: OwnId
    name: Name
    items: list[LayoutItem] = Field(max_length=5_000)


class Layout(ClosedRequest):
    """A venue, but for what happens in it. All of its lists are required: an empty one removes."""

    venue: Profile
    waiters: list[LayoutWaiter] = Field(max_length=2_000)
    areas: list[LayoutArea] = Field(max_length=500)
    menu: list[LayoutCategory] = Field(max_length=500)
