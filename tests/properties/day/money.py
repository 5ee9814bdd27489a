"""Money of an order: taken at a till or by a terminal, given back, corrected; tips, deposits, vouchers."""

from collections.abc import Iterable
from datetime import date

from tests.properties.day.drawers import close_drawers, refuse_unknown
from tests.properties.day.edits import make_all
from tests.properties.day.given_back import less, more
from tests.properties.day.world import Order, Payment, Refused, Voucher, World

ENDS = {"Reversed": "reversed", "Refunded": "refunded", "Canceled": "canceled"}


def _enter(world: World, order: Order, payment: Payment, who: str | None) -> None:
    """A tip belongs to the waiter of the order, or else to who took it."""
    payment.waiter = order.waiter or who
    order.payments.append(payment)
    world.note_money(payment, payment.paid, payment.tips, what="payments")
    if order.tab is not None and payment.paid and order.paid == order.total:
        make_all(order, order.tab)
        if world.finalizes:
            order.status = "Finalized"
    world.changed(order)


def _payment(order: Order, place: int) -> Payment:
    payment = order.payments[place]
    if payment.source == "dojo":
        raise Refused(409, "Dojo gives back what it took")
    if not payment.counts:
        raise Refused(409, payment.status)
    return payment


# --- taken ----------------------------------------------------------------------------------------


def take(
    world: World,
    uid: int,
    version: int,
    payment: Payment,
    amount: int | None,
    who: str | None,
    tendered: int | None = None,
) -> list[Order]:
    """`amount` None: all that is left; with a tip when nothing is left: the tip alone."""
    order = world.order(uid, version)
    is_paid = order.balance <= 0 < order.total
    if amount is None and payment.tips and is_paid and order.status not in ("Canceled", "Failed"):
        paid = 0
    elif not order.is_open or order.balance <= 0:
        raise Refused(409, "nothing to pay")
    else:
        paid = order.balance if amount is None else amount
        if paid > order.balance:
            raise Refused(409, "more than is left")
    if payment.voucher is not None:
        paid = _redeemable(world, payment, paid, amount)
    if tendered is not None and tendered < paid + payment.tips:
        raise Refused(400, "too little cash")
    payment.paid = paid
    _enter(world, order, payment, who)
    return [order]


def _redeemable(world: World, payment: Payment, paid: int, amount: int | None) -> int:
    voucher = world.vouchers.get(payment.voucher or "")
    if voucher is None:
        raise Refused(400, "nobody sold it")
    if amount is None:
        paid = min(paid, voucher.left - payment.tips)
    if paid <= 0 or paid + payment.tips > voucher.left:
        raise Refused(409, "it is worth less")
    return paid


def pay_by_card(world: World, uid: int, payment: Payment, who: str | None) -> list[Order]:
    """At a terminal, which never asks for a version."""
    order = world.orders[uid]
    if not order.is_open or payment.paid > order.balance:
        raise Refused(409, "the card gets it back")
    _enter(world, order, payment, who)
    return [order]


def tip(world: World, uid: int, version: int, payment: Payment, who: str | None) -> list[Order]:
    order = world.order(uid, version)
    if order.status in ("Canceled", "Failed"):
        raise Refused(409, order.status)
    _enter(world, order, payment, who)
    return [order]


def deposit(
    world: World, uid: int, version: int, party: str, amount: int | None, who: str | None
) -> list[Order]:
    order = world.order(uid, version)
    worth, is_used = world.deposits[party]
    if not order.is_open or not worth or is_used or order.balance <= 0:
        raise Refused(409, "not now, or not again")
    paid = min(worth, order.balance) if amount is None else amount
    if paid > min(worth, order.balance):
        raise Refused(409, "more than there is")
    world.deposits[party] = (worth, True)
    payment = Payment("other", paid, 0, method="deposit", deposit=party)
    _enter(world, order, payment, who)
    return [order]


# --- gone back ------------------------------------------------------------------------------------


def _smaller(world: World, order: Order, credited: int) -> None:
    """The bill becomes smaller by what went back and is not owed again."""
    if order.tab is None:
        order.given_back += credited
    elif credited > 0:
        more(order.tab, credited)
    elif credited:
        less(order.tab, -credited)
    world.changed(order)


def _part(
    world: World, order: Order, payment: Payment, amount: int, tips: int, *, owed: bool
) -> None:
    """A part goes back, `tips` of it of the tip; the payment counts what is left."""
    paid = amount - tips
    credited = 0 if owed else paid
    payment.paid -= paid
    payment.tips -= tips
    payment.back += amount
    payment.credited += credited
    order.went_back.append((amount, credited))
    world.note_money(payment, -paid, -tips, what="", partly=amount)
    if paid and owed and order.status == "Finalized":
        order.status = "Ready"
    _smaller(world, order, credited)


