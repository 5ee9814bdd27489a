"""The menu: categories, what is in them, and what can be asked for with it."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import LARGEST_AMOUNT, Answer, ClosedRequest, Flag, Id, whole_number
from epos.till_contract.base import Minor, Name, OwnId, Position, Rate


class MenuModifier(ClosedRequest):
    """What can be asked for with an item; it bears the item's VAT."""

    plu: OwnId
    name: Name
    price: Annotated[int, *whole_number(-LARGEST_AMOUNT, LARGEST_AMOUNT)] = 0
    """It may take something off."""
    available: Flag = True


Modifiers = Annotated[list[MenuModifier], Field(max_length=200)]


class MenuCategoryChange(ClosedRequest):
    """What of a category can be changed."""

    name: Name
    position: Position | None = None
    """Among the categories, ascending; unset: where it is, a new one behind the others."""


class NewMenuCategory(MenuCategoryChange):
    id: OwnId | None = None
    """Unset: one is made."""


class MenuItemChange(ClosedRequest):
    """What of an item can be changed."""

    categoryId: Id
    name: Name
    price: Minor | None = None
    """Unset: an open price, said when it is sold."""
    vatRate: Rate
    available: Flag = True
    position: Position | None = None
    """Within the category, ascending; unset: where it is, a new one behind the others."""
    modifiers: Modifiers = Field(default_factory=list)


class NewMenuItem(MenuItemChange):
    plu: OwnId


class MenuItem(MenuItemChange):
    """Something that is sold."""

    plu: Id


class MenuCategory(Answer):
    """What is sold under one name in reports."""

    id: str
    name: str
    position: int
    items: list[MenuItem]


class Menu(Answer):
    """All that the venue sells, in its order."""

    categories: list[MenuCategory]


class Availability(ClosedRequest):
    """Whether it can be sold now."""

    available: Flag
