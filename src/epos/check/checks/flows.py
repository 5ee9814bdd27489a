"""Flow by flow: what each product does with an EPOS, from the first request to the last."""

from epos.check.checks.paging import all_pages, ids_of
from epos.check.checks.payments import payments_with
from epos.check.exchanges import Exchange, Json
from epos.check.registry import BOTH, Check, Obligation, Work, docs, register
from epos.check.subject import TOTAL, Epos, NotTried
from epos.contract.operation import BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY
from epos.simulator.formats import now_text

_NOT_PROVED = (
    "That the sums and refusals on the way are right (other checks judge them), that a real terminal "
    "shows what a waiter expects, or that Dojo accredits the EPOS."
)


def _register(name: str, product: str, needs: tuple[str, ...], work: Work, source: str) -> None:
    register(
        Check(
            name=f"flows.{name}",
            obligation=Obligation.MUST,
            reason=" ".join((work.__doc__ or "").split()),
            source=source,
            not_proved=_NOT_PROVED,
            needs=needs,
            products=frozenset({product}),
            writes=True,
            transports=BOTH,
            work=work,
        )
    )


def _step(epos: Epos, exchange: Exchange) -> Json:
    """Raises Failed, and names the step."""
    content = epos.granted(exchange, f"step {exchange.capability}")
    return content if isinstance(content, dict) else {}


async def _pay_at_table(epos: Epos) -> None:
    """A waiter chooses the tab, locks it, prints the bill, takes two cards with a tip, and unlocks it."""
    order_id, lock_id = await epos.order(), epos.new_id("lock")
    listed = ids_of(await all_pages(epos, "SearchOrders", {"payableOnly": True}))
    if order_id not in listed:
        raise NotTried("see orders.found-once-made")
    locking = not epos.world.unclaimed & {"CreateOrderLock", "DeleteOrderLock"}
    if locking:
        _step(epos, await epos.lock(order_id, lock_id))
    if "GetOrderBillById" not in epos.world.unclaimed:
        _step(epos, await epos.ask("GetOrderBillById", orderId=order_id))
    for part, tip in ((TOTAL - 500, 100), (500, 0)):
        body = epos.payment(part, tip, lock_id if locking else None)
        _step(epos, await epos.record(order_id, body))
    if locking:
        _step(epos, await epos.ask("DeleteOrderLock", orderId=order_id, lockId=lock_id))


async def _order_and_pay(epos: Epos) -> None:
    """A guest orders on the phone: the order comes with its payment, and is acknowledged with it."""
    payment = epos.payment(TOTAL, 100)
    order = await epos.made_order(payments=[payment])
    shown = await epos.shown(order["id"])
    found = payments_with(shown, payment["paymentIntentId"])
    epos.same(1, len(found), "payments of the intent on the order")
    _step(epos, await epos.tell(payment["paymentIntentId"], "Captured"))


async def _qr_pay(epos: Epos) -> None:
    """A guest scans the code of a table, sees its order, and pays it."""
    if not epos.world.tables:
        raise NotTried("there is no table")
    table = str(epos.world.tables[0]["id"])
    order_id = await epos.order(table_id=table)
    body = {"dineIn": {"tableId": table}, "payableOnly": True}
    if order_id not in ids_of(await all_pages(epos, "SearchOrders", body)):
        raise NotTried("see orders.table-filter")
    payment = epos.payment(TOTAL)
    _step(epos, await epos.tell(payment["paymentIntentId"], "Created"))
    if "RecordOrderPaymentById" not in epos.world.unclaimed:
        _step(epos, await epos.record(order_id, payment))
    _step(epos, await epos.tell(payment["paymentIntentId"], "Captured"))


async def _bookings(epos: Epos) -> None:
    """Guests book, come, sit down with their reservation, and leave."""
    reservation = await epos.reservation()
    more = {"dojoReservationId": reservation["dojoReservationId"]}
    party = await epos.party(reservationId=reservation["id"], **more)
    shown = _step(epos, await epos.ask("GetPartyById", partyId=party["id"]))
    epos.same(reservation["id"], shown.get("reservationId"), "reservationId of the party")
    left = {
        "dojoPartyId": party["dojoPartyId"],
        "tableIds": party["tableIds"],
        "startTime": party["startTime"],
        "status": "Left",
        "endTime": now_text(),
    }
    _step(epos, await epos.ask("UpdateParty", left, partyId=party["id"]))


_register(
    "pay-at-table",
    PAY_AT_TABLE,
    ("SearchOrders", "GetOrderById", "RecordOrderPaymentById"),
    _pay_at_table,
    docs("payments/pay-at-table/flows"),
)
_register(
    "order-and-pay",
    ORDER_AND_PAY,
    ("CreateOrder", "GetOrderById", "HandleEvent"),
    _order_and_pay,
    docs("payments/order-and-pay/flows"),
)
_register(
    "qr-pay",
    QR_PAY,
    ("SearchOrders", "GetOrderById", "HandleEvent"),
    _qr_pay,
    docs("core-concepts/orders: QR Pay; its own pages were not seen"),
)
_register(
    "bookings",
    BOOKINGS,
    ("CreateReservation", "CreateParty", "GetPartyById", "UpdateParty"),
    _bookings,
    docs("bookings/step-by-step-guide"),
)
