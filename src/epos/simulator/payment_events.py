"""Events about payments, sent to the EPOS at least once."""

import asyncio
from contextlib import suppress
from typing import Any

from epos.contract.events import EventType
from epos.simulator.caller import EposCaller
from epos.simulator.calls import RequesterHeaders
from epos.simulator.faults import Action, Faults, InjectedFault, Target
from epos.simulator.formats import now_text
from epos.simulator.intents import Intent
from epos.simulator.options import Shared

Json = dict[str, Any]
_REQUESTER = RequesterHeaders(product="Payments")


class PaymentEvents:
    """The events of one account. Those of an intent go in order, unless a fault says otherwise."""

    def __init__(self, account: str, caller: EposCaller, faults: Faults, shared: Shared) -> None:
        self._account = account
        self._caller = caller
        self._faults = faults
        self._ids = shared.ids
        self._options = shared.options
        self._last: dict[str, asyncio.Task[None]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    def tell(self, intent: Intent, event: EventType) -> None:
        """In the background; nothing, unless the EPOS registered for the event."""
        capability = f"HandleEvent:{event}"
        if not self._caller.can(capability):
            return
        fault = self._faults.take(Target.EVENT, event)
        if fault and fault.action is Action.DROP:
            return
        before = None if _is_held(fault) else self._last.get(intent.id)
        task = asyncio.create_task(
            self._deliver(capability, self._event(intent, event), fault, before)
        )
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        if not _is_held(fault):
            self._last[intent.id] = task

    async def settle(self, seconds: float) -> bool:
        """Whether everything has been told within that time, and what has happened meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way:
                    await asyncio.wait(set(self._under_way))
        return not self._under_way

    @property
    def waiting(self) -> int:
        return len(self._under_way)

    async def _deliver(
        self,
        capability: str,
        body: Json,
        fault: InjectedFault | None,
        before: asyncio.Task[None] | None,
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        if fault and fault.action is Action.DELAY:
            await asyncio.sleep(fault.seconds)
        if fault and fault.action is Action.REORDER:
            await self._faults.hold()
        copies = 2 if fault and fault.action is Action.DUPLICATE else 1
        for _ in range(copies):
            await self._caller.call(
                capability, body=body, requester=_REQUESTER, attempts=self._options.event_attempts
            )

    def _event(self, intent: Intent, event: EventType) -> Json:
        return {
            "id": self._ids.new("evt"),
            "accountId": self._account,
            "event": event.value,
            "data": {
                "paymentIntentId": intent.id,
                "paymentStatus": intent.status.value,
                "captureMode": intent.form.captureMode,
            },
            "createdAt": now_text(),
        }


def _is_held(fault: InjectedFault | None) -> bool:
    return fault is not None and fault.action in (Action.DELAY, Action.REORDER)
