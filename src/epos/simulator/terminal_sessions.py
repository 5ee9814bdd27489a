"""Terminals of Dojo's API, and the sessions on them: sales and refunds with the card present.

As in the sandbox a sale asks for a signature, and waits until it is answered.
"""

import asyncio
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from epos.simulator.formats import DojoIds, in_seconds, now_text
from epos.simulator.forms import RefundForm, TerminalSessionForm
from epos.simulator.intents import Intent, Intents
from epos.simulator.options import Options
from epos.simulator.problems import Problem

Json = dict[str, Any]
_EXPIRY_SECONDS = 90.0
_TERMINALS = 2


class SessionStatus(StrEnum):
    """As published; a success is `Captured`."""

    INITIATE_REQUESTED = "InitiateRequested"
    INITIATED = "Initiated"
    SIGNATURE_REQUIRED = "SignatureVerificationRequired"
    SIGNATURE_ACCEPTED = "SignatureVerificationAccepted"
    SIGNATURE_REJECTED = "SignatureVerificationRejected"
    CAPTURED = "Captured"
    DECLINED = "Declined"
    CANCEL_REQUESTED = "CancelRequested"
    CANCELED = "Canceled"


_CANCELABLE = frozenset({SessionStatus.INITIATE_REQUESTED, SessionStatus.INITIATED})
_ENDED = frozenset({SessionStatus.CAPTURED, SessionStatus.DECLINED, SessionStatus.CANCELED})


class TerminalSession:
    """One sale or refund on a terminal."""

    def __init__(self, session_id: str, form: TerminalSessionForm) -> None:
        self.id = session_id
        self.form = form
        self.created_at = now_text()
        self.signature: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._events: list[Json] = []
        self._prompts: list[Json] = []
        self.move(SessionStatus.INITIATE_REQUESTED)

    @property
    def has_ended(self) -> bool:
        return self.status in _ENDED

    def move(self, status: SessionStatus, why: str = "") -> None:
        self.status = status
        self.expires_at = in_seconds(_EXPIRY_SECONDS)
        event = {"status": status.value, "createdAt": now_text(), "debugMessage": why}
        self._events.append(event)

    def show(self, notification: str) -> None:
        """What the terminal's screen says."""
        self._prompts.append({"notificationType": notification, "createdAt": now_text()})

    def json(self) -> Json:
        return {
            "id": self.id,
            "terminalId": self.form.terminalId,
            "details": self.form.details.model_dump(mode="json", exclude_none=True),
            "status": self.status.value,
            "statusEvents": self._events,
            "notificationEvents": self._prompts,
            "createdAt": self.created_at,
            "updatedAt": self._events[-1]["createdAt"],
            "expireAt": self.expires_at,
        }


class TerminalSessions:
    """The terminals of one account: a terminal has at most one session at a time."""

    def __init__(self, ids: DojoIds, intents: Intents, options: Options) -> None:
        self._ids = ids
        self._intents = intents
        self._options = options
        self._terminals = [f"tm_sandbox_{number}" for number in range(1, _TERMINALS + 1)]
        self._sessions: dict[str, TerminalSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def terminals(self) -> Iterator[Json]:
        for number, terminal_id in enumerate(self._terminals, 1):
            yield {
                "id": terminal_id,
                "properties": {"tid": f"{number:08}"},
                "status": "InUse" if self._is_busy(terminal_id) else "Available",
                "updatedAt": now_text(),
            }

    def find(self, session_id: str) -> TerminalSession:
        """Raises Problem."""
        if session_id not in self._sessions:
            raise Problem(404, "The terminal session does not exist")
        return self._sessions[session_id]

    def start(self, form: TerminalSessionForm) -> TerminalSession:
        """The session goes on in the background. Raises Problem."""
        if form.terminalId not in self._terminals:
            raise Problem(404, "The terminal cannot be reached")
        if self._is_busy(form.terminalId):
            raise Problem(409, "The terminal is busy")
        intent = self._intent(form)
        session = TerminalSession(self._ids.new("ts_sandbox"), form)
        self._sessions[session.id] = session
        task = asyncio.create_task(self._play(session, intent))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return session

    def cancel(self, session: TerminalSession) -> None:
        """Raises Problem when it is too late."""
        if session.status not in _CANCELABLE:
            raise Problem(422, f"The terminal session is {session.status}")
        session.move(SessionStatus.CANCEL_REQUESTED)

    def sign(self, session: TerminalSession, *, accepted: bool) -> None:
        """Raises Problem when nobody has asked."""
        if session.status is not SessionStatus.SIGNATURE_REQUIRED or session.signature.done():
            raise Problem(400, "The terminal session does not wait for a signature")
        session.signature.set_result(accepted)
        session.move(
            SessionStatus.SIGNATURE_ACCEPTED if accepted else SessionStatus.SIGNATURE_REJECTED
        )

    async def _play(self, session: TerminalSession, intent: Intent | None) -> None:
        """What happens on the terminal."""
        if await self._is_canceled(session):
            return
        try:
            if intent is not None and session.form.details.sale is not None:
                await self._sell(session, intent)
            else:
                self._refund(session, intent)
        except Problem as problem:
            session.move(SessionStatus.DECLINED, problem.detail)

    async def _sell(self, session: TerminalSession, intent: Intent) -> None:
        """Raises Problem."""
        self._intents.authorize(intent, at_terminal=True)
        session.move(SessionStatus.SIGNATURE_REQUIRED)
        if await session.signature:
            await asyncio.sleep(self._options.terminal_step)
            self._intents.capture_all(intent)
            session.move(SessionStatus.CAPTURED)
        else:
            # The sandbox was seen to take the money all the same, and to say so by an event.
            self._intents.capture_late(intent, self._options.late_capture)
            await asyncio.sleep(self._options.terminal_step)
            session.move(SessionStatus.DECLINED, "The signature was rejected")

    def _refund(self, session: TerminalSession, intent: Intent | None) -> None:
        """Raises Problem."""
        refund = session.form.details.matchedRefund
        if intent is not None and refund is not None:
            amount = refund.amount.value if refund.amount else intent.captured - intent.refunded
            if amount <= 0:
                raise Problem(400, "Nothing is left to refund")
            self._intents.refund(intent, RefundForm(amount=amount), self._ids.new("key"))
        session.move(SessionStatus.CAPTURED)

    async def _is_canceled(self, session: TerminalSession) -> bool:
        """Wait for the card, or for a cancellation."""
        await asyncio.sleep(self._options.terminal_step)
        if session.status is SessionStatus.INITIATE_REQUESTED:
            session.move(SessionStatus.INITIATED)
            session.show("PresentCard")
            await asyncio.sleep(self._options.terminal_step)
        if session.status is SessionStatus.CANCEL_REQUESTED:
            session.move(SessionStatus.CANCELED)
            return True
        session.show("RemoveCard")
        return False

    def _intent(self, form: TerminalSessionForm) -> Intent | None:
        """Raises Problem."""
        about = form.details.sale or form.details.matchedRefund
        return self._intents.find(about.paymentIntentId) if about else None

    def _is_busy(self, terminal_id: str) -> bool:
        return any(
            one.form.terminalId == terminal_id and not one.has_ended
            for one in self._sessions.values()
        )
