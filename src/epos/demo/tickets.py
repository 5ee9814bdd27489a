"""What the guests of the demo venue have ordered and paid."""

from dataclasses import dataclass

from epos.contract.content import Customer
from epos.contract.orders import OrderStatus
from epos.demo import menu
from epos.demo.menu import extra, line, side
from epos.domain.tab import Discount, Line


@dataclass(frozen=True, slots=True)
class Card:
    """A card payment in pence, `ago` minutes ago. Without an amount it pays what is left."""

    ago: int
    amount: int | None = None
    tip: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order that was opened `opened` minutes ago, at a table or for collection."""

    status: OrderStatus
    opened: int
    items: list[Line]
    table: str | None = None
    waiter: str | None = None
    service: bool = True
    off: Discount | None = None
    """On the whole order."""
    cards: tuple[Card, ...] = ()
    note: str | None = None
    customer: Customer | None = None
    ready_in: int | None = None
    """Minutes until collection; unset: as soon as possible."""


def tickets() -> list[Ticket]:
    return [
        *_main_room(),
        *_paying(),
        *_separate_bills(),
        _large_party(),
        *_terrace_and_bar(),
        *_collections(),
        _closed(),
    ]


def _main_room() -> list[Ticket]:
    return [
        Ticket(
            OrderStatus.Submitted,
            14,
            [
                line(menu.BREAD),
                line(menu.SOUP, modifiers=(extra(menu.NO_GLUTEN),)),
                line(menu.SCOTCH_EGG),
                line(menu.BITTER),
                line(menu.WHITE),
            ],
            table="tbl_2",
            waiter="101",
        ),
        Ticket(
            OrderStatus.Preparing,
            45,
            [
                line(menu.FISH_AND_CHIPS, note="No batter: coeliac"),
                line(menu.BURGER, 2, modifiers=(extra(menu.BACON), extra(menu.CHEDDAR, 2))),
                line(menu.PIE, sides=(side(menu.GREENS), side(menu.CHIPS, note="Extra crispy"))),
                line(menu.RED),
                line(menu.WATER, 2),
            ],
            table="tbl_4",
            waiter="101",
            note="Coeliac at seat 3: separate fryer please",
        ),
    ]


def _paying() -> list[Ticket]:
    return [
        Ticket(
            OrderStatus.Ready,
            80,
            [
                line(
                    menu.SIRLOIN,
                    modifiers=(extra(menu.MEDIUM_RARE), extra(menu.PEPPERCORN)),
                    sides=(side(menu.CHIPS),),
                ),
                line(menu.SALMON),
                line(menu.STICKY_TOFFEE),
                line(menu.SPARKLING),
                line(menu.COFFEE, modifiers=(extra(menu.OAT_MILK),)),
            ],
            table="tbl_5",
            waiter="101",
            cards=(Card(ago=4, amount=6000, tip=500),),
        ),
        Ticket(
            OrderStatus.Ready,
            64,
            [
                line(menu.SAUSAGES, 2),
                line(menu.RISOTTO),
                line(menu.CRUMBLE, 3, modifiers=(extra(menu.CUSTARD),)),
                line(menu.LAGER, 3),
            ],
            table="tbl_7",
            waiter="102",
            off=Discount("Neighbours' Card 10%", percentage=1000),
        ),
    ]


def _separate_bills() -> list[Ticket]:
    return [
        Ticket(
            OrderStatus.Preparing,
            55,
            [line(menu.PIE, 2), line(menu.BITTER, 2), line(menu.PEAS)],
            table="tbl_8",
            waiter="102",
            note="Separate bills: first couple",
        ),
        Ticket(
            OrderStatus.Preparing,
            54,
            [line(menu.SALMON), line(menu.BURGER, note="No onions"), line(menu.GIN_AND_TONIC, 2)],
            table="tbl_8",
            waiter="102",
            note="Separate bills: second couple",
            cards=(Card(ago=11, amount=2500),),
        ),
    ]


def _large_party() -> Ticket:
    return Ticket(
        OrderStatus.Accepted,
        33,
        [
            line(
                menu.BREAD,
                3,
                discounts=(Discount("Birthday bread on the house", percentage=10_000),),
            ),
            line(menu.SHRIMP, 3),
            line(menu.BEETROOT, 2),
            line(
                menu.ROAST,
                sides=(
                    side(menu.YORKSHIRES, 2),
                    side(menu.CAULIFLOWER, modifiers=(extra(menu.BACON),)),
                ),
            ),
            line(menu.ROAST, modifiers=(extra(menu.WELL_DONE),)),
            line(menu.CHILDS_FISH, note="With the starters please"),
            line(menu.SPARKLING, 2),
            line(menu.LEMONADE, 2),
        ],
        table="tbl_11",
        waiter="102",
        note="Birthday: hold the mains until called",
    )


def _terrace_and_bar() -> list[Ticket]:
    return [
        Ticket(
            OrderStatus.New,
            9,
            [line(menu.CIDER), line(menu.GIN_AND_TONIC, modifiers=(extra(menu.DOUBLE),))],
            table="tbl_terrace_1",
            waiter="103",
        ),
        Ticket(
            OrderStatus.Prepared,
            28,
            [
                line(menu.FISH_AND_CHIPS, 2),
                line(menu.CHILDS_FISH),
                line(menu.ICE_CREAM, 2, note="Chocolate, after the mains"),
                line(menu.LAGER),
                line(menu.LEMONADE),
            ],
            table="tbl_terrace_4",
            waiter="103",
        ),
        Ticket(
            OrderStatus.New,
            26,
            [line(menu.BITTER, 2), line(menu.SCOTCH_EGG)],
            table="tbl_bar_2",
            waiter="104",
            service=False,
        ),
    ]


def _collections() -> list[Ticket]:
    return [
        Ticket(
            OrderStatus.Preparing,
            12,
            [
                line(menu.FISH_AND_CHIPS, 2, note="Salt and vinegar on both"),
                line(menu.PEAS, 2),
            ],
            service=False,
            customer=Customer(name="Joan Abernathy", phoneNumber="07700 900142"),
        ),
        Ticket(
            OrderStatus.Confirmed,
            5,
            [line(menu.PIE, 2, modifiers=(extra(menu.PEPPERCORN),)), line(menu.CRUMBLE, 2)],
            service=False,
            note="Will ring from the car",
            customer=Customer(
                name="Dev Malhotra",
                phoneNumber="07700 900377",
                emailAddress="dev.malhotra@example.com",
            ),
            ready_in=40,
        ),
    ]


def _closed() -> Ticket:
    return Ticket(
        OrderStatus.Finalized,
        120,
        [line(menu.RISOTTO), line(menu.SAUSAGES), line(menu.CHEESE), line(menu.TEA, 2)],
        table="tbl_9",
        waiter="102",
        cards=(Card(ago=27, amount=3000, tip=300), Card(ago=26, tip=250)),
    )
