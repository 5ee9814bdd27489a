"""A card machine at the table."""

from typing import Any

from epos.contract.events import EventType
from epos.simulator.calls import Asker
from epos.simulator.intents import Intent
from epos.simulator.money import parts_of, tip_of
from epos.simulator.runs import Ended, Run
from epos.simulator.session import Session
from epos.simulator.wishes import PartWish, PaymentWish, SessionWish
from epos.simulator.world import Account

Json = dict[str, Any]
PRODUCT = "PayAtTable"
_SETTLE_SECONDS = 15.0
_TOLD = f"HandleEvent:{EventType.payment_intent_status_updated}"


class NoSession(Exception):
    """No session of that id is open."""


class Terminal:
    """Pay at Table."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._sessions: dict[str, Session] = {}

    async def orders(self, run: Run, wish: SessionWish) -> list[Json]:
        """What the waiter is shown. Raises Ended."""
        return await self._session(wish).listed(run, wish.tableId)

    async def pay(self, run: Run, wish: PaymentWish) -> None:
        """List, lock, bill, pay in as many parts as are wished for, unlock. Raises Ended."""
        session = self._session(wish)
        await session.find(run, wish.orderId, wish.tableId)
        run.data |= {"orderId": session.order_id, "paymentIntentIds": []}
        await pay_parts(run, session, wish)

    async def reversal(self, run: Run, wish: PaymentWish) -> None:
        """Pay, and give it back: what was paid is owed again. Raises Ended."""
        if not self._account.caller.can(_TOLD):
            run.step("reversed", f"{_TOLD} is not registered", ok=False)
            raise Ended("not registered")
        await self.pay(run, wish)
        intents = [self._account.intents.find(one) for one in run.data["paymentIntentIds"]]
        for intent in intents:
            self._account.intents.reverse(intent)
            run.step("reversed", intent.id)
        await self._see_it_owed(run, wish, intents)

    async def open(self, run: Run, wish: SessionWish) -> str:
        """A session that stays open: its id. Raises Ended."""
        session = self._session(wish)
        await session.find(run, wish.orderId, wish.tableId)
        await session.open(run)
        session_id = self._account.identifiers.new("session")
        self._sessions[session_id] = session
        run.data |= {"sessionId": session_id, "orderId": session.order_id}
        return session_id

    async def pay_part(self, run: Run, session_id: str, wish: PartWish) -> None:
        """Raises Ended and NoSession."""
        session = self.session(session_id)
        part = session.balance if wish.amount is None else wish.amount
        intent = await session.pay(run, part, wish.tip, declined=wish.declined)
        run.data["paymentIntentIds"] = [intent.id]

    async def close(self, run: Run, session_id: str) -> None:
        """Raises NoSession."""
        await self.session(session_id).close(run)
        del self._sessions[session_id]

    def session(self, session_id: str) -> Session:
        try:
            return self._sessions[session_id]
        except KeyError:
            raise NoSession(f"no session {session_id}") from None

    def _session(self, wish: PaymentWish | SessionWish) -> Session:
        asker = Asker(PRODUCT, wish.waiterId, wish.deviceId, "Terminal")
        return Session(self._account, asker)

    async def _see_it_owed(self, run: Run, wish: PaymentWish, given_back: list[Intent]) -> None:
        await self._account.notices.settle(_SETTLE_SECONDS)
        again = self._session(wish)
        await again.find(run, run.data["orderId"], wish.tableId)
        shown = {one["paymentIntentId"] for one in again.order.get("payments", [])}
        run.expect("it is owed again", shown & {intent.id for intent in given_back}, set())


async def pay_parts(run: Run, session: Session, wish: PaymentWish) -> None:
    """Open the order, pay the parts, let it go whatever happens. Raises Ended."""
    await session.open(run)
    try:
        if wish.bill:
            await session.bill(run)
        owed = session.balance
        paid = 0
        for index, part in enumerate(parts_of(wish, owed)):
            tip = tip_of(wish, index, part)
            intent = await session.pay(run, part, tip, declined=wish.declined)
            run.data["paymentIntentIds"].append(intent.id)
            paid += part
    finally:
        await session.close(run)
    await session.refresh(run)
    run.expect("what is left to pay", session.balance, owed - paid)
