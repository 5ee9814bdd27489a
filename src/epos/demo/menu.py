"""The menu of the demo venue. Prices are in pence and include 20% VAT."""

from typing import NamedTuple

from epos.domain.tab import Discount, Line, Modifier, SubItem
from epos.till_contract.layout import LayoutCategory, LayoutItem
from epos.till_contract.menu import MenuModifier

VAT_RATE = 2000
"""Hundredths of a percent."""
STARTERS, MAINS, SIDES, PUDDINGS, DRINKS = "Starters", "Mains", "Sides", "Puddings", "Drinks"


class MenuDish(NamedTuple):
    plu: str
    name: str
    price: int
    category: str


class MenuExtra(NamedTuple):
    """A change to a dish."""

    plu: str
    name: str
    price: int


BREAD = MenuDish("1001", "Sourdough & Marmite Butter", 475, STARTERS)
SCOTCH_EGG = MenuDish("1002", "Scotch Egg, Piccalilli", 795, STARTERS)
SOUP = MenuDish("1003", "Leek & Potato Soup", 725, STARTERS)
SHRIMP = MenuDish("1004", "Potted Shrimp, Toast", 995, STARTERS)
BEETROOT = MenuDish("1005", "Beetroot & Goat's Curd", 850, STARTERS)

FISH_AND_CHIPS = MenuDish("2001", "Haddock & Chips", 1795, MAINS)
PIE = MenuDish("2002", "Steak & Ale Pie", 1850, MAINS)
BURGER = MenuDish("2003", "Heron Burger", 1650, MAINS)
SAUSAGES = MenuDish("2004", "Cumberland Sausage & Mash", 1575, MAINS)
RISOTTO = MenuDish("2005", "Wild Mushroom Risotto", 1495, MAINS)
SIRLOIN = MenuDish("2006", "Sirloin Steak 8oz", 2650, MAINS)
SALMON = MenuDish("2007", "Scottish Salmon, Samphire", 2095, MAINS)
ROAST = MenuDish("2008", "Roast for Two", 4200, MAINS)
CHILDS_FISH = MenuDish("2009", "Little Fish & Chips", 895, MAINS)

CHIPS = MenuDish("3001", "Triple-Cooked Chips", 450, SIDES)
PEAS = MenuDish("3002", "Mushy Peas", 350, SIDES)
GREENS = MenuDish("3003", "Buttered Greens", 475, SIDES)
YORKSHIRES = MenuDish("3004", "MenuExtra Yorkshires", 300, SIDES)
CAULIFLOWER = MenuDish("3005", "Cauliflower Cheese", 525, SIDES)

CRUMBLE = MenuDish("4001", "Apple & Bramble Crumble", 795, PUDDINGS)
STICKY_TOFFEE = MenuDish("4002", "Sticky Toffee Pudding", 825, PUDDINGS)
CHEESE = MenuDish("4003", "British Cheese Board", 1150, PUDDINGS)
ICE_CREAM = MenuDish("4004", "Ice Cream, per Scoop", 225, PUDDINGS)

BITTER = MenuDish("5001", "Pint of Best Bitter", 560, DRINKS)
LAGER = MenuDish("5002", "Pint of Lager", 595, DRINKS)
CIDER = MenuDish("5003", "Pint of Dry Cider", 575, DRINKS)
WHITE = MenuDish("5101", "Picpoul 175ml", 795, DRINKS)
RED = MenuDish("5102", "Rioja, Bottle", 3250, DRINKS)
SPARKLING = MenuDish("5103", "English Sparkling, Bottle", 5200, DRINKS)
GIN_AND_TONIC = MenuDish("5201", "Gin & Tonic", 925, DRINKS)
LEMONADE = MenuDish("5301", "Cloudy Lemonade", 375, DRINKS)
WATER = MenuDish("5302", "Sparkling Water 750ml", 450, DRINKS)
TEA = MenuDish("5401", "Pot of Tea", 325, DRINKS)
COFFEE = MenuDish("5402", "Flat White", 375, DRINKS)

