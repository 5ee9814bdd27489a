"""Pages of orders, also while orders come and go."""

from epos.check.checks.paging import all_pages, ids_of, page_of
from epos.check.exchanges import Exchange
from epos.check.registry import Obligation, check, schema
from epos.check.subject import Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_SOURCE = schema("Cursor", "limit, before, after")
_HOW_MANY = 5


@check(
    _MUST,
    "SearchOrders",
    source=schema("Cursor", "limit: the maximum number of results in a single page"),
    not_proved="That large limits are honoured.",
)
async def not_longer_than_the_limit(epos: Epos) -> None:
    """A page has at most as many orders as were asked for."""
    for _ in range(3):
        await epos.order()
    answer = epos.granted(await epos.ask("SearchOrders", {"cursor": {"limit": 2}}), "a page")
    count = len(page_of(answer)["data"])
    epos.expect(count <= 2, "at most 2 orders", f"{count} orders")


@check(
    _MUST,
    "SearchOrders",
    source=_SOURCE,
    not_proved="That it holds for very long lists.",
)
async def nothing_lost_or_doubled(epos: Epos) -> None:
    """Page after page, each order comes once."""
    made = [await epos.order() for _ in range(_HOW_MANY)]
    found = ids_of(await all_pages(epos, "SearchOrders", {"payableOnly": True}, limit=2))
    counts = [found.count(order_id) for order_id in made]
    epos.same([1] * _HOW_MANY, counts, "how often each order came")


@check(
    _MUST,
    "SearchOrders",
    source=_SOURCE,
    not_proved="That it holds for every change: one order was made and one cancelled.",
)
async def whole_while_orders_change(epos: Epos) -> None:
    """Each order that is there all the time comes once, while others come and go between the pages."""
    made = [await epos.order() for _ in range(_HOW_MANY)]
    still = ids_of(await all_pages(epos, "SearchOrders", {"payableOnly": True}, limit=2))
    if [still.count(order_id) for order_id in made] != [1] * _HOW_MANY:
        raise NotTried("see order-pages.nothing-lost-or-doubled")
    goes = await epos.order()

    async def between(number: int) -> None:
        # One after the other: together they would leave every place as it was.
        if number == 1:
            await epos.order()
        if number == 2:
            await epos.ask("CancelOrderById", orderId=goes)

    found = ids_of(await all_pages(epos, "SearchOrders", {"payableOnly": True}, 2, between))
    counts = [found.count(order_id) for order_id in made]
    epos.same([1] * _HOW_MANY, counts, "how often each order came")


@check(
    _SHOULD,
    "SearchOrders",
    source=schema("Cursor", "before: a cursor for the previous page"),
    not_proved="More than one step back.",
)
async def back_to_the_page_before(epos: Epos) -> None:
    """From the second page one step back is the first page."""
    for _ in range(_HOW_MANY):
        await epos.order()
    first = page_of(epos.ready(await _page(epos), "SearchOrders"))
    if not first.get("after"):
        raise NotTried("there is one page")
    second = page_of(epos.ready(await _page(epos, after=first["after"]), "SearchOrders"))
    if set(ids_of(first["data"])) & set(ids_of(second["data"])):
        raise NotTried("see order-pages.nothing-lost-or-doubled")
    epos.expect(bool(second.get("before")), "the second page has before", "it has none")
    back = page_of(epos.granted(await _page(epos, before=second["before"]), "the first page"))
    epos.same(ids_of(first["data"]), ids_of(back["data"]), "orders of the first page")


async def _page(epos: Epos, **cursor: str) -> Exchange:
    return await epos.ask("SearchOrders", {"payableOnly": True, "cursor": {"limit": 2, **cursor}})
