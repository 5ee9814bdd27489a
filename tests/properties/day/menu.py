"""What the venue sells, as the model knows it, and how it gets there."""

from random import Random
from typing import Any

from tests.properties.day.arithmetic import share
from tests.properties.day.bill import Line, Piece
from tests.support.venues import Venue

Json = dict[str, Any]
ITEMS = "/till/v1/menu/items"
Price = tuple[str, int, int]
"""Category, VAT rate, price."""
HERE: dict[str, Price] = {
    "burger": ("Food", 2_000, 1_250),
    "chips": ("Food", 2_000, 450),
    "cake": ("Food", 0, 333),
    "milk": ("Drinks", 0, 125),
    "wine": ("Drinks", 2_000, 795),
    "mug": ("Retail", 2_000, 899),
    "salad": ("Food", 2_000, 960),
    "soup": ("Food", 2_000, 601),
    "patch": ("Retail", 500, 305),
    "water": ("Drinks", 2_000, 0),
}
AWAY: dict[str, Price] = HERE | {"salad": ("Food", 0, 800), "soup": ("Food", 0, 601)}
MODIFIERS = {"cheese": 100, "no-bun": -150}
"""Of a burger."""
DEALS = {"lunch": (1_000, ("salad", "soup", "milk")), "combo": (499, ("cake", "patch", "milk"))}


async def write(venue: Venue) -> None:
    """Beside the test venue's own menu: items at a second price to take away, and deals."""
    for plu in ("salad", "soup", "patch", "water"):
        category, rate, price = HERE[plu]
        body: Json = {"plu": plu, "categoryId": category.lower(), "name": plu.title()}
        body |= {"price": price, "vatRate": rate}
        if AWAY[plu] != HERE[plu]:
            body["takeaway"] = {"price": AWAY[plu][2], "vatRate": AWAY[plu][1]}
        await venue.admin.ok("POST", ITEMS, body)
    for plu, (price, parts) in DEALS.items():
        body = {"plu": plu, "categoryId": "food", "name": plu.title(), "price": price}
        body |= {"vatRate": 2_000, "parts": [{"plu": part} for part in parts]}
        await venue.admin.ok("POST", ITEMS, body)


def _piece(plu: str, price: Price, more: int = 0, count: int = 1) -> Piece:
    category, rate, amount = price
    return Piece(category, rate, amount + more, count, plu)


def _deal(plu: str, prices: dict[str, Price]) -> tuple[Piece, ...]:
    """The price of a deal is shared by what its parts cost alone; the deal itself costs nothing."""
    price, parts = DEALS[plu]
    alone = [prices[part] for part in parts]
    each = share(price, [one[2] for one in alone])
    own = Piece("Food", alone[0][1], 0, plu=plu)
    return own, *(
        Piece(one[0], one[1], amount, plu=part)
        for part, one, amount in zip(parts, alone, each, strict=True)
    )


def choose(random: Random, *, takeaway: bool) -> tuple[Json, Line, tuple[int, bool] | None]:
    """An item as it is asked for, the line that it becomes, and why it is refused if it is: the status,
    and whether an approval helps. `takeaway`: how the tab sells what does not say it itself.
    """
    quantity = random.choice((1, 1, 1, 2, 3, 7))
    cover = random.choice((None, None, 1, 2))
    sent: Json = {"quantity": quantity} | ({} if cover is None else {"cover": cover})
    is_away = takeaway
    if random.random() < 0.15:
        is_away = sent["takeaway"] = random.random() < 0.5
    line = Line(0, "", quantity, (), (), is_away, cover=cover)
    kind = random.random()
    refused = None
    if kind < 0.08:
        plu = random.choice(sorted(DEALS))
        line.here, line.away = _deal(plu, HERE), _deal(plu, AWAY)
    elif kind < 0.14:
        plu, sent["price"] = "market-fish", random.choice((0, 1, 999, 2_345))
        line.here = line.away = (_piece(plu, ("Food", 2_000, sent["price"])),)
    elif kind < 0.17:
        plu, refused = random.choice((("oysters", (409, False)), ("nothing", (400, False))))
    else:
        plu = random.choice(sorted(HERE))
        refused = _with_extras(random, sent, line, plu)
    line.plu = sent["plu"] = plu
    return sent, line, refused


def _with_extras(random: Random, sent: Json, line: Line, plu: str) -> tuple[int, bool] | None:
    """Modifiers of a burger, and things beside it."""
    more, refused = 0, None
    if plu == "burger" and random.random() < 0.6:
        name = random.choice(sorted(MODIFIERS))
        times = random.choice((1, 1, 2))
        sent["modifiers"] = [{"plu": name, "quantity": times}]
        more = times * MODIFIERS[name]
        line.twice_off = max(-more + MODIFIERS["no-bun"], 0)
        refused = (403, True) if line.twice_off else None
    here, away = [_piece(plu, HERE[plu], more)], [_piece(plu, AWAY[plu], more)]
    if random.random() < 0.2:
        beside, count = random.choice(("milk", "chips", "salad", "cake")), random.choice((1, 2))
        sent["subItems"] = [{"plu": beside, "quantity": count}]
        here.append(_piece(beside, HERE[beside], count=count))
        away.append(_piece(beside, AWAY[beside], count=count))
    line.here, line.away = tuple(here), tuple(away)
    return refused
