"""Payments that must not be recorded, and how that is said: on a Conflict Dojo gives the money back."""

from epos.check.checks.payments import amount, need_replays, paid_order, payments_with
from epos.check.exchanges import Json
from epos.check.registry import Obligation, check, docs, inferred, spec
from epos.check.subject import TOTAL, Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_RECORD = ("RecordOrderPaymentById", "GetOrderById")
_CONFLICT = docs(
    "core-concepts/partials/lock-capabilities: Conflict makes Dojo reverse the payment"
)


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=spec("RecordOrderPaymentById", "4XX"),
    not_proved="What Dojo does then: it is not documented for NotFound.",
)
async def unknown_order(epos: Epos) -> None:
    """There is nothing to pay on an order that does not exist."""
    answer = await epos.record("no-such-order-epos-check", epos.payment(500))
    epos.refused(answer, "NotFound", "there is no such order")


@check(
    _SHOULD,
    *_RECORD,
    source=inferred(f"paidAmount is at most totalAmount; {_CONFLICT}"),
    not_proved="That a payment of exactly the rest is accepted; other checks do.",
)
async def more_than_is_left(epos: Epos) -> None:
    """More than is left to pay is refused with Conflict, so that the guest gets it back."""
    order_id, _ = await paid_order(epos, TOTAL - 500)
    answer = await epos.record(order_id, epos.payment(501))
    epos.refused(answer, "Conflict", "500 are left to pay")


@check(
    _MUST,
    "RecordOrderPaymentById",
    "CancelOrderById",
    source=_CONFLICT,
    not_proved="The same for orders that were finished or rejected at the till.",
)
async def cancelled_order(epos: Epos) -> None:
    """A cancelled order takes no payment."""
    order_id = await epos.order()
    epos.ready(await epos.ask("CancelOrderById", orderId=order_id), "CancelOrderById")
    answer = await epos.record(order_id, epos.payment(500))
    if answer.kind == "NotFound":
        epos.loose("NotFound, not Conflict: what Dojo does then is not documented")
    else:
        epos.refused(answer, "Conflict", "the order is cancelled")


@check(
    _SHOULD,
    "RecordOrderPaymentById",
    source=inferred(f"an order has one currency; {_CONFLICT}"),
    not_proved="That a venue could not have both currencies.",
)
async def other_currency(epos: Epos) -> None:
    """A payment in another currency than the order's is refused."""
    order_id, body = await epos.order(), epos.payment(500)
    other = "EUR" if epos.world.currency == "GBP" else "GBP"
    body["paidAmount"]["currencyCode"] = other
    answer = await epos.record(order_id, body)
    if answer.kind == "InvalidRequest":
        epos.loose("InvalidRequest, not Conflict: only that is documented to give the money back")
    else:
        epos.refused(answer, "Conflict", f"the order is in {epos.world.currency}")


@check(
    _SHOULD,
    "RecordOrderPaymentById",
    "CreateOrderLock",
    source=inferred("a lock guarantees that only its holder writes"),
    not_proved="That a payment without any lock id is refused: it need not be.",
)
async def under_another_lock(epos: Epos) -> None:
    """A payment that names another lock than the live one is refused."""
    order_id = await epos.order()
    epos.ready(await epos.lock(order_id), "CreateOrderLock")
    answer = await epos.record(order_id, epos.payment(500, lock_id=epos.new_id("lock")))
    epos.refused(answer, "Conflict", "another lock is live")


@check(
    _SHOULD,
    *_RECORD,
    source=inferred("one payment intent is one payment"),
    not_proved="That it holds across venues.",
)
async def intent_of_another_order(epos: Epos) -> None:
    """An intent that has paid one order does not pay another."""
    await need_replays(epos)
    _, body = await paid_order(epos, 500)
    other = await epos.order()
    answer = await epos.record(other, body)
    epos.refused(answer, "Conflict", "the intent has paid another order")


@check(
    _SHOULD,
    *_RECORD,
    source=inferred("one payment intent is one payment, of one amount"),
    not_proved="Which of the two amounts the card was charged.",
)
async def same_intent_with_another_amount(epos: Epos) -> None:
    """The same intent with another amount changes nothing and is refused."""
    await need_replays(epos)
    order_id, body = await paid_order(epos, 500)
    changed: Json = body | {"paidAmount": {**body["paidAmount"], "value": 600}}
    answer = await epos.record(order_id, changed)
    order = await epos.shown(order_id)
    if amount(order, "paidAmount") != 500 or not payments_with(order, body["paymentIntentId"]):
        epos.fail("paidAmount 500, as it was", f"paidAmount {amount(order, 'paidAmount')}", answer)
    epos.refused(answer, "Conflict", "the intent was recorded with 500")


@check(
    _MUST,
    *_RECORD,
    source=spec("RecordOrderPaymentById", "a payment that cannot be recorded is reversed by Dojo"),
    not_proved="That other refusals leave no trace.",
)
async def refused_leaves_no_trace(epos: Epos) -> None:
    """A refused payment is not on the order: Dojo gives it back."""
    order_id, body = await epos.order(), epos.payment(TOTAL + 1)
    answer = await epos.record(order_id, body)
    if answer.ok:
        raise NotTried("it was not refused: see payment-refusals.more-than-is-left")
    order = await epos.shown(order_id)
    epos.expect(not payments_with(order, body["paymentIntentId"]), "no payment", "it is there")
