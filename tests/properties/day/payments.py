"""Requests about money: at a till, at a terminal, from Dojo, and beside orders."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from tests.properties.day import dojos, locks, money
from tests.properties.day.requests import (
    APPROVED,
    VOUCHERS,
    Chooser,
    Request,
)
from tests.properties.day.world import Order, Payment, World
from tests.support.clock import wire
from tests.support.orders import event, gbp, unique
from tests.support.pins import APPROVAL

Json = dict[str, Any]
_METHODS = ("cheque", "voucher", "bank transfer")


def drawer(who: dict[str, str]) -> str:
    return who.get("device_id", "main")


def _may_be_locked(order: Order) -> bool:
    """One that is locked already, or whose bill was shown as it is."""
    was_shown = order.tab is None or 0 < order.total == order.billed
    return order.is_open and (order.lock is not None or was_shown)


@dataclass
class MoneyChooser(Chooser):
    def owing(self) -> Order | None:
        return self.order(wanted=lambda one: one.is_open and one.balance > 0)

    def amount(self, balance: int) -> int | None:
        """None: all that is left."""
        if self.chance(0.4):
            return None
        if self.chance(0.03):
            return balance + 1
        return self.random.randint(1, max(balance, 1))

    # --- taken ------------------------------------------------------------------------------------

    def pay(self) -> Request | None:
        found = self.owing()
        if found is None:
            return None
        who, tip = self.who(), self.random.choice((0, 0, 0, 1, 150))
        amount = self.amount(found.balance)
        body: Json = {"tip": tip} | ({} if amount is None else {"amount": amount})
        tendered = None
        if self.chance(0.6):
            payment = Payment("cash", 0, tip, drawer=drawer(who))
            body["type"] = "cash"
            if self.chance(0.3):
                tendered = (found.balance if amount is None else amount) + tip
                tendered += self.random.choice((0, 500, -1 if tendered else 0))
                body["tendered"] = tendered
        else:
            payment = Payment("other", 0, tip, method=self.random.choice(_METHODS))
            body |= {"type": "other", "method": payment.method}
        return self._take(found, payment, body, who, amount, tendered)

    def redeem(self) -> Request | None:
        worth = sorted(code for code, one in self.world.vouchers.items() if one.left)
        found = self.owing()
        if found is None or not worth:
            return None
        code = self.random.choice(worth)
        if self.chance(0.05):
            code = "nobody-sold-it"
        who, tip = self.who(), self.random.choice((0, 0, 10))
        amount = None if self.chance(0.7) else self.random.randint(1, 2_000)
        payment = Payment("other", 0, tip, method="voucher", voucher=code)
        body: Json = {"type": "other", "method": "voucher", "voucher": code, "tip": tip}
        body |= {} if amount is None else {"amount": amount}
        return self._take(found, payment, body, who, amount, None)

    def _take(
        self,
        found: Order,
        payment: Payment,
        body: Json,
        who: dict[str, str],
        amount: int | None,
        tendered: int | None,
    ) -> Request:
        uid = found.uid

        def carry_out(world: World, version: int) -> list[Order]:
            mine = replace(payment)
            return money.take(world, uid, version, mine, amount, who.get("waiter_id"), tendered)

        return self.write("pay", found, "payments", body, carry_out, who=who)

    def card(self) -> Request | None:
        found = self.owing()
        if found is None:
            return None
        paid = self.amount(found.balance) or max(found.balance, 1)
        tip, waiter = self.random.choice((0, 0, 99, 250)), self.random.choice((None, "anna"))
        payment = Payment("dojo", paid, tip, intent=unique("pi"))
        body = {
            "paymentIntentId": payment.intent,
            "paidAmount": gbp(paid),
            "tipsAmount": gbp(tip),
        }
        uid = found.uid
        return Request(
            "card",
            "dojo",
            "POST",
            f"/v1/orders/{found.id}/record-payment",
            body,
            lambda world: money.pay_by_card(world, uid, replace(payment), waiter),
            {} if waiter is None else {"waiter_id": waiter},
            (uid,),
        )

    def tip(self) -> Request | None:
        found = self.order(wanted=lambda one: bool(one.payments))
        if found is None:
            return None
        who, amount, uid = self.who(), self.random.choice((1, 100, 500)), found.uid
        payment = Payment("cash", 0, amount, drawer=drawer(who))
        body: Json = {"type": "cash", "amount": amount}
        if self.chance(0.3):
            payment = Payment("other", 0, amount, method="cheque")
            body = {"type": "other", "method": "cheque", "amount": amount}
        return self.write(
            "tip",
            found,
            "tips",
            body,
            lambda world, version: money.tip(
                world, uid, version, replace(payment), who.get("waiter_id")
            ),
            who=who,
        )

    def deposit(self) -> Request | None:
        found = self.owing()
        if found is None or not self.world.deposits:
            return None
        party = self.random.choice(list(self.world.deposits)[-3:])
        worth, _ = self.world.deposits[party]
        amount = None if self.chance(0.7) else self.random.randint(1, worth + 1)
        body: Json = {"partyId": party} | ({} if amount is None else {"amount": amount})
        who, uid = self.who(), found.uid
        return self.write(
            "deposit",
            found,
            "deposits",
            body,
            lambda world, version: money.deposit(
                world, uid, version, party, amount, who.get("waiter_id")
            ),
            who=who,
        )

    # --- gone back --------------------------------------------------------------------------------

    def _with_payment(self) -> tuple[Order, int] | None:
        """An order, and the place of one of its payments."""
        found = self.order(wanted=lambda one: any(payment.counts for payment in one.payments))
        if found is None or not found.payments:
            return None
        counting = [place for place, one in enumerate(found.payments) if one.counts]
        places = counting if counting and self.chance(0.95) else range(len(found.payments))
        return found, self.random.choice(list(places))

    def _about_payment(
        self, what: str, more: Json, carry_out: Callable[[World, int, int, int], list[Order]]
    ) -> Request | None:
        """`carry_out`: with order, version and place of the payment."""
        chosen = self._with_payment()
        if chosen is None:
            return None
        found, place = chosen
        uid = found.uid
        path = f"payments/{found.payments[place].id}/{what}"
        return self.write(
            what,
            found,
            path,
            APPROVED | more,
            lambda world, version: carry_out(world, uid, version, place),
        )

    def refund(self) -> Request | None:
        chosen = self._with_payment()
        if chosen is None:
            return None
        found, place = chosen
        payment, uid = found.payments[place], found.uid
        amount = None
        if self.chance(0.75):
            amount = self.random.randint(1, max(payment.left, 1)) + (1 if self.chance(0.02) else 0)
        owed = self.random.choice((None, None, True, False))
        more: Json = {} if amount is None else {"amount": amount}
        more |= {} if owed is None else {"owedAgain": owed}
        return self.write(
            "refund",
            found,
            f"payments/{payment.id}/refund",
            APPROVED | more,
            lambda world, version: money.refund(world, uid, version, place, amount, owed),
        )

    def correct(self) -> Request | None:
        return self._about_payment("correct", {}, money.correct)

    def correct_tip(self) -> Request | None:
        chosen = self._with_payment()
        if chosen is None:
            return None
        found, place = chosen
        who, right, uid = self.who(), self.random.choice((0, 50, 200)), found.uid
        return self.write(
            "correct tip",
            found,
            f"payments/{found.payments[place].id}/tip",
            APPROVED | {"tip": right},
            lambda world, version: money.correct_tip(
                world, uid, version, place, right, (who.get("waiter_id"), drawer(who))
            ),
            who=who,
        )

    def refund_all(self) -> Request | None:
        found = self.order(wanted=lambda one: any(payment.counts for payment in one.payments))
        if found is None:
            return None
        uid, owed = found.uid, self.random.choice((None, True, False))
        body = APPROVED | ({} if owed is None else {"owedAgain": owed})
        return self.write(
            "refund all",
            found,
            "refund",
            body,
            lambda world, version: money.refund_all(world, uid, version, owed),
        )

    # --- what Dojo says ---------------------------------------------------------------------------

    def _intent(self) -> tuple[int, Payment] | None:
        known = [self.world.orders[uid] for uid in self.focus or self.world.orders]
        cards = [(one.uid, card) for one in known for card in one.payments if card.intent]
        counting = [(uid, card) for uid, card in cards if card.counts]
        cards = counting if counting and self.chance(0.9) else cards
        return self.random.choice(cards) if cards else None

    def hear(self) -> Request | None:
        chosen = self._intent()
        if chosen is None:
            return None
        (uid, card), status = (
            chosen,
            self.random.choice(("Captured", "Captured", "Reversed", "Refunded")),
        )
        intent = card.intent or ""
        return Request(
            "hear",
            "dojo",
            "POST",
            "/v1/events",
            event(intent, status),
            lambda world: money.hear(world, uid, intent, status),
            about=(uid,),
        )

    def hear_part(self) -> Request | None:
        """Dojo names all that went back until now, and it may be heard twice."""
        chosen = self._intent()
        if chosen is None:
            return None
        uid, card = chosen
        intent, until_now = (
            card.intent or "",
            card.back + self.random.randint(0, max(card.left - 1, 0)),
        )
        return Request(
            "hear a part",
            "heard",
            "",
            "",
            {"intent": intent, "refunded": until_now},
            lambda world: money.hear_part(world, uid, intent, until_now),
            about=(uid,),
        )

    def dojos_order(self) -> Request:
        waiter = self.random.choice((None, "anna", "cleo"))
        bears_vat = self.world.charge_is_compulsory
        body, content = dojos.choose(self.random, waiter, bears_vat=bears_vat)

        def carry_out(world: World) -> list[Order]:
            made = Order(world.uid(), None, "Accepted", waiter, is_collection=waiter is None)
            made.content = content
            world.orders[made.uid] = made
            world.note_sales(made)
            return [made]

        return Request("order by Dojo", "dojo", "POST", "/v1/orders", body, carry_out)

    def lock(self) -> Request | None:
        """A terminal comes to the table with the bill that the guests saw, or goes."""
        now = self.world.now
        is_held = self.chance(0.5)
        found = self.order(wanted=lambda one: one.locked(now) if is_held else _may_be_locked(one))
        if found is None or not _may_be_locked(found):
            return None
        uid, held = found.uid, found.lock
        if not found.locked(now) and self.chance(0.8):
            held = None
        if held is not None:
            if self.chance(0.3):
                body = {"lockId": held[0], "approval": APPROVAL}
                request = self.write("break lock", found, "break-lock", body, lambda world, _: [])
                request.body = body
                request.carry_out = lambda world: locks.break_lock(world, uid, held[0])
                return request
            path = f"/v1/orders/{found.id}/locks/{held[0]}"
            return Request(
                "unlock",
                "dojo",
                "DELETE",
                path,
                None,
                lambda world: locks.unlock(world, uid, held[0]),
                about=(uid,),
            )
        lock_id, until = (
            unique("lock"),
            now + timedelta(minutes=self.random.choice((3, 20))),
        )
        return Request(
            "lock",
            "dojo",
            "POST",
            f"/v1/orders/{found.id}/lock",
            {"lockId": lock_id, "expiry": wire(until)},
            lambda world: locks.lock(world, uid, lock_id, until),
            about=(uid,),
        )

    # --- beside orders ----------------------------------------------------------------------------

    def sell_voucher(self) -> Request:
        code, amount, who = unique("GIFT"), self.random.choice((500, 2_000, 5_000)), self.who()
        body: Json = {"code": code, "amount": amount, "type": "cash"}
        into: str | None = drawer(who)
        if self.chance(0.3):
            body |= {"type": "other", "method": "card machine"}
            into = None
        if self.world.vouchers and self.chance(0.1):
            body["code"] = code = next(iter(self.world.vouchers))
        return Request(
            "sell voucher",
            "till",
            "POST",
            VOUCHERS,
            body,
            lambda world: money.sell_voucher(world, code, amount, drawer=into),
            who,
        )
