"""What the demo venue sells. Prices are in pence and include VAT."""

from typing import NamedTuple

from epos.contract.content import Modifier, OrderItem, OrderSubItem
from epos.contract.money import Money

CURRENCY = "GBP"


class Dish(NamedTuple):
    plu: str
    name: str
    price: int


BREAD = Dish("1001", "Sourdough & Marmite Butter", 475)
SCOTCH_EGG = Dish("1002", "Scotch Egg, Piccalilli", 795)
SOUP = Dish("1003", "Leek & Potato Soup", 725)
SHRIMP = Dish("1004", "Potted Shrimp, Toast", 995)
BEETROOT = Dish("1005", "Beetroot & Goat's Curd", 850)

FISH_AND_CHIPS = Dish("2001", "Haddock & Chips", 1795)
PIE = Dish("2002", "Steak & Ale Pie", 1850)
BURGER = Dish("2003", "Heron Burger", 1650)
SAUSAGES = Dish("2004", "Cumberland Sausage & Mash", 1575)
RISOTTO = Dish("2005", "Wild Mushroom Risotto", 1495)
SIRLOIN = Dish("2006", "Sirloin Steak 8oz", 2650)
SALMON = Dish("2007", "Scottish Salmon, Samphire", 2095)
ROAST = Dish("2008", "Roast for Two", 4200)
CHILDS_FISH = Dish("2009", "Little Fish & Chips", 895)

CHIPS = Dish("3001", "Triple-Cooked Chips", 450)
PEAS = Dish("3002", "Mushy Peas", 350)
GREENS = Dish("3003", "Buttered Greens", 475)
YORKSHIRES = Dish("3004", "Extra Yorkshires", 300)
CAULIFLOWER = Dish("3005", "Cauliflower Cheese", 525)

CRUMBLE = Dish("4001", "Apple & Bramble Crumble", 795)
STICKY_TOFFEE = Dish("4002", "Sticky Toffee Pudding", 825)
CHEESE = Dish("4003", "British Cheese Board", 1150)
ICE_CREAM = Dish("4004", "Ice Cream, per Scoop", 225)

BITTER = Dish("5001", "Pint of Best Bitter", 560)
LAGER = Dish("5002", "Pint of Lager", 595)
CIDER = Dish("5003", "Pint of Dry Cider", 575)
WHITE = Dish("5101", "Picpoul 175ml", 795)
RED = Dish("5102", "Rioja, Bottle", 3250)
SPARKLING = Dish("5103", "English Sparkling, Bottle", 5200)
GIN_AND_TONIC = Dish("5201", "Gin & Tonic", 925)
LEMONADE = Dish("5301", "Cloudy Lemonade", 375)
WATER = Dish("5302", "Sparkling Water 750ml", 450)
TEA = Dish("5401", "Pot of Tea", 325)
COFFEE = Dish("5402", "Flat White", 375)

NO_GLUTEN = Dish("9001", "Gluten Free", 0)
BACON = Dish("9002", "Smoked Bacon", 195)
CHEDDAR = Dish("9003", "Extra Cheddar", 150)
PEPPERCORN = Dish("9004", "Peppercorn Sauce", 295)
MEDIUM_RARE = Dish("9005", "Medium Rare", 0)
WELL_DONE = Dish("9006", "Well Done", 0)
CUSTARD = Dish("9007", "With Custard", 0)
DOUBLE = Dish("9008", "Make it a Double", 350)
OAT_MILK = Dish("9009", "Oat Milk", 50)


def price(pence: int) -> Money:
    return Money(value=pence, currencyCode=CURRENCY)


def line(
    dish: Dish,
    quantity: int = 1,
    *,
    modifiers: tuple[Modifier, ...] = (),
    sides: tuple[OrderSubItem, ...] = (),
    note: str | None = None,
) -> OrderItem:
    return OrderItem(
        plu=dish.plu,
        name=dish.name,
        amountPerItem=price(dish.price),
        quantity=quantity,
        modifiers=list(modifiers) or None,
        subItems=list(sides) or None,
        note=note,
    )


def side(
    dish: Dish,
    quantity: int = 1,
    *,
    modifiers: tuple[Modifier, ...] = (),
    note: str | None = None,
) -> OrderSubItem:
    """A part of a line. Lines with sides are of one each, so that nobody need ask of which one."""
    return OrderSubItem(
        plu=dish.plu,
        name=dish.name,
        amountPerItem=price(dish.price),
        quantity=quantity,
        modifiers=list(modifiers) or None,
        note=note,
    )


def extra(dish: Dish, quantity: int = 1) -> Modifier:
    """`quantity` is per single item of its line."""
    return Modifier(
        plu=dish.plu, name=dish.name, amountPerModifier=price(dish.price), quantity=quantity
    )
