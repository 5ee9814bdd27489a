"""Events about payments: they come more than once, late, and in any order."""

from epos.check import bodies
from epos.check.checks.payments import amount, paid_order, payments_with
from epos.check.registry import Obligation, check, docs, inferred
from epos.check.subject import Epos, NotTried

_MUST, _SHOULD, _MAY = Obligation.MUST, Obligation.SHOULD, Obligation.MAY
_DOCS = "core-concepts/dojo-events"
_TELL = ("HandleEvent", "RecordOrderPaymentById", "GetOrderById")


@check(
    _MUST,
    "HandleEvent",
    source=docs(f"{_DOCS}: at least once"),
    not_proved="That it is known for ever.",
)
async def same_again_is_granted(epos: Epos) -> None:
    """An event that comes again is acknowledged again: otherwise it comes for ever."""
    intent, event_id = epos.new_id("pi_sandbox"), epos.new_id("event")
    epos.ready(await epos.tell(intent, "Created", event_id), "HandleEvent")
    for _ in range(2):
        epos.granted(await epos.tell(intent, "Created", event_id), "an empty answer")


@check(
    _SHOULD,
    "HandleEvent",
    source=inferred(
        "an error would make Dojo send it again, and the intent may be another product's"
    ),
    not_proved="What the EPOS makes of it.",
)
async def unknown_intent_is_granted(epos: Epos) -> None:
    """An event about an intent that the EPOS does not know is acknowledged."""
    answer = await epos.tell(epos.new_id("pi_sandbox"), "Captured")
    epos.granted(answer, "an empty answer")


@check(
    _MAY,
    "HandleEvent",
    source=inferred("`event` is free text in the AsyncAPI document, and Dojo may add some"),
    not_proved="That a newer event is understood.",
)
async def newer_name_is_granted(epos: Epos) -> None:
    """An event of a name that is newer than the EPOS is acknowledged."""
    body = bodies.event(epos.new_id("event"), epos.new_id("pi_sandbox"), "Created")
    answer = await epos.ask("HandleEvent", body | {"event": "payment_intent.epos_check"})
    epos.granted(answer, "an empty answer")


@check(
    _MUST,
    *_TELL,
    source=docs(f"{_DOCS}; where the payment is recorded, an event about it is no second payment"),
    not_proved="That an EPOS which records by events alone counts each once.",
)
async def captured_is_no_second_payment(epos: Epos) -> None:
    """A payment that was recorded, and is captured then, counts once."""
    order_id, body = await paid_order(epos, 500)
    epos.ready(await epos.tell(body["paymentIntentId"], "Captured"), "HandleEvent")
    order = await epos.shown(order_id)
    epos.same(1, len(payments_with(order, body["paymentIntentId"])), "payments of the intent")
    epos.same(500, amount(order, "paidAmount"), "paidAmount.value")


@check(
    _SHOULD,
    *_TELL,
    source=inferred("no other capability says that a payment was given back"),
    not_proved="What staff are told.",
)
async def reversed_counts_no_more(epos: Epos) -> None:
    """A payment that was reversed is owed again."""
    order_id, body = await paid_order(epos, 500)
    epos.granted(await epos.tell(body["paymentIntentId"], "Reversed"), "an empty answer")
    epos.same(0, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")


@check(
    _SHOULD,
    *_TELL,
    source=docs(f"{_DOCS}: at least once; ") + inferred("each effect happens once"),
    not_proved="That it holds for every number of times.",
)
async def reversed_again_changes_nothing(epos: Epos) -> None:
    """A reversal that comes three times, also as another event, takes one payment away."""
    order_id, body = await paid_order(epos, 500)
    epos.ready(await epos.record(order_id, epos.payment(300)), "RecordOrderPaymentById")
    await epos.tell(body["paymentIntentId"], "Reversed")
    if amount(await epos.shown(order_id), "paidAmount") != 300:
        raise NotTried("see events.reversed-counts-no-more")
    event_id = epos.new_id("event")
    for _ in range(2):
        answer = await epos.tell(body["paymentIntentId"], "Reversed", event_id)
        epos.ready(answer, "HandleEvent, for the second time")
    epos.same(300, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")


@check(
    _MUST,
    *_TELL,
    source=docs(_DOCS) + "; the order of events is not documented",
    not_proved="Every order of every status.",
)
async def late_event_undoes_nothing(epos: Epos) -> None:
    """`Authorized` that comes after `Captured` takes no payment away."""
    order_id, body = await paid_order(epos, 500)
    epos.ready(await epos.tell(body["paymentIntentId"], "Captured"), "HandleEvent")
    if amount(await epos.shown(order_id), "paidAmount") != 500:
        raise NotTried("see events.captured-is-no-second-payment")
    for status in ("Authorized", "Created"):
        epos.ready(await epos.tell(body["paymentIntentId"], status), "HandleEvent")
    epos.same(500, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")


@check(
    _MUST,
    *_TELL,
    source=docs(_DOCS) + "; the order of events is not documented",
    not_proved="That an EPOS which asks Dojo about the intent believes what it hears.",
)
async def event_before_the_payment(epos: Epos) -> None:
    """An event that overtakes its payment does no harm: the payment is recorded once."""
    order_id, body = await epos.order(), epos.payment(500)
    epos.ready(await epos.tell(body["paymentIntentId"], "Captured"), "HandleEvent")
    epos.granted(await epos.record(order_id, body), "the order with the payment")
    epos.same(500, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")


@check(
    _SHOULD,
    *_TELL,
    source=inferred("what was given back has ended"),
    not_proved="What happens when the same guest pays again: that is another intent.",
)
async def reversed_stays_reversed(epos: Epos) -> None:
    """`Captured` that comes after `Reversed` brings no payment back."""
    order_id, body = await paid_order(epos, 500)
    await epos.tell(body["paymentIntentId"], "Reversed")
    if amount(await epos.shown(order_id), "paidAmount") != 0:
        raise NotTried("see events.reversed-counts-no-more")
    await epos.tell(body["paymentIntentId"], "Captured")
    epos.same(0, amount(await epos.shown(order_id), "paidAmount"), "paidAmount.value")
