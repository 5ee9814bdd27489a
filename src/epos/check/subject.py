"""The EPOS under test, as one check sees it: ask, make what is needed, judge, and clean up."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from epos.check import bodies
from epos.check.exchanges import REST, Exchange, Json
from epos.check.links import Link
from epos.check.world import World
from epos.contract.operations import by_capability
from epos.simulator.calls import EposCall, RequesterHeaders
from epos.simulator.formats import now_text

_STATUSES = {"NotFound": {404}, "Conflict": {409}, "InvalidRequest": {400}}
_TOLERATED = {"InvalidRequest": {413, 415, 422}}
NOBODY = RequesterHeaders()
TOTAL = 2000
"""What an order of the checks costs."""


class Failed(Exception):
    """The EPOS does not do what it must."""

    def __init__(self, expected: str, got: str, exchange: Exchange | None) -> None:
        super().__init__(got)
        self.expected = expected
        self.got = got
        self.exchange = exchange


class NotTried(Exception):
    """It cannot be judged; the message says why."""


class NotClaimed(Exception):
    """The EPOS does not offer it."""


class Epos:
    """One check's view."""

    def __init__(self, check: str, link: Link, world: World, exchanges: list[Exchange]) -> None:
        self.world = world
        self.link = link
        self.notes: list[str] = []
        self.loose_words: list[str] = []
        self.last: Exchange | None = None
        self.expected = ""
        self._check = check
        self._exchanges = exchanges
        self._cleanup: list[tuple[str, Callable[[], Awaitable[Exchange]]]] = []
        self._intents: dict[str, list[str]] = {}

    @property
    def is_rest(self) -> bool:
        return self.link.transport == REST

    # --- ask --------------------------------------------------------------------------------------

    async def ask(
        self, capability: str, body: Any = None, requester: RequesterHeaders = NOBODY, **ids: str
    ) -> Exchange:
        """One request. Nothing is sent again."""
        return await self.send(
            capability, self.link.form(self.call(capability, body, requester, **ids))
        )

    def call(
        self, capability: str, body: Any = None, requester: RequesterHeaders = NOBODY, **ids: str
    ) -> EposCall:
        operation = by_capability(capability)
        if operation is None:
            raise NotClaimed(f"{capability} is no capability")
        if capability in self.world.unclaimed:
            raise NotClaimed(f"{capability} is not offered")
        if body is None and operation.request is not None and capability.startswith("Search"):
            body = {}
        call_id = self.world.ids.new("call")
        return EposCall(call_id, capability, operation, ids, body, requester)

    async def send(self, capability: str, sent: Json) -> Exchange:
        """Send something that `Link.form` made, or something like it."""
        at, started = now_text(), time.perf_counter()
        received = await self.link.send(sent, self.world.options.answer_seconds)
        exchange = Exchange(
            len(self._exchanges) + 1,
            self._check,
            at,
            self.link.transport,
            capability,
            sent,
            received,
            round((time.perf_counter() - started) * 1000, 2),
        )
        self._exchanges.append(exchange)
        self.last = exchange
        return exchange

    # --- make what is needed ----------------------------------------------------------------------

    def new_id(self, kind: str) -> str:
        return self.world.ids.new(kind)

    def ready(self, exchange: Exchange, what: str) -> Any:
        """The answer of a step that is not judged here. Raises NotTried."""
        if exchange.ok:
            return exchange.content
        raise NotTried(f"{what}: {exchange.words}")

    async def order(self, total: int = TOTAL, **more: Any) -> str:
        """A new order's id; it is put away after the check. Raises NotTried."""
        return str((await self.made_order(total, **more))["id"])

    async def made_order(
        self, total: int = TOTAL, table_id: str | None = None, payments: Any = (), **more: Any
    ) -> Json:
        """The answer to CreateOrder, or an order that was given for the checks. Raises NotTried."""
        if "CreateOrder" in self.world.unclaimed:
            return await self._given_order(total)
        table = table_id or self.world.table_id
        body = bodies.order(self.new_id("order"), self.world.currency, total, table, payments)
        made = self.ready(await self.ask("CreateOrder", body | more), "an order could not be made")
        if not isinstance(made, dict) or "id" not in made:
            raise NotTried("an order could not be made: the answer has no id")
        self.tidy_order(made["id"], *(one["paymentIntentId"] for one in payments))
        return made

    async def _given_order(self, total: int) -> Json:
        if not self.world.given_orders:
            raise NotTried(
                "CreateOrder is not offered: name open orders that may be paid (--order)"
            )
        order_id = self.world.given_orders.pop(0)
        order = await self.shown(order_id)
        amount, payments = order.get("totalAmount"), order.get("payments")
        if not isinstance(amount, dict) or amount.get("value") != total or payments:
            raise NotTried(f"order {order_id} is not an unpaid order of {total} minor units")
        self.world.left_behind.append(f"order {order_id}: locked or paid by {self._check}")
        return order

    async def shown(self, order_id: str) -> Json:
        """The order as it is now. Raises NotTried."""
        found = self.ready(await self.ask("GetOrderById", orderId=order_id), "GetOrderById")
        if not isinstance(found, dict):
            raise NotTried("GetOrderById: the answer is no object")
        return found

    async def record(self, order_id: str, body: Json) -> Exchange:
        """Record a payment; an event takes it back after the check."""
        self._intents.setdefault(order_id, []).append(str(body.get("paymentIntentId")))
        return await self.ask("RecordOrderPaymentById", body, orderId=order_id)

    def payment(self, paid: Any, tip: int = 0, lock_id: str | None = None) -> Json:
        """A payment with an intent of its own."""
        return bodies.payment(self.new_id("pi_sandbox"), self.world.currency, paid, tip, lock_id)

    async def lock(
        self, order_id: str, lock_id: str | None = None, seconds: float = 60.0
    ) -> Exchange:
        """Ask for a lock; it is released after the check."""
        name = lock_id or self.new_id("lock")
        self._cleanup.append(
            ("", lambda: self.ask("DeleteOrderLock", orderId=order_id, lockId=name))
        )
        return await self.ask("CreateOrderLock", bodies.lock(name, seconds), orderId=order_id)

    async def party(self, **more: Any) -> Json:
        """A party at a free table. Raises NotTried."""
        if not self.world.free_tables:
            raise NotTried("no table is free")
        body = bodies.party(self.new_id("party"), self.world.free_tables[:1]) | more
        made = self.ready(await self.ask("CreateParty", body), "a party could not be seated")
        if not isinstance(made, dict) or "id" not in made:
            raise NotTried("a party could not be seated: the answer has no id")
        self.tidy_party(made["id"])
        return made | {"dojoPartyId": body["dojoPartyId"]}

    async def reservation(self, **more: Any) -> Json:
        """A reservation at a time of its own. Raises NotTried."""
        body = self.reservation_body() | more
        made = self.ready(await self.ask("CreateReservation", body), "CreateReservation")
        if not isinstance(made, dict) or "id" not in made:
            raise NotTried("a reservation could not be made: the answer has no id")
        self.tidy_reservation(made["id"])
        return made | {"dojoReservationId": body["dojoReservationId"]}

    def reservation_body(self) -> Json:
        if self.world.table_id is None:
            raise NotTried("there is no table")
        self.world.windows += 1
        days = 2 + self.world.windows / 8
        return bodies.reservation(self.new_id("reservation"), [self.world.table_id], days)

    async def tell(self, intent: str, status: str, event_id: str | None = None) -> Exchange:
        """HandleEvent."""
        name = event_id or self.new_id("event")
        return await self.ask("HandleEvent", bodies.event(name, intent, status))

    # --- judge ------------------------------------------------------------------------------------

    def fail(self, expected: str, got: str, exchange: Exchange | None = None) -> NoReturn:
        raise Failed(expected, got, exchange or self.last)

    def expect(
        self,
        holds: bool,  # noqa: FBT001 - it reads as an assertion
        expected: str,
        got: object = "",
        exchange: Exchange | None = None,
    ) -> None:
        """Raises Failed."""
        self.expected = expected
        if not holds:
            self.fail(expected, str(got), exchange)

    def same(self, expected: object, got: object, what: str) -> None:
        """Raises Failed."""
        self.expect(expected == got, f"{what}: {expected!r}", f"{what}: {got!r}")

    def granted(self, exchange: Exchange, expected: str) -> Any:
        """The answer. Raises Failed."""
        self.expect(exchange.ok, f"a success: {expected}", exchange.words, exchange)
        return exchange.content

    def refused(self, exchange: Exchange, kind: str, why: str) -> None:
        """It must be refused, with this errorType and the status that suits it. Raises Failed.

        An error without any errorType is judged by its status alone: another check tells of its form.
        """
        expected = f"a refusal, {kind}: {why}"
        self.expect(
            exchange.received.silence is None and not exchange.ok,
            expected,
            exchange.words,
            exchange,
        )
        status = exchange.received.status
        if status is not None:
            tolerated = status in _TOLERATED.get(kind, set())
            self.expect(status in _STATUSES[kind] or tolerated, expected, exchange.words, exchange)
            if tolerated:
                self.loose(f"status {status}, not {min(_STATUSES[kind])}")
        known = exchange.kind is None and status is not None
        self.expect(exchange.kind == kind or known, expected, exchange.words, exchange)

    def loose(self, words: str) -> None:
        """It is tolerable, but could be better."""
        self.loose_words.append(words)

    def offered(self, exchange: Exchange) -> None:
        """Raises NotClaimed where the answer to a right request says that nothing is there."""
        status = exchange.received.status
        nothing = status == 404 and (
            exchange.kind is None or _same_error(exchange.error, self.world.unknown_path)
        )
        if status in {405, 501} or nothing:
            self.world.unclaimed.add(exchange.capability)
            raise NotClaimed(f"{exchange.capability}: {exchange.words}")

    # --- clean up ---------------------------------------------------------------------------------

    def tidy_order(self, order_id: str, *intents: str) -> None:
        """Reverse its payments and cancel it after the check."""
        self._intents.setdefault(order_id, []).extend(intents)
        self._cleanup.append((f"order {order_id}", lambda: self._put_away(order_id)))

    def tidy_party(self, party_id: str) -> None:
        self._cleanup.append(
            (f"party {party_id}", lambda: self.ask("DeletePartyById", partyId=party_id))
        )

    def tidy_reservation(self, reservation_id: str) -> None:
        self._cleanup.append(
            (
                f"reservation {reservation_id}",
                lambda: self.ask("DeleteReservationById", reservationId=reservation_id),
            )
        )

    async def clean_up(self) -> None:
        """The newest first. What could not be taken away is written down."""
        while self._cleanup:
            what, work = self._cleanup.pop()
            try:
                exchange = await work()
            except NotClaimed as missing:
                words = str(missing)
            else:
                words = "" if exchange.ok or exchange.kind == "NotFound" else exchange.words
                words = "" if exchange.received.status == 404 else words
            if words and what:
                self.world.left_behind.append(f"{what}: {words}")

    async def _put_away(self, order_id: str) -> Exchange:
        if "HandleEvent" not in self.world.unclaimed:
            for intent in self._intents.get(order_id, []):
                await self.tell(intent, "Reversed")
        return await self.ask("CancelOrderById", orderId=order_id)


def _same_error(one: Any, other: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    return {**one, "traceId": ""} == {**other, "traceId": ""}
