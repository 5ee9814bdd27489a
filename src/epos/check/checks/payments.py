"""Payments: each counts once, whatever is sent again."""

import asyncio
from typing import Any

from epos.check.exchanges import Json
from epos.check.registry import Obligation, check, docs, inferred, schema, spec
from epos.check.subject import TOTAL, Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_RECORD = ("RecordOrderPaymentById", "GetOrderById")
_TRIES = 4


def amount(order: Json, name: str) -> int:
    """The minor units of an amount of an order. Raises NotTried where there is none."""
    shown = order.get(name)
    if not isinstance(shown, dict) or not isinstance(shown.get("value"), int | float):
        raise NotTried(f"the order shows no {name}")
    return int(shown["value"])


def payments_with(order: Json, intent: str) -> list[Json]:
    """The payments of an order that have this intent. Raises NotTried where none are shown."""
    shown = order.get("payments")
    if not isinstance(shown, list):
        raise NotTried("the order shows no payments")
    return [one for one in shown if one.get("paymentIntentId") == intent]


async def paid_order(epos: Epos, paid: int, tip: int = 0) -> tuple[str, Json]:
    """An order with one payment, and that payment as it was sent. Raises NotTried."""
    order_id, body = await epos.order(), epos.payment(paid, tip)
    epos.ready(await epos.record(order_id, body), "RecordOrderPaymentById")
    return order_id, body


async def need_replays(epos: Epos) -> None:
    """Raises NotTried where a payment that is sent again counts again: another check tells of it."""
    order_id, body = await paid_order(epos, 300)
    answer = await epos.record(order_id, body)
    paid = amount(await epos.shown(order_id), "paidAmount")
    if paid != 300 or not answer.ok:
        raise NotTried("no payment can be sent again: see payments.sent-again-counts-once")


@check(
    _MUST,
    *_RECORD,
    source=schema("Order", "payments"),
    not_proved="That it is in the takings of the day.",
)
async def shown_on_the_order(epos: Epos) -> None:
    """A recorded payment is on the order, with its intent, its amount and its tip."""
    order_id, body = await paid_order(epos, 500, 70)
    order = await epos.shown(order_id)
    found = payments_with(order, body["paymentIntentId"])
    epos.expect(bool(found), "the payment on the order", "no payment has its intent")
    epos.same(500, found[0]["paidAmount"]["value"], "payments[].paidAmount.value")
    epos.same(70, (found[0].get("tipsAmount") or {}).get("value"), "payments[].tipsAmount.value")


@check(
    _MUST,
    *_RECORD,
    source="EPOS Data API WebSocket 1.0, Order.paidAmount: the sum of all payments excluding tips",
    not_proved="That what is left to pay is right after refunds.",
)
async def parts_add_up(epos: Epos) -> None:
    """Two parts of a bill are two payments, and `paidAmount` is their sum."""
    order_id, _ = await paid_order(epos, 500)
    epos.ready(await epos.record(order_id, epos.payment(300)), "RecordOrderPaymentById")
    epos.same(800, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")


@check(
    _MUST,
    *_RECORD,
    source=schema("Order", "tipsAmount: must not be included in totalAmount or paidAmount"),
    not_proved="Which waiter gets the tip.",
)
async def tips_are_apart(epos: Epos) -> None:
    """A tip pays nothing of the bill: it is in `tipsAmount`, not in `paidAmount` or `totalAmount`."""
    order_id, _ = await paid_order(epos, 500, 70)
    order = await epos.shown(order_id)
    epos.same(500, amount(order, "paidAmount"), "paidAmount.value")
    epos.same(TOTAL, amount(order, "totalAmount"), "totalAmount.value")
    epos.same(70, amount(order, "tipsAmount"), "tipsAmount.value")


@check(
    _MUST,
    *_RECORD,
    source=docs("payments/pay-at-table/flows: the terminal asks for payable orders"),
    not_proved="That staff can add to the order.",
)
async def payable_after_a_part(epos: Epos) -> None:
    """After a part is paid the order is payable still: the next guest pays the next part."""
    order_id, _ = await paid_order(epos, 500)
    order = await epos.shown(order_id)
    epos.expect(order.get("payable") is True, "payable: true", f"payable: {order.get('payable')}")


@check(
    _MUST,
    *_RECORD,
    source=docs("payments/pay-at-table/flows: payable=false once fully paid off"),
    not_proved="That the order is closed at the till.",
)
async def not_payable_once_paid(epos: Epos) -> None:
    """What is paid in full is not payable: no guest is asked for it again."""
    order_id, _ = await paid_order(epos, TOTAL)
    order = await epos.shown(order_id)
    epos.expect(order.get("payable") is False, "payable: false", f"payable: {order.get('payable')}")


@check(
    _MUST,
    *_RECORD,
    source=spec(
        "RecordOrderPaymentById", "paymentIntentId; the rule is inferred: a retry is no payment"
    ),
    not_proved="That it holds after a restart, or a week later.",
)
async def sent_again_counts_once(epos: Epos) -> None:
    """The same payment sent again, after an answer was lost, is one payment."""
    order_id, body = await paid_order(epos, 500)
    await epos.record(order_id, body)
    order = await epos.shown(order_id)
    epos.same(1, len(payments_with(order, body["paymentIntentId"])), "payments of the intent")
    epos.same(500, amount(order, "paidAmount"), "paidAmount.value")


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=docs(
        "core-concepts/partials/lock-capabilities: on a Conflict Dojo reverses the payment"
    ),
    not_proved="That it holds once the order is closed.",
)
async def sent_again_is_granted(epos: Epos) -> None:
    """The same payment sent again gets 200: a refusal would make Dojo give the money back."""
    order_id, body = await paid_order(epos, 500)
    epos.granted(await epos.record(order_id, body), "the order as it is")


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=docs(
        "core-concepts/partials/lock-capabilities: on a Conflict Dojo reverses the payment"
    ),
    not_proved="That it holds once the order is closed.",
)
async def last_payment_sent_again_is_granted(epos: Epos) -> None:
    """So does the payment that paid the rest: nothing is left to pay, and it is no overpayment."""
    await need_replays(epos)
    order_id, body = await paid_order(epos, TOTAL)
    epos.granted(await epos.record(order_id, body), "the order as it is")


