"""Bad input: what is wrong is refused as InvalidRequest, and changes nothing."""

from typing import Any

from epos.check import bodies
from epos.check.checks.payments import payments_with
from epos.check.exchanges import REST, Json
from epos.check.registry import Obligation, check, schema, spec
from epos.check.subject import TOTAL, Epos

_MUST, _SHOULD, _MAY = Obligation.MUST, Obligation.SHOULD, Obligation.MAY
_RECORD = ("RecordOrderPaymentById", "GetOrderById")
_OTHERS = "That other wrong values are refused: one was tried."


async def _payment_refused(epos: Epos, why: str, **changes: Any) -> None:
    order_id, body = await epos.order(), epos.payment(500)
    changed = {name: value for name, value in (body | changes).items() if value is not None}
    answer = await epos.record(order_id, changed)
    epos.refused(answer, "InvalidRequest", why)
    left = payments_with(await epos.shown(order_id), body["paymentIntentId"])
    epos.expect(not left, "no payment is recorded", "one is", answer)


@check(
    _MUST, *_RECORD, source=schema("PaymentWithLockId", "required: paidAmount"), not_proved=_OTHERS
)
async def payment_without_an_amount(epos: Epos) -> None:
    """A payment without an amount is refused, and nothing is recorded."""
    await _payment_refused(epos, "paidAmount is missing", paidAmount=None)


@check(_MUST, *_RECORD, source=schema("Money", "value: integer"), not_proved=_OTHERS)
async def amount_that_is_text(epos: Epos) -> None:
    """An amount that is text is refused: nobody guesses about money."""
    amount = bodies.money("five hundred", epos.world.currency)
    await _payment_refused(epos, "paidAmount.value is text", paidAmount=amount)


@check(_MUST, *_RECORD, source=schema("Money", "value: integer"), not_proved=_OTHERS)
async def amount_with_a_fraction(epos: Epos) -> None:
    """An amount with a fraction of a penny is refused, not rounded."""
    amount = bodies.money(500.5, epos.world.currency)
    await _payment_refused(epos, "paidAmount.value is 500.5", paidAmount=amount)


@check(
    _SHOULD,
    *_RECORD,
    source=schema("PaymentWithLockId", "a payment of less than nothing is none"),
    not_proved=_OTHERS,
)
async def negative_amount(epos: Epos) -> None:
    """A payment of less than nothing is refused."""
    amount = bodies.money(-500, epos.world.currency)
    await _payment_refused(epos, "paidAmount.value is -500", paidAmount=amount)


@check(_MUST, *_RECORD, source=schema("Money", "currencyCode: GBP and EUR"), not_proved=_OTHERS)
async def unknown_currency(epos: Epos) -> None:
    """A currency that is none is refused."""
    amount = bodies.money(500, "XXX")
    await _payment_refused(epos, "paidAmount.currencyCode is XXX", paidAmount=amount)


@check(
    _MUST,
    "CreateOrder",
    source=schema("CreateOrderRequest", "required: details, items, totalAmount, ..."),
    not_proved=_OTHERS,
)
async def order_without_a_total(epos: Epos) -> None:
    """An order without a total is refused."""
    body = _order(epos)
    del body["totalAmount"]
    epos.refused(await _create(epos, body), "InvalidRequest", "totalAmount is missing")


@check(_MUST, "CreateOrder", source=schema("OrderType", "DineIn, Collection"), not_proved=_OTHERS)
async def order_of_an_unknown_type(epos: Epos) -> None:
    """An order whose type is none is refused."""
    body = _order(epos) | {"details": {"orderType": "Teleport"}}
    epos.refused(await _create(epos, body), "InvalidRequest", "orderType is Teleport")


@check(
    _MUST,
    "CreateOrderLock",
    source=schema("CreateOrderLockRequest", "expiry: date-time"),
    not_proved=_OTHERS,
)
async def time_that_is_none(epos: Epos) -> None:
    """A lock whose expiry is no time is refused: it would never end."""
    body = {"lockId": epos.new_id("lock"), "expiry": "tomorrow"}
    answer = await epos.ask("CreateOrderLock", body, orderId=await epos.order())
    epos.refused(answer, "InvalidRequest", "expiry is no time")


@check(
    _MUST,
    "CreateParty",
    source=schema("CreatePartyRequest", "required: startTime, tableIds, dojoPartyId"),
    not_proved=_OTHERS,
)
async def party_without_tables(epos: Epos) -> None:
    """A party that sits nowhere is refused."""
    body = bodies.party(epos.new_id("party"), ["none"])
    del body["tableIds"]
    epos.refused(await _made(epos, "CreateParty", body), "InvalidRequest", "tableIds is missing")


@check(
    _MUST,
    "CreateReservation",
    source=schema("CreateReservationRequest", "covers: integer"),
    not_proved=_OTHERS,
)
async def covers_that_are_text(epos: Epos) -> None:
    """A number of guests that is text is refused."""
    body = epos.reservation_body() | {"covers": "a few"}
    answer = await _made(epos, "CreateReservation", body)
    epos.refused(answer, "InvalidRequest", "covers is text")