NO_GLUTEN = MenuExtra("9001", "Gluten Free", 0)
BACON = MenuExtra("9002", "Smoked Bacon", 195)
CHEDDAR = MenuExtra("9003", "MenuExtra Cheddar", 150)
PEPPERCORN = MenuExtra("9004", "Peppercorn Sauce", 295)
MEDIUM_RARE = MenuExtra("9005", "Medium Rare", 0)
WELL_DONE = MenuExtra("9006", "Well Done", 0)
CUSTARD = MenuExtra("9007", "With Custard", 0)
DOUBLE = MenuExtra("9008", "Make it a Double", 350)
OAT_MILK = MenuExtra("9009", "Oat Milk", 50)

_MENU = (
    (BREAD, SCOTCH_EGG, SOUP, SHRIMP, BEETROOT),
    (FISH_AND_CHIPS, PIE, BURGER, SAUSAGES, RISOTTO, SIRLOIN, SALMON, ROAST, CHILDS_FISH),
    (CHIPS, PEAS, GREENS, YORKSHIRES, CAULIFLOWER),
    (CRUMBLE, STICKY_TOFFEE, CHEESE, ICE_CREAM),
    (BITTER, LAGER, CIDER, WHITE, RED, SPARKLING, GIN_AND_TONIC, LEMONADE, WATER, TEA, COFFEE),
)
_WISHES = {
    SOUP: (NO_GLUTEN,),
    FISH_AND_CHIPS: (NO_GLUTEN,),
    PIE: (PEPPERCORN,),
    BURGER: (BACON, CHEDDAR, NO_GLUTEN),
    SIRLOIN: (MEDIUM_RARE, WELL_DONE, PEPPERCORN),
    ROAST: (WELL_DONE,),
    CAULIFLOWER: (BACON,),
    CRUMBLE: (CUSTARD,),
    STICKY_TOFFEE: (CUSTARD,),
    GIN_AND_TONIC: (DOUBLE,),
    TEA: (OAT_MILK,),
    COFFEE: (OAT_MILK,),
}


def categories() -> list[LayoutCategory]:
    """Build the menu from the dishes above."""
    return [
        LayoutCategory(
            id=dishes[0].category.lower(),
            name=dishes[0].category,
            items=[_item(dish) for dish in dishes],
        )
        for dishes in _MENU
    ]


def _item(dish: MenuDish) -> LayoutItem:
    return LayoutItem(
        plu=dish.plu,
        name=dish.name,
        price=dish.price,
        vatRate=VAT_RATE,
        modifiers=[
            MenuModifier(plu=wish.plu, name=wish.name, price=wish.price)
            for wish in _WISHES.get(dish, ())
        ],
    )


def line(
    dish: MenuDish,
    quantity: int = 1,
    *,
    modifiers: tuple[Modifier, ...] = (),
    sides: tuple[SubItem, ...] = (),
    discounts: tuple[Discount, ...] = (),
    note: str | None = None,
) -> Line:
    """It gets its id when it is written."""
    return Line(
        id="",
        plu=dish.plu,
        name=dish.name,
        price=dish.price,
        category=dish.category,
        vat_rate=VAT_RATE,
        quantity=quantity,
        modifiers=modifiers,
        sub_items=sides,
        discounts=discounts,
        note=note,
    )


def side(
    dish: MenuDish,
    quantity: int = 1,
    *,
    modifiers: tuple[Modifier, ...] = (),
    note: str | None = None,
) -> SubItem:
    """A part of a line. Lines with sides are of one each, so that nobody need ask of which one."""
    return SubItem(
        plu=dish.plu,
        name=dish.name,
        price=dish.price,
        category=dish.category,
        vat_rate=VAT_RATE,
        quantity=quantity,
        modifiers=modifiers,
        note=note,
    )


def extra(wish: MenuExtra, quantity: int = 1) -> Modifier:
    """`quantity` is per single item of its line."""
    return Modifier(plu=wish.plu, name=wish.name, price=wish.price, quantity=quantity)
