"""One order on one device: found, locked, shown, paid in parts, and unlocked."""

import asyncio
from typing import Any

from epos.contract.events import CaptureMode
from epos.simulator.accounts import DojoAccount
from epos.simulator.calls import Reply, RequesterHeaders
from epos.simulator.flows import FlowEnded, FlowRun
from epos.simulator.formats import amount_text, in_seconds
from epos.simulator.forms import IntentForm, MoneyForm, OrderReferenceForm
from epos.simulator.intents import Intent
from epos.simulator.wishes import CardWish, PaymentWish, Signature

Json = dict[str, Any]
TERMINAL = "Terminal"
"""The device type of a card machine."""
_PAGE = 100
_MOST_PAGES = 50


class OrderSession:
    """What a device does with an order. Only capabilities that are registered are called."""

    def __init__(
        self,
        account: DojoAccount,
        requester: RequesterHeaders,
        mode: CaptureMode = CaptureMode.Auto,
        lock_waiter: int | str | None = None,
    ) -> None:
        self._account = account
        self._requester = requester
        self._mode = mode
        self._lock_waiter = lock_waiter
        self._caller = account.caller
        self._lock_id: str | None = None
        self._extender: asyncio.Task[None] | None = None
        self.order: Json = {}

    @property
    def order_id(self) -> str:
        return str(self.order["id"])

    @property
    def balance(self) -> int:
        """What the EPOS said is left to pay."""
        return _value(self.order, "totalAmount") - _value(self.order, "paidAmount")

    @property
    def locks(self) -> bool:
        """Locking needs both; extending is welcome and not needed."""
        return self._caller.can("CreateOrderLock", "DeleteOrderLock")

    async def find(self, run: FlowRun, order_id: str | None, table_id: str | None) -> None:
        """The order, in the list that the device shows. Raises FlowEnded."""
        async for order in self._payable(run, table_id):
            if order_id in (None, order["id"]):
                self.order = order
                run.step("found", f"{order.get('displayName', order['id'])}: {self._left()}")
                return
        run.step("found", "no such payable order", ok=False)
        raise FlowEnded("nothing to pay")

    async def listed(self, run: FlowRun, table_id: str | None) -> list[Json]:
        return [order async for order in self._payable(run, table_id)]

    async def open(self, run: FlowRun) -> None:
        """The newest state, under a lock where locks are registered. Raises FlowEnded."""
        if not self.locks:
            self.order = run.replied("shown", await self._call("GetOrderById"), "the newest state")
            return
        self._lock_id = self._account.ids.new("lock")
        body: Json = {"lockId": self._lock_id, "expiry": self._expiry()}
        if self._lock_waiter is not None:
            body["waiterId"] = self._lock_waiter
        reply = await self._call("CreateOrderLock", body=body)
        if not reply.ok:
            self._lock_id = None
        self.order = run.replied("locked", reply, f"for {self._lock_seconds:g} s")
        if self._caller.can("ExtendOrderLock"):
            self._extender = asyncio.create_task(self._keep())

    async def extend(self, run: FlowRun) -> None:
        """Raises FlowEnded."""
        run.replied("extended", await self._extend(), f"for {self._lock_seconds:g} s")

    async def bill(self, run: FlowRun) -> Json | None:
        """Raises FlowEnded. None where bills are not registered."""
        if not self._caller.can("GetOrderBillById"):
            run.step("bill", "not registered")
            return None
        bill: Json = run.replied("bill", await self._call("GetOrderBillById"), "printed")
        return bill

    async def pay(self, run: FlowRun, part: int, tip: int, card: CardWish) -> Intent:
        """One payment: its intent. Raises FlowEnded when it did not come to be."""
        intent = self._intent(part, tip)
        self._present(run, intent, card)
        run.step("paid", f"{intent.summary}: {intent.status}")
        if self._caller.can("RecordOrderPaymentById"):
            await self._record(run, intent)
        if self._mode is CaptureMode.Manual:
            self._account.intents.capture_all(intent)
            run.step("captured", intent.id)
        return intent

    def _present(self, run: FlowRun, intent: Intent, card: CardWish) -> None:
        """Raises FlowEnded where the terminal says that nothing was paid."""
        intents = self._account.intents
        at_terminal = self._requester.device_type == TERMINAL
        if card.signature is None:
            intents.present_card(intent, declined=card.declined, at_terminal=at_terminal)
        else:
            intents.authorize(intent, at_terminal=at_terminal)
            run.step("signature", card.signature)
        if card.declined:
            run.step("declined", "the guest gives up")
            raise FlowEnded("declined", ok=True)
        if card.signature is Signature.REJECTED:
            # The sandbox was seen to take the money all the same, and to say so by an event.
            intents.capture_late(intent, self._account.options.late_capture)
            run.step("declined", "the signature was rejected")
            raise FlowEnded("signature rejected", ok=True)
        if card.signature is Signature.ACCEPTED and self._mode is CaptureMode.Auto:
            intents.capture_all(intent)

    async def close(self, run: FlowRun) -> None:
        """Release the lock. One that cannot be released ends when it expires."""
        if self._extender is not None:
            self._extender.cancel()
        if self._lock_id is None:
            return
        ids = {"orderId": self.order_id, "lockId": self._lock_id}
        reply = await self._caller.call("DeleteOrderLock", ids, requester=self._requester)
        self._lock_id = None
        run.step("unlocked", reply.words if not reply.ok else self._left(), ok=reply.ok)

    async def refresh(self, run: FlowRun) -> None:
        """Raises FlowEnded."""
        self.order = run.replied("read again", await self._call("GetOrderById"))

    async def _record(self, run: FlowRun, intent: Intent) -> None:
        """What cannot be recorded is given back."""
        body: Json = {
            "paymentIntentId": intent.id,
            "paidAmount": {"value": intent.paid, "currencyCode": intent.currency},
        }
        if intent.tip:
            body["tipsAmount"] = {"value": intent.tip, "currencyCode": intent.currency}
        if self._lock_id is not None:
            body["lockId"] = self._lock_id
        reply = await self._call("RecordOrderPaymentById", body=body)
        if not reply.ok:
            self._account.intents.give_back(intent)
        self.order = run.replied("recorded", reply, self._left(reply))
        payments = self.order.get("payments", [])
        ids = [one.get("paymentIntentId") for one in payments]
        run.expect("the payment is in the answer", ids.count(intent.id), 1)

    async def _payable(self, run: FlowRun, table_id: str | None) -> Any:
        cursor: Json = {"limit": _PAGE}
        for _ in range(_MOST_PAGES):
            body: Json = {"payableOnly": True, "cursor": cursor}
            if table_id is not None:
                body["dineIn"] = {"tableId": table_id}
            reply = await self._caller.call("SearchOrders", body=body, requester=self._requester)
            page = run.replied("listed", reply)
            for order in page["data"]:
                yield order
            if "after" not in page:
                return
            cursor = {"limit": _PAGE, "after": page["after"]}

    async def _keep(self) -> None:
        """Extend the lock for as long as the session lasts."""
        while True:
            await asyncio.sleep(self._lock_seconds / 2)
            await self._extend()

    async def _extend(self) -> Reply:
        ids = {"orderId": self.order_id, "lockId": self._lock_id or ""}
        body = {"expiry": self._expiry()}
        return await self._caller.call("ExtendOrderLock", ids, body, requester=self._requester)

    def _expiry(self) -> str:
        return in_seconds(self._lock_seconds + self._account.options.lock_shift)

    @property
    def _lock_seconds(self) -> float:
        options = self._account.options
        return options.short_lock if self._caller.can("ExtendOrderLock") else options.long_lock

    def _intent(self, part: int, tip: int) -> Intent:
        """The service charge is told apart when the whole order is paid at once."""
        currency = self.order["totalAmount"]["currencyCode"]
        service = _value(self.order, "serviceChargeAmount")
        apart = service if 0 < service < part == _value(self.order, "totalAmount") else 0
        waiter = self._requester.waiter_id
        form = IntentForm(
            amount=MoneyForm(value=part - apart, currencyCode=currency),
            tipsAmount=MoneyForm(value=tip, currencyCode=currency) if tip else None,
            serviceChargeAmount=MoneyForm(value=apart, currencyCode=currency) if apart else None,
            reference=self.order_id[:60],
            captureMode=self._mode.value,
            orderDetails=OrderReferenceForm(externalId=self.order_id),
            metadata={"waiterId": waiter} if waiter else None,
        )
        return self._account.intents.create(form)

    async def _call(self, capability: str, *, body: Json | None = None) -> Reply:
        ids = {"orderId": self.order_id}
        return await self._caller.call(capability, ids, body, requester=self._requester)

    def _left(self, reply: Reply | None = None) -> str:
        order = reply.answer if reply is not None and reply.ok else self.order
        left = _value(order, "totalAmount") - _value(order, "paidAmount")
        return f"{amount_text(left, order['totalAmount']['currencyCode'])} left to pay"