@check(
    _MUST,
    "HandleEvent",
    source="EPOS Data API WebSocket 1.0, Event: all properties are required",
    not_proved=_OTHERS,
)
async def event_without_data(epos: Epos) -> None:
    """An event that says nothing is refused."""
    body = bodies.event(epos.new_id("event"), "pi_none", "Created")
    del body["data"]
    epos.refused(await epos.ask("HandleEvent", body), "InvalidRequest", "data is missing")


@check(
    _SHOULD,
    "SearchOrders",
    source=schema("Cursor", "limit: at most 100"),
    not_proved=_OTHERS,
    writes=False,
)
async def limit_that_is_too_large(epos: Epos) -> None:
    """A page of more than 100 is refused."""
    answer = await epos.ask("SearchOrders", {"cursor": {"limit": 1000}})
    epos.refused(answer, "InvalidRequest", "limit is 1000")


@check(
    _SHOULD,
    "SearchOrders",
    source=schema("Cursor", "before and after are mutually exclusive"),
    not_proved=_OTHERS,
    writes=False,
)
async def both_directions(epos: Epos) -> None:
    """`before` and `after` together are refused."""
    cursor = {"limit": 1, "before": "a", "after": "b"}
    answer = await epos.ask("SearchOrders", {"cursor": cursor})
    epos.refused(answer, "InvalidRequest", "before and after are both sent")


@check(
    _SHOULD,
    "SearchOrders",
    source=schema("Cursor", "after: a cursor of an answer"),
    not_proved=_OTHERS,
    writes=False,
)
async def cursor_that_nobody_gave(epos: Epos) -> None:
    """A cursor that no answer has given is refused, and is no fault of the server."""
    answer = await epos.ask("SearchOrders", {"cursor": {"limit": 1, "after": "epos-check"}})
    if answer.ok:
        epos.loose("it is accepted")
    else:
        epos.refused(answer, "InvalidRequest", "nobody gave this cursor")


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=schema("PaymentWithLockId", "additional properties are not excluded"),
    not_proved="That it holds in every object.",
)
async def unknown_property_of_a_payment(epos: Epos) -> None:
    """A property that is newer than the EPOS is ignored: Dojo may add some at any time."""
    body = epos.payment(500) | {"eposCheck": {"newer": True}}
    epos.granted(await epos.record(await epos.order(), body), "the order with the payment")


@check(
    _MUST,
    "CreateOrder",
    source=schema("CreateOrderRequest", "additional properties are not excluded"),
    not_proved="That it holds in every object.",
)
async def unknown_property_of_an_order(epos: Epos) -> None:
    """As for a payment: what is newer than the EPOS is ignored."""
    epos.granted(await _create(epos, _order(epos) | {"eposCheck": 1}), "the order")


@check(
    _MAY,
    "CreateOrderLock",
    source="Not documented: some terminals send waiterId, as a number, though the schema has it not",
    not_proved="That the waiter is understood.",
)
async def waiter_in_a_lock(epos: Epos) -> None:
    """A lock may carry a waiter that the schema does not have: without it no table can be paid there."""
    body = bodies.lock(epos.new_id("lock"), 60) | {"waiterId": 0}
    order_id = await epos.order()
    answer = await epos.ask("CreateOrderLock", body, orderId=order_id)
    epos.granted(answer, "the order")
    await epos.ask("DeleteOrderLock", orderId=order_id, lockId=body["lockId"])


@check(
    _MUST,
    "CreateOrder",
    source=spec("CreateOrder", "requestBody: application/json"),
    not_proved=_OTHERS,
    transports=(REST,),
)
async def body_that_is_no_json(epos: Epos) -> None:
    """A body that is no JSON is refused, and is no fault of the server."""
    sent = epos.link.form(epos.call("CreateOrder")) | {"text": '{"items": ['}
    epos.refused(await epos.send("CreateOrder", sent), "InvalidRequest", "the body is no JSON")


@check(
    _MUST,
    "CreateOrder",
    source=spec("CreateOrder", "requestBody: an object"),
    not_proved=_OTHERS,
    transports=(REST,),
)
async def body_that_is_a_list(epos: Epos) -> None:
    """A body that is no object is refused, and is no fault of the server."""
    sent = epos.link.form(epos.call("CreateOrder")) | {"body": [1, 2]}
    epos.refused(await epos.send("CreateOrder", sent), "InvalidRequest", "the body is a list")


def _order(epos: Epos) -> Json:
    return bodies.order(epos.new_id("order"), epos.world.currency, TOTAL, epos.world.table_id)


async def _create(epos: Epos, body: Json) -> Any:
    answer = await epos.ask("CreateOrder", body)
    if isinstance(answer.content, dict) and "id" in answer.content:
        epos.tidy_order(answer.content["id"])
    return answer


async def _made(epos: Epos, capability: str, body: Json) -> Any:
    answer = await epos.ask(capability, body)
    if isinstance(answer.content, dict) and "id" in answer.content:
        tidy = epos.tidy_party if capability == "CreateParty" else epos.tidy_reservation
        tidy(answer.content["id"])
    return answer