@check(
    _MUST,
    *_RECORD,
    source=inferred("a terminal may send a payment again before the first answer has come"),
    not_proved="That no other interleaving counts it twice: few were tried.",
)
async def at_one_moment_counts_once(epos: Epos) -> None:
    """The same payment sent twice at one moment is one payment."""
    await need_replays(epos)
    for _ in range(_TRIES):
        order_id, body = await epos.order(), epos.payment(500)
        answers = await asyncio.gather(*(epos.record(order_id, body) for _ in range(3)))
        if not any(answer.ok for answer in answers):
            raise NotTried(f"RecordOrderPaymentById: {answers[0].words}")
        order = await epos.shown(order_id)
        epos.same(1, len(payments_with(order, body["paymentIntentId"])), "payments of the intent")


@check(
    _MUST,
    *_RECORD,
    source=schema("Order", "paidAmount and totalAmount; the rule is inferred: nobody pays twice"),
    not_proved="That no other interleaving overpays: few were tried.",
)
async def two_at_one_moment_do_not_overpay(epos: Epos) -> None:
    """Two guests pay the whole bill at one moment: one payment is accepted, the other refused."""
    order_id, _ = await paid_order(epos, TOTAL)
    if (await epos.record(order_id, epos.payment(TOTAL))).ok:
        raise NotTried("more than the total is accepted: see payment-refusals.more-than-is-left")
    for _ in range(_TRIES):
        order_id, both = await epos.order(), [epos.payment(TOTAL) for _ in range(2)]
        answers = await asyncio.gather(*(epos.record(order_id, body) for body in both))
        if not any(answer.ok for answer in answers):
            raise NotTried(f"RecordOrderPaymentById: {answers[0].words}")
        paid = amount(await epos.shown(order_id), "paidAmount")
        epos.expect(paid <= TOTAL, f"at most {TOTAL} are paid", f"{paid} are paid")


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=docs("payments/pay-at-table/flows: the flow without locks is mandatory"),
    not_proved="That nobody changes the order meanwhile.",
)
async def without_a_lock(epos: Epos) -> None:
    """A payment needs no lock."""
    answer = await epos.record(await epos.order(), epos.payment(500))
    epos.granted(answer, "the order with the payment")


@check(
    _MUST,
    "RecordOrderPaymentById",
    "CreateOrderLock",
    source=docs("core-concepts/partials/lock-capabilities: several payments under one lock"),
    not_proved="That the lock is still held afterwards.",
)
async def several_under_one_lock(epos: Epos) -> None:
    """Two payments in one session, under one lock."""
    order_id, lock_id = await epos.order(), epos.new_id("lock")
    epos.ready(await epos.lock(order_id, lock_id), "CreateOrderLock")
    for _ in range(2):
        answer = await epos.record(order_id, epos.payment(500, lock_id=lock_id))
        epos.granted(answer, "the order with the payment")


@check(
    _MUST,
    "RecordOrderPaymentById",
    source=schema("EPOSErrorType", "and the answer of RecordOrderPayment, 200: an Order"),
    not_proved="That a later read shows the same; other checks do.",
)
async def answer_shows_the_payment(epos: Epos) -> None:
    """The answer is the order with the new payment: the terminal shows what is left from it."""
    body = epos.payment(500)
    order: Any = epos.granted(await epos.record(await epos.order(), body), "the order")
    epos.same(1, len(payments_with(order, body["paymentIntentId"])), "payments of the intent")