def _value(order: Json, name: str) -> int:
    """Absent is nothing."""
    value: int = (order.get(name) or {"value": 0})["value"]
    return value


async def pay_parts(run: FlowRun, session: OrderSession, wish: PaymentWish) -> None:
    """Open the order, pay the parts, close it whatever happens. Raises FlowEnded."""
    await session.open(run)
    try:
        if wish.bill:
            await session.bill(run)
        owed = session.balance
        paid = 0
        for index, part in enumerate(parts_of(wish, owed)):
            tip = tip_of(wish, index, part)
            intent = await session.pay(run, part, tip, wish)
            run.data["paymentIntentIds"].append(intent.id)
            paid += part
    finally:
        await session.close(run)
    await session.refresh(run)
    run.expect("what is left to pay", session.balance, owed - paid)


def equal_parts(amount: int, parts: int) -> list[int]:
    """The first payers carry the odd pennies."""
    return [amount // parts + (index < amount % parts) for index in range(parts)]


def parts_of(wish: PaymentWish, balance: int) -> list[int]:
    """What each payer pays; nobody pays nothing."""
    parts = wish.amounts or equal_parts(balance, wish.equal or 1)
    return [part for part in parts if part > 0]


def tip_of(wish: PaymentWish, index: int, part: int) -> int:
    if index < len(wish.tips):
        return wish.tips[index]
    return (part * wish.tipPercent + 50) // 100