def _end(
    world: World, order: Order, payments: Iterable[Payment], status: str, *, owed: bool
) -> int:
    """All of these payments goes back, and what of them had made the bill smaller is owed again, if the
    rest is. How much went back.
    """
    before = order.given_back if order.tab is None else order.tab.given_back
    credited = total = 0
    for payment in payments:
        off = max(-payment.credited if owed else payment.paid, -before - credited)
        credited += off
        total += payment.left
        world.note_money(payment, -payment.paid, -payment.tips, what="ended", partly=-payment.back)
        if status == "refunded" or payment.source == "dojo" or (owed and off):
            if payment.left:
                order.went_back.append((payment.left, off))
            payment.back += payment.left
            payment.credited += 0 if owed else payment.paid
        payment.status = status
        payment.paid = payment.tips = 0
    if owed and order.status == "Finalized":
        order.status = "Ready"
    _smaller(world, order, credited)
    return total


def refund(
    world: World, uid: int, version: int, place: int, amount: int | None, owed: bool | None
) -> list[Order]:
    order = world.order(uid, version)
    payment = _payment(order, place)
    if amount is not None and amount > payment.left:
        raise Refused(409, "more than is left of it")
    if owed is None:
        owed = amount is None or order.is_open
    if amount is None or amount == payment.left:
        amount = _end(world, order, [payment], "refunded", owed=owed)
    else:
        tips = amount - min(amount, payment.paid)
        _part(world, order, payment, amount, tips, owed=owed)
    world.incident(order, "refund", amount)
    return [order]


def refund_all(world: World, uid: int, version: int, owed: bool | None) -> list[Order]:
    order = world.order(uid, version)
    ours = [payment for payment in order.payments if payment.counts and payment.source != "dojo"]
    if not ours:
        raise Refused(409, "nothing is left")
    if owed is None:
        owed = order.is_open
    world.incident(order, "refund", _end(world, order, ours, "refunded", owed=owed))
    return [order]


def correct(world: World, uid: int, version: int, place: int) -> list[Order]:
    """It never happened."""
    order = world.order(uid, version)
    payment = _payment(order, place)
    if payment.deposit is not None:
        world.deposits[payment.deposit] = (world.deposits[payment.deposit][0], False)
    world.incident(order, "correct", _end(world, order, [payment], "canceled", owed=True))
    return [order]


def correct_tip(
    world: World, uid: int, version: int, place: int, right: int, who: tuple[str | None, str]
) -> list[Order]:
    """`who`: the waiter and the drawer of the request."""
    order = world.order(uid, version)
    payment = _payment(order, place)
    if right > payment.tips:
        more = Payment(payment.source, 0, right - payment.tips, payment.method, drawer=who[1])
        _enter(world, order, more, who[0])
        world.incident(order, "correct", more.tips)
    elif right < payment.tips:
        off = payment.tips - right
        if off == payment.left:
            _end(world, order, [payment], "refunded", owed=False)
        else:
            _part(world, order, payment, off, off, owed=False)
        world.incident(order, "correct", off)
    return [order]


# --- what Dojo says of a card ---------------------------------------------------------------------


def _card(world: World, uid: int, intent: str) -> tuple[Order, Payment]:
    order = world.orders[uid]
    return order, next(one for one in order.payments if one.intent == intent)


def hear(world: World, uid: int, intent: str, status: str) -> list[Order]:
    """An event: captured, or the end of it (a refund of everything, a charge-back)."""
    order, payment = _card(world, uid, intent)
    if not payment.counts:
        return [order]
    if status in ENDS:
        back = _end(world, order, [payment], ENDS[status], owed=True)
        world.incident(order, "refund", back)
    else:
        payment.status = "captured"
    return [order]


def hear_part(world: World, uid: int, intent: str, refunded: int) -> list[Order]:
    """`refunded`: all that went back until now, as Dojo says."""
    order, payment = _card(world, uid, intent)
    more = min(refunded - payment.back, payment.left)
    if payment.counts and more > 0:
        tips = more - min(more, payment.paid)
        _part(world, order, payment, more, tips, owed=False)
        world.incident(order, "refund", more)
    return [order]


# --- beside orders --------------------------------------------------------------------------------


def sell_voucher(world: World, code: str, amount: int, *, drawer: str | None) -> list[Order]:
    """`drawer`: where the cash goes; None for other money."""
    if code in world.vouchers:
        raise Refused(409, "sold before")
    world.vouchers[code] = Voucher(amount, amount)
    world.notes.vouchers["sold"] += amount
    world.notes.has_entries = True
    if drawer is not None:
        world.notes.vouchers["sold for cash"] += amount
        world.notes.drawers[drawer]["paid_in"] += amount
        world.notes.drawers[drawer]["moves"] += 1
    return []


def close_day(
    world: World, day: date, counted: int | None, by_drawer: dict[str, int]
) -> list[Order]:
    """For ever, and in turn. A closed day answers its report again."""
    if day in world.books.closed:
        return []
    if day > world.begun:
        raise Refused(409, "it has not begun")
    if any(one < day for one in unclosed(world)):
        raise Refused(409, "an earlier one is open")
    for drawer in by_drawer:
        refuse_unknown(world, drawer)
    close_drawers(world, world.books.days[day], counted, by_drawer)
    world.books.closed.append(day)
    return []


def unclosed(world: World) -> list[date]:
    """The days that hold something, after the last one that is closed."""
    return sorted(
        day
        for day, notes in world.books.days.items()
        if day > world.books.last_closed and not notes.is_empty
    )
