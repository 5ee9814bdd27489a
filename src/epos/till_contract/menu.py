"""The menu: categories, the items in them, and the modifiers of the items."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import LARGEST_AMOUNT, Answer, ClosedRequest, Flag, Id, whole_number
from epos.till_contract.base import KeyedRequest, Minor, Name, OwnId, Position, Rate


class MenuModifier(ClosedRequest):
    """A change that guests can ask for with an item, such as extra cheese. It has the item's VAT rate."""

    plu: OwnId
    """The modifier's product code. Unique among the modifiers of the item."""
    name: Name
    """The modifier's name."""
    price: Annotated[int, *whole_number(-LARGEST_AMOUNT, LARGEST_AMOUNT)] = 0
    """What one modifier adds to the item's price, in minor units. It may be negative."""
    available: Flag = True
    """Whether the modifier can be sold now."""


Modifiers = Annotated[list[MenuModifier], Field(max_length=200)]


class Takeaway(ClosedRequest):
    """What an item costs when the guests take it away."""

    price: Minor | None = None
    """The price of one in minor units, with VAT. If it is not sent: the same price."""
    vatRate: Rate
    """The VAT rate in hundredths of a percent: cold food to take away often has 0."""


class DealPart(ClosedRequest):
    """An item that is a part of a deal."""

    plu: OwnId
    """The item's product code. It has a price, and is no deal itself."""
    quantity: Annotated[int, *whole_number(1, 20)] = 1
    """How many of it are in one deal."""


Parts = Annotated[list[DealPart], Field(min_length=1, max_length=20)]


class MenuCategoryChange(KeyedRequest):
    """The new content of a category."""

    name: Name
    """The category's name. Unique in the menu."""
    position: Position | None = None
    """The category's place in the menu, ascending. If it is not sent, the category stays where it is,
    and a new one is the last.
    """


class NewMenuCategory(MenuCategoryChange):
    """A new category of the menu."""

    id: OwnId | None = None
    """The category's id. If it is not sent, the server makes one."""


class MenuItemContent(ClosedRequest):
    """What an item is."""

    categoryId: Id
    """The id of the item's category."""
    name: Name
    """The item's name."""
    price: Minor | None = None
    """The price of one item in minor units, with VAT. Without it, the price is entered with each sale."""
    vatRate: Rate
    """The item's VAT rate in hundredths of a percent: 20% is 2000."""
    available: Flag = True
    """Whether the item can be sold now."""
    position: Position | None = None
    """The item's place in its category, ascending. If it is not sent, the item stays where it is, and a
    new one is the last.
    """
    modifiers: Modifiers = Field(default_factory=list)
    """The modifiers that guests can ask for with the item."""
    takeaway: Takeaway | None = None
    """Its second price and VAT rate, for taking away. Without it, both are the same."""
    parts: Parts | None = None
    """For a deal: the items in it. `price` is what they cost together; it is shared among them by their
    own prices, and so is the VAT.
    """


class MenuItemChange(MenuItemContent, KeyedRequest):
    """The new content of an item. A property that is not sent gets its default, except `position`."""


class NewMenuItem(MenuItemChange):
    """A new item of the menu."""

    plu: OwnId
    """The item's product code. Unique in the menu."""


class MenuItem(MenuItemContent):
    """An item that the venue sells."""

    plu: Id
    """The item's product code. Unique in the menu."""


class MenuCategory(Answer):
    """A part of the menu. Reports sum the sales by category."""

    id: str
    """The category's id."""
    name: str
    """The category's name."""
    position: int
    """The category's place in the menu, ascending."""
    items: list[MenuItem]
    """The items of the category, in their order."""


class Menu(Answer):
    """Everything that the venue sells."""

    categories: list[MenuCategory]
    """The categories, in their order."""


class Availability(KeyedRequest):
    """Whether an item or a modifier can be sold now."""

    available: Flag
    """false: it has run out. A request to sell it is a Conflict."""
