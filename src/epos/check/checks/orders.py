"""Orders: made, found, cancelled."""

import asyncio

from epos.check import bodies
from epos.check.checks.paging import all_pages, ids_of
from epos.check.exchanges import Exchange, Json
from epos.check.registry import Obligation, check, docs, inferred, schema, spec
from epos.check.subject import TOTAL, Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_NO_ORDER = "no-such-order-epos-check"


@check(
    _MUST,
    "CreateOrder",
    "GetOrderById",
    source=spec("CreateOrder", "CreateOrderRequest and Order have the same properties"),
    not_proved="That the kitchen gets it, or that it is there after a restart.",
)
async def keep_what_was_sent(epos: Epos) -> None:
    """The order that is read later has the total, the currency, the items and the type that were sent."""
    body = _body(epos)
    made = epos.ready(await epos.ask("CreateOrder", body), "an order could not be made")
    epos.tidy_order(made["id"])
    order = epos.granted(await epos.ask("GetOrderById", orderId=made["id"]), "the order")
    epos.same(body["totalAmount"]["value"], order["totalAmount"]["value"], "totalAmount.value")
    epos.same(body["details"]["orderType"], order["details"]["orderType"], "orderType")
    kept = [(one["name"], one["quantity"]) for one in order.get("items") or []]
    epos.same([(one["name"], one["quantity"]) for one in body["items"]], kept, "items")


@check(
    _SHOULD,
    "CreateOrder",
    source=inferred("dojoOrderId is Dojo's id of the order, and an answer may get lost"),
    not_proved="That it holds for ever, or after a restart.",
)
async def create_again_is_the_same_order(epos: Epos) -> None:
    """The same order sent again is the same order: the kitchen must not cook it twice."""
    body = _body(epos)
    first = epos.ready(await epos.ask("CreateOrder", body), "an order could not be made")
    epos.tidy_order(first["id"])
    again = await epos.ask("CreateOrder", body)
    content = epos.granted(again, "the order that is there already")
    if content["id"] != first["id"]:
        epos.tidy_order(content["id"])
    epos.same(first["id"], content["id"], "id")


@check(
    _SHOULD,
    "CreateOrder",
    source=inferred("as for the same order sent again; a retry may overtake the first request"),
    not_proved="That no other interleaving makes two: few were tried.",
)
async def create_twice_at_once_is_one_order(epos: Epos) -> None:
    """The same order sent twice at one moment is one order."""
    await _need_replays(epos)
    for _ in range(3):
        body = _body(epos)
        answers = await asyncio.gather(*(epos.ask("CreateOrder", body) for _ in range(2)))
        made = {one.content["id"] for one in answers if one.ok}
        for order_id in made:
            epos.tidy_order(order_id)
        if not made:
            raise NotTried(f"an order could not be made: {answers[0].words}")
        epos.same(1, len(made), "orders")


@check(
    _MUST,
    "SearchOrders",
    source=spec("SearchOrders"),
    not_proved="How soon after a change at the till it is found.",
)
async def found_once_made(epos: Epos) -> None:
    """An order that was made is found: what is not found cannot be paid at the table."""
    order_id = await epos.order()
    found = ids_of(await all_pages(epos, "SearchOrders", {"payableOnly": True}))
    epos.expect(order_id in found, "the new order is among the payable ones", "it is not")


@check(
    _MUST,
    "SearchOrders",
    source=schema("SearchOrdersRequest", "payableOnly: return only orders where payable=true"),
    not_proved="That `payable` is true exactly where a payment would be accepted.",
)
async def payable_only(epos: Epos) -> None:
    """A search for payable orders finds no others: a guest would be asked to pay again."""
    order_id = await epos.order()
    paid = await epos.record(order_id, epos.payment(TOTAL))
    epos.ready(paid, "RecordOrderPaymentById")
    rows = await all_pages(epos, "SearchOrders", {"payableOnly": True})
    wrong = [row["id"] for row in rows if row.get("payable") is False]
    epos.expect(not wrong, "only orders with payable true", f"{len(wrong)} have payable false")


