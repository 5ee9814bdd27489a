"""A card machine at the table."""

from typing import Any

from epos.contract.events import EventType
from epos.simulator.accounts import DojoAccount
from epos.simulator.calls import RequesterHeaders
from epos.simulator.flows import FlowEnded, FlowRun
from epos.simulator.intents import Intent
from epos.simulator.order_session import TERMINAL, OrderSession, pay_parts
from epos.simulator.wishes import PartWish, PaymentWish, SessionWish

Json = dict[str, Any]
PRODUCT = "PayAtTable"
_SETTLE_SECONDS = 15.0
_TOLD = f"HandleEvent:{EventType.payment_intent_status_updated}"


class NoSession(Exception):
    """No session of that id is open."""


class Terminal:
    """Pay at Table."""

    def __init__(self, account: DojoAccount) -> None:
        self._account = account
        self._sessions: dict[str, OrderSession] = {}

    async def orders(self, run: FlowRun, wish: SessionWish) -> list[Json]:
        """What the waiter is shown. Raises FlowEnded."""
        return await self._session(wish).listed(run, wish.tableId)

    async def pay(self, run: FlowRun, wish: PaymentWish) -> None:
        """List, lock, bill, pay in as many parts as are wished for, unlock. Raises FlowEnded."""
        session = self._session(wish)
        await session.find(run, wish.orderId, wish.tableId)
        run.data |= {"orderId": session.order_id, "paymentIntentIds": []}
        await pay_parts(run, session, wish)

    async def reversal(self, run: FlowRun, wish: PaymentWish) -> None:
        """Pay, and give it back: what was paid is owed again. Raises FlowEnded."""
        if not self._account.caller.can(_TOLD):
            run.step("reversed", f"{_TOLD} is not registered", ok=False)
            raise FlowEnded("not registered")
        await self.pay(run, wish)
        intents = [self._account.intents.find(one) for one in run.data["paymentIntentIds"]]
        for intent in intents:
            self._account.intents.reverse(intent)
            run.step("reversed", intent.id)
        await self._see_it_owed(run, wish, intents)

    async def open(self, run: FlowRun, wish: SessionWish) -> str:
        """A session that stays open: its id. Raises FlowEnded."""
        session = self._session(wish)
        await session.find(run, wish.orderId, wish.tableId)
        await session.open(run)
        session_id = self._account.ids.new("session")
        self._sessions[session_id] = session
        run.data |= {"sessionId": session_id, "orderId": session.order_id}
        return session_id

    async def pay_part(self, run: FlowRun, session_id: str, wish: PartWish) -> None:
        """Raises FlowEnded and NoSession."""
        session = self.session(session_id)
        part = session.balance if wish.amount is None else wish.amount
        intent = await session.pay(run, part, wish.tip, wish)
        run.data["paymentIntentIds"] = [intent.id]

    async def close(self, run: FlowRun, session_id: str) -> None:
        """Raises NoSession."""
        await self.session(session_id).close(run)
        del self._sessions[session_id]

    def session(self, session_id: str) -> OrderSession:
        try:
            return self._sessions[session_id]
        except KeyError:
            raise NoSession(f"no session {session_id}") from None

    def _session(self, wish: PaymentWish | SessionWish) -> OrderSession:
        requester = RequesterHeaders(PRODUCT, wish.waiterId, wish.deviceId, TERMINAL)
        return OrderSession(self._account, requester, lock_waiter=wish.lockWaiterId)

    async def _see_it_owed(self, run: FlowRun, wish: PaymentWish, given_back: list[Intent]) -> None:
        await self._account.payment_events.settle(_SETTLE_SECONDS)
        again = self._session(wish)
        await again.find(run, run.data["orderId"], wish.tableId)
        shown = {one["paymentIntentId"] for one in again.order.get("payments", [])}
        run.expect("it is owed again", shown & {intent.id for intent in given_back}, set())
