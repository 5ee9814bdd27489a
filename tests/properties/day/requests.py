"""One request, as it is sent and as the model understands it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from random import Random
from typing import Any

from tests.properties.day import edits, menu
from tests.properties.day.bill import Discount, Line
from tests.properties.day.moves import Taken
from tests.properties.day.world import LADDER, Order, World
from tests.support.pins import APPROVAL

Json = dict[str, Any]
TABS, DAYS, VOUCHERS = "/till/v1/tabs", "/till/v1/days", "/till/v1/vouchers"
Carried = Callable[[World], list[Order]]
REASON = {"reason": "A slip"}
APPROVED = REASON | {"approval": APPROVAL}
SMALL = 500
"""Such a part of a line is not divided by parts any more."""


@dataclass
class Request:
    """`by`: till, dojo, or `heard`, for what the connection to Dojo learns by asking. `carry_out`: what
    the model makes of it; it answers the orders that it touched, in the order of the answer, or raises
    Refused and changes nothing.
    """

    name: str
    by: str
    method: str
    path: str
    body: Json | None
    carry_out: Carried
    headers: dict[str, str] = field(default_factory=dict)
    about: tuple[int, ...] = ()
    """The orders, by their uid."""
    wrong: Callable[[World, Json], list[str]] = lambda _world, _told: []
    """What is wrong in an answer of 200, in the world after it."""

    @property
    def takes_key(self) -> bool:
        return self.by == "till" and self.body is not None

    def __str__(self) -> str:
        return f"{self.by} {self.method} {self.path} {self.body} {self.headers}"


@dataclass
class Chooser:
    """Chooses requests that the world could see now. `focus`: only about these orders."""

    random: Random
    world: World
    focus: tuple[int, ...] = ()

    # --- who and what -----------------------------------------------------------------------------

    def chance(self, of: float) -> bool:
        return self.random.random() < of

    def who(self) -> dict[str, str]:
        """Two tills and a waiter's phone without an id."""
        found = {}
        device = self.random.choice((None, "bar", "hall"))
        waiter = self.random.choice((None, "anna", "ben"))
        if device is not None:
            found["device_id"] = device
        if waiter is not None:
            found["waiter_id"] = waiter
        return found

    def order(self, *, wanted: Callable[[Order], bool] = lambda _: True) -> Order | None:
        """Mostly one of which `wanted` is true."""
        known = [self.world.orders[uid] for uid in self.focus or self.world.orders]
        fitting = [order for order in known if wanted(order)]
        if fitting and not self.chance(0.05):
            return self.random.choice(fitting)
        return self.random.choice(known) if known else None

    def tab(self, *, lines: int = 0) -> Order | None:
        def wanted(order: Order) -> bool:
            return order.tab is not None and order.is_open and len(order.tab.live) >= lines

        found = self.order(wanted=wanted)
        has_lines = found is not None and found.tab is not None and len(found.tab.live) >= lines
        return found if has_lines else None

    def line(self, order: Order) -> Line:
        assert order.tab is not None
        lines = order.tab.lines if self.chance(0.03) else order.tab.live
        return self.random.choice(lines or order.tab.lines)

    def version(self, order: Order) -> tuple[int, int]:
        """The model's and the server's; seldom an old one."""
        old = 1 if order.version > 1 and self.chance(0.03) else 0
        return order.version - old, order.seen_version - old

    def write(
        self,
        name: str,
        order: Order,
        what: str,
        body: Json,
        carry_out: Callable[[World, int], list[Order]],
        method: str = "POST",
        who: dict[str, str] | None = None,
    ) -> Request:
        """A change of a tab. `carry_out`: with the model's version."""
        ours, theirs = self.version(order)
        return Request(
            name,
            "till",
            method,
            f"{TABS}/{order.id}/{what}",
            {"version": theirs} | body,
            lambda world: carry_out(world, ours),
            self.who() if who is None else who,
            (order.uid,),
        )

    # --- a tab ------------------------------------------------------------------------------------

    def open_tab(self) -> Request:
        who, kind = self.who(), self.random.choice(("table", "table", "bar", "collection"))
        body: Json = {"table": {"tableId": self.random.choice(("t1", "t2", "p1"))}}.get(kind, {})
        if kind == "collection":
            body = {"collection": {"asap": True}}
        waiter = self.random.choice((None, "cleo", "anna"))
        if waiter is not None:
            body["waiterId"] = waiter

        def carry_out(world: World) -> list[Order]:
            return [
                _opened(world, waiter or who.get("waiter_id"), is_collection=kind == "collection")
            ]

        return Request("open", "till", "POST", TABS, body, carry_out, who)

    def add(self) -> Request | None:
        order = self.tab()
        if order is None:
            return None
        is_away = order.is_collection if order.takeaway is None else order.takeaway
        chosen = [
            menu.choose(self.random, takeaway=is_away)
            for _ in range(self.random.choice((1, 1, 2, 4)))
        ]
        refusals = [refused for _, _, refused in chosen if refused is not None]
        approved = self.chance(0.5)
        refused = next((one for one in refusals if not one[1]), None)
        if refused is None and refusals and not approved:
            refused = refusals[0]
        lines = [line for _, line, _ in chosen]
        body = {"items": [sent for sent, _, _ in chosen]} | (
            {"approval": APPROVAL} if approved else {}
        )
        uid = order.uid

        def carry_out(world: World, version: int) -> list[Order]:
            return edits.add(world, uid, version, lines, refused=refused)

        return self.write("add", order, "items", body, carry_out)

    def correct_line(self) -> Request | None:
        order = self.tab(lines=1)
        if order is None:
            return None
        line, quantity = self.line(order), self.random.choice((1, 2, 3))
        uid, line_uid = order.uid, line.uid
        if self.chance(0.5):
            quantity = line.quantity
        approved = self.chance(0.5)
        body: Json = {"quantity": quantity, "cover": 2} | (
            {"approval": APPROVAL} if approved else {}
        )

        def carry_out(world: World, version: int) -> list[Order]:
            return edits.correct(world, uid, version, line_uid, (quantity, 2), approved=approved)

        return self.write("correct line", order, f"items/{line.id}", body, carry_out, method="PUT")

    def void(self) -> Request | None:
        order = self.tab(lines=1)
        if order is None:
            return None
        line = self.line(order)
        quantity = self.random.randint(1, line.quantity) if self.chance(0.95) else line.quantity + 1
        approved = self.chance(0.8)
        uid, line_uid = order.uid, line.uid
        body = {"lineId": line.id, "quantity": quantity} | (APPROVED if approved else REASON)

        def carry_out(world: World, version: int) -> list[Order]:
            return edits.void(world, uid, version, line_uid, quantity, approved=approved)

        return self.write("void", order, "void", body, carry_out)

    def send(self) -> Request | None:
        order = self.tab(lines=1)
        if order is None:
            return None
        uid = order.uid
        return self.write(
            "send", order, "send", {}, lambda world, version: edits.send(world, uid, version)
        )

    def take_away(self) -> Request | None:
        order = self.tab(lines=1)
        if order is None:
            return None
        uid, away = order.uid, self.chance(0.5)
        line = self.line(order) if self.chance(0.5) else None
        body: Json = {"takeaway": away} | ({} if line is None else {"lineIds": [line.id]})
        uids = None if line is None else [line.uid]

        def carry_out(world: World, version: int) -> list[Order]:
            return edits.take_away(world, uid, version, uids, away=away)

        return self.write("take away", order, "takeaway", body, carry_out)

    def discount(self) -> Request | None:
        order = self.tab(lines=1)
        if order is None:
            return None
        uid = order.uid
        line = self.line(order) if self.chance(0.6) else None
        line_uid = None if line is None else line.uid
        on: Json = {} if line is None else {"lineId": line.id}
        if self.chance(0.2):
            body = on
            return self.write(
                "undo discount",
                order,
                "discount/remove",
                body,
                lambda world, version: edits.undo_discount(world, uid, version, line_uid),
            )
        percent = self.random.choice((333, 1_000, 1_250, 5_000, 10_000))
        what = Discount(percent=percent)
        said: Json = {"percentage": percent}
        if self.chance(0.5):
            amount = self.random.choice((1, 99, 250, 500, 10_000))
            what, said = Discount(amount=amount), {"amount": amount}
        body = on | said | {"name": "Regular", "approval": APPROVAL}
        return self.write(
            "discount",
            order,
            "discount",
            body,
            lambda world, version: edits.discount(world, uid, version, line_uid, what),
        )

    def charge(self) -> Request | None:
        order = self.tab()
        if order is None:
            return None
        uid, rate = order.uid, self.random.choice((None, 0, 1_000, 1_250))
        return self.write(
            "service charge",
            order,
            "service-charge",
            {} if rate is None else {"rate": rate},
            lambda world, version: edits.charge(world, uid, version, rate),
        )

    def split(self) -> Request | None:
        order = self.tab(lines=self.random.choice((1, 2, 2, 2)))
        if order is None or order.tab is None:
            return None
        chosen = self.random.sample(
            order.tab.live, self.random.randint(1, min(3, len(order.tab.live)))
        )
        taken: Taken = {}
        lines = []
        for line in chosen:
            taken[line.uid], sent = self._of_line(line)
            lines.append({"lineId": line.id} | sent)
        waiter = self.random.choice((None, None, "cleo"))
        body: Json = {"lines": lines} | ({} if waiter is None else {"waiterId": waiter})
        covers = {line.cover for line in order.tab.live if line.cover is not None}
        if covers and self.chance(0.3):
            cover = self.random.choice(sorted(covers))
            taken = {line.uid: line.quantity for line in order.tab.live if line.cover == cover}
            body = {"covers": [cover]}
            waiter = None
        uid = order.uid

        def carry_out(world: World, version: int) -> list[Order]:
            return edits.part(world, uid, version, taken, waiter)

        return self.write("split", order, "split", body, carry_out)

    def _of_line(self, line: Line) -> tuple[int | Fraction, Json]:
        """What is taken of a line: so many, or so many of its parts."""
        if lcm(line.start.denominator, line.end.denominator) > SMALL or self.chance(0.6):
            quantity = self.random.randint(1, line.quantity)
            return quantity, {"quantity": quantity}
        parts = self.random.choice((2, 2, 3, 5))
        quantity = self.random.randint(1, parts - (0 if self.chance(0.1) else 1))
        return Fraction(quantity, parts), {"quantity": quantity, "parts": parts}

    def merge(self) -> Request | None:
        one, other = self.tab(), self.tab()
        if one is None or other is None or one is other:
            return None
        ours, theirs = self.version(other)
        uid, other_uid = one.uid, other.uid
        request = self.write(
            "merge",
            one,
            "merge",
            {"otherTabId": other.id, "otherVersion": theirs},
            lambda world, version: edits.join(world, (uid, version), (other_uid, ours)),
        )
        request.about = (uid, other_uid)
        return request

    # --- its life ---------------------------------------------------------------------------------

    def progress(self) -> Request | None:
        order = self.order(wanted=lambda one: one.is_open)
        if order is None:
            return None
        uid, status = order.uid, self.random.choice(LADDER[1:-1])
        return self.write(
            "progress",
            order,
            "status",
            {"status": status},
            lambda world, version: edits.progress(world, uid, version, status),
        )

    def cancel(self) -> Request | None:
        order = self.order(wanted=lambda one: one.is_open)
        if order is None:
            return None
        uid, approved = order.uid, self.chance(0.7)
        if self.chance(0.2):
            return Request(
                "cancel by Dojo",
                "dojo",
                "DELETE",
                f"/v1/orders/{order.id}",
                None,
                lambda world: edits.cancel_by_dojo(world, uid),
                about=(uid,),
            )
        return self.write(
            "cancel",
            order,
            "cancel",
            APPROVED if approved else REASON,
            lambda world, version: edits.cancel(world, uid, version, approved=approved),
        )

    def close(self) -> Request | None:
        order = self.order(wanted=lambda one: one.is_open and not one.balance)
        if order is None:
            return None
        uid = order.uid
        return self.write(
            "close", order, "close", {}, lambda world, version: edits.close(world, uid, version)
        )

    def reopen(self) -> Request | None:
        order = self.order(wanted=lambda one: one.status == "Finalized")
        if order is None:
            return None
        uid = order.uid
        return self.write(
            "reopen",
            order,
            "reopen",
            APPROVED,
            lambda world, version: edits.reopen(world, uid, version),
        )

    def hand_over(self) -> Request | None:
        order = self.order(wanted=lambda one: one.is_open)
        if order is None:
            return None
        uid, waiter = order.uid, self.random.choice((None, "anna", "ben", "cleo"))
        return self.write(
            "hand over",
            order,
            "transfer",
            {"tableId": "t3"} if waiter is None else {"waiterId": waiter},
            lambda world, version: edits.hand_over(world, uid, version, waiter),
        )

    def bill(self) -> Request | None:
        order = self.order(wanted=lambda one: one.tab is not None and bool(one.tab.live))
        if order is None:
            return None
        uid = order.uid
        by, path = self.random.choice((("till", TABS), ("dojo", "/v1/orders")))
        return Request(
            "bill",
            by,
            "GET",
            f"{path}/{order.id}/bill",
            None,
            lambda world: edits.show_bill(world, uid),
            about=(uid,),
        )


def _opened(world: World, waiter: str | None, *, is_collection: bool) -> Order:
    tab = edits.new_tab(
        0 if is_collection else world.charge_rate, is_compulsory=world.charge_is_compulsory
    )
    order = Order(world.uid(), tab, waiter=waiter, is_collection=is_collection)
    world.orders[order.uid] = order
    world.note_sales(order)
    return order