@check(
    _MUST,
    "SearchOrders",
    source=schema("SearchDineInDetails", "tableId"),
    not_proved="The filters by waiter, party and reservation.",
)
async def table_filter(epos: Epos) -> None:
    """A search for one table finds the orders of that table alone."""
    tables = [str(one["id"]) for one in epos.world.tables]
    if len(tables) < 2:
        raise NotTried("there are fewer than two tables")
    here = await epos.order(table_id=tables[0])
    there = await epos.order(table_id=tables[1])
    found = ids_of(await all_pages(epos, "SearchOrders", {"dineIn": {"tableId": tables[0]}}))
    epos.expect(here in found, "the order of the table", "it is not found")
    epos.expect(there not in found, "no order of another table", "one is found")


@check(
    _MUST,
    "GetOrderById",
    source=docs("core-concepts/pos-events: what is not found is taken to be gone"),
    not_proved="What happens with ids of another venue.",
    writes=False,
)
async def unknown_is_not_found(epos: Epos) -> None:
    """An unknown id is NotFound: Dojo then takes the order to be gone."""
    answer = await epos.ask("GetOrderById", orderId=_NO_ORDER)
    epos.refused(answer, "NotFound", "there is no such order")


@check(
    _MUST,
    "CancelOrderById",
    source=spec("CancelOrderById", "404 as in 4XX"),
    not_proved="What happens with ids of another venue.",
)
async def cancel_unknown_is_not_found(epos: Epos) -> None:
    """What does not exist cannot be cancelled."""
    answer = await epos.ask("CancelOrderById", orderId=_NO_ORDER)
    epos.refused(answer, "NotFound", "there is no such order")


@check(
    _MUST,
    "CancelOrderById",
    source=docs("core-concepts/orders: Canceled is no longer active"),
    not_proved="That the kitchen hears of it.",
)
async def cancelled_says_so(epos: Epos) -> None:
    """The answer to a cancellation is the cancelled order."""
    order = epos.granted(await _cancel(epos, await epos.order()), "the cancelled order")
    epos.same("Canceled", order["status"], "status")


@check(
    _MUST,
    "CancelOrderById",
    "GetOrderById",
    source=docs("core-concepts/orders: Canceled is no longer active"),
    not_proved="That staff cannot open it again.",
)
async def cancelled_stays_cancelled(epos: Epos) -> None:
    """A cancelled order is cancelled when it is read later, or it is gone."""
    order_id = await epos.order()
    epos.ready(await _cancel(epos, order_id), "CancelOrderById")
    answer = await epos.ask("GetOrderById", orderId=order_id)
    if answer.kind != "NotFound":
        epos.same("Canceled", epos.granted(answer, "the cancelled order")["status"], "status")


@check(
    _MUST,
    "CancelOrderById",
    "SearchOrders",
    source=docs("payments/pay-at-table/flows: what cannot be paid is not payable"),
    not_proved="That a payment of it is refused; another check does.",
)
async def cancelled_is_not_offered(epos: Epos) -> None:
    """A cancelled order is not among the payable ones."""
    order_id = await epos.order()
    epos.ready(await _cancel(epos, order_id), "CancelOrderById")
    rows = await all_pages(epos, "SearchOrders", {"payableOnly": True})
    epos.expect(order_id not in ids_of(rows), "it is not found as payable", "it is found")


async def _need_replays(epos: Epos) -> None:
    """Raises NotTried where an order that is sent again is another order."""
    body = _body(epos)
    answers = [await epos.ask("CreateOrder", body) for _ in range(2)]
    made = {one.content["id"] for one in answers if one.ok}
    for order_id in made:
        epos.tidy_order(order_id)
    if len(made) != 1:
        raise NotTried("see orders.create-again-is-the-same-order")


def _body(epos: Epos) -> Json:
    return bodies.order(epos.new_id("order"), epos.world.currency, TOTAL, epos.world.table_id)


async def _cancel(epos: Epos, order_id: str) -> Exchange:
    return await epos.ask("CancelOrderById", orderId=order_id)
