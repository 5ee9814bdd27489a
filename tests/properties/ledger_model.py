"""A venue as simple as it can be told: what the real one must agree with, whatever is done to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

RANK = {"Created": 0, "Authorized": 1, "Captured": 2, "Reversed": 3, "Refunded": 3, "Canceled": 3}
CLOSED = {"Finalized", "Canceled", "Failed"}
SKEW = timedelta(seconds=30)


@dataclass
class Payment:
    intent: str
    paid: int
    tips: int
    counts: bool = True


@dataclass
class Lock:
    id: str
    expires: datetime
    released: bool = False

    def is_live(self, now: datetime) -> bool:
        return not self.released and self.expires > now


@dataclass
class Order:
    total: int
    table: str | None
    party: str | None
    created: datetime
    status: str = "Accepted"
    payments: list[Payment] = field(default_factory=list)
    locks: dict[str, Lock] = field(default_factory=dict)

    @property
    def effective(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.counts]

    @property
    def balance(self) -> int:
        return self.total - sum(payment.paid for payment in self.effective)

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED

    def live_lock(self, now: datetime) -> Lock | None:
        return next((lock for lock in self.locks.values() if lock.is_live(now)), None)


@dataclass
class Intent:
    status: str | None = None
    refused: bool = False
    order: str | None = None
    payment: Payment | None = None

    @property
    def is_dead(self) -> bool:
        return self.status is not None and RANK[self.status] == 3


@dataclass
class Model:
    """Answers with the HTTP status that the server must answer, and changes as the server must."""

    now: datetime
    orders: dict[str, Order] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    seated: dict[str, str] = field(default_factory=dict)
    freed: dict[str, datetime] = field(default_factory=dict)

    def intent(self, intent_id: str) -> Intent:
        return self.intents.setdefault(intent_id, Intent())

    def counting(self) -> list[tuple[str, str]]:
        """Order and intent of the payments that count."""
        orders = self.orders.items()
        return [(name, paid.intent) for name, order in orders for paid in order.effective]

    # --- orders and parties

    def may_create(self, intent_id: str | None) -> int:
        if intent_id is None or intent_id not in self.intents:
            return 200
        intent = self.intents[intent_id]
        return 409 if intent.is_dead or intent.refused or intent.payment else 200

    def create(self, order_id: str, total: int, table: str | None, prepaid: Payment | None) -> None:
        party = self.seated.get(table) if table else None
        order = self.orders[order_id] = Order(total, table, party, self.now)
        if prepaid is not None:
            self._enter(order_id, order, prepaid)

    def _enter(self, order_id: str, order: Order, payment: Payment) -> None:
        order.payments.append(payment)
        intent = self.intent(payment.intent)
        intent.order, intent.payment = order_id, payment

    def cancel(self, order_id: str) -> int:
        order = self.orders[order_id]
        if order.status == "Canceled":
            return 200
        if not order.is_open or order.live_lock(self.now):
            return 409
        order.status = "Canceled"
        return 200

    def seat(self, table: str) -> int:
        return 409 if table in self.seated else 200

    def sit(self, table: str, party: str) -> None:
        self.seated[table] = party
        for order in self.orders.values():
            since = self.freed.get(table)
            at_table = order.table == table and order.party is None and order.is_open
            if at_table and (since is None or order.created >= since):
                order.party = party

    def leave(self, table: str, *, deleted: bool) -> None:
        party = self.seated.pop(table)
        self.freed[table] = self.now
        for order in self.orders.values():
            if deleted and order.party == party and order.is_open:
                order.party = None

    # --- locks

    def lock(self, order_id: str, lock_id: str, expiry: datetime) -> int:
        order = self.orders[order_id]
        known = order.locks.get(lock_id)
        if known is not None:
            if not known.is_live(self.now):
                return 409
            known.expires = max(known.expires, expiry)
            return 200
        if expiry < self.now - SKEW:
            return 400
        until = expiry if expiry > self.now else self.now + SKEW
        if not order.is_open or order.live_lock(self.now):
            return 409
        order.locks[lock_id] = Lock(lock_id, until)
        return 200

    def extend(self, order_id: str, lock_id: str, expiry: datetime) -> int:
        lock = self.orders[order_id].locks.get(lock_id)
        if lock is None or not lock.is_live(self.now):
            return 404
        if expiry < self.now - SKEW:
            return 400
        lock.expires = expiry if expiry > self.now else self.now + SKEW
        return 200

    def release(self, order_id: str, lock_id: str) -> int:
        lock = self.orders[order_id].locks.get(lock_id)
        if lock is not None and lock.is_live(self.now):
            lock.released = True
        return 200

    # --- payments and events

    def record(self, order_id: str, payment: Payment, lock_id: str | None) -> int:
        intent, order = self.intents.get(payment.intent, Intent()), self.orders[order_id]
        if intent.payment is not None:
            recorded = (intent.order, intent.payment.paid, intent.payment.tips)
            return 200 if recorded == (order_id, payment.paid, payment.tips) else 409
        if intent.refused:
            return 409
        held = order.live_lock(self.now)
        refused = intent.is_dead or not order.is_open
        refused = refused or (lock_id is not None and held is not None and held.id != lock_id)
        if not refused and payment.paid == 0:
            return 400
        if refused or payment.paid > order.balance:
            self.intent(payment.intent).refused = True
            return 409
        self._enter(order_id, order, payment)
        return 200

    def hear(self, intent_id: str, status: str) -> None:
        intent = self.intent(intent_id)
        if intent.status is not None and RANK[status] <= RANK[intent.status]:
            return
        intent.status = status
        if intent.is_dead and intent.payment is not None and intent.payment.counts:
            intent.payment.counts = False
            order = self.orders[intent.order or ""]
            if order.status == "Finalized":
                order.status = "Ready"
