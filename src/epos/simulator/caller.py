"""Dojo calls the EPOS: over whichever transport is registered, patiently, and with faults on demand."""

import asyncio
import time

from epos.contract.operations import by_capability
from epos.simulator.calls import Asker, Call, Json, Reply, Silence
from epos.simulator.checks import answer_violations
from epos.simulator.faults import Action, Fault, Faults, Target
from epos.simulator.integrations import Integrations
from epos.simulator.journal import Direction, Transport
from epos.simulator.lines import Lines
from epos.simulator.rest_door import RestDoor
from epos.simulator.shared import Shared
from epos.simulator.socket_door import SocketDoor

_CUTS = (Action.DISCONNECT, Action.GOING_AWAY)
_NOBODY = Asker()


class NotRegistered(Exception):
    """Dojo never calls a capability that the EPOS did not register."""


class EposCaller:
    """Calls the EPOS of one account."""

    def __init__(
        self,
        account: str,
        integrations: Integrations,
        rest: RestDoor,
        lines: Lines,
        faults: Faults,
        shared: Shared,
    ) -> None:
        self._account = account
        self._integrations = integrations
        self._rest = rest
        self._lines = lines
        self._socket = SocketDoor(lines)
        self._faults = faults
        self._journal = shared.journal
        self._identifiers = shared.identifiers
        self._options = shared.options
        self._published = shared.published

    def can(self, *capabilities: str) -> bool:
        """Whether all of them are registered."""
        return self._integrations.routed >= set(capabilities)

    async def call(
        self,
        capability: str,
        ids: Json | None = None,
        body: Json | None = None,
        *,
        asker: Asker = _NOBODY,
        attempts: int | None = None,
    ) -> Reply:
        """The reply; a call without one, or with UnexpectedError, is sent again. Raises NotRegistered."""
        operation = by_capability(capability)
        if operation is None or not self.can(capability):
            raise NotRegistered(f"{capability} is not registered")
        most = attempts or self._options.attempts
        for attempt in range(1, most + 1):
            call_id = self._identifiers.new("call")
            call = Call(call_id, capability, operation, ids or {}, body, asker)
            reply = await self._attempt(call)
            if reply.ok or reply.is_refusal or attempt == most:
                break
            await asyncio.sleep(self._options.wait(attempt))
        return reply

    async def _attempt(self, call: Call) -> Reply:
        """One message, unless a fault says otherwise."""
        fault = self._faults.take(Target.CALL, call.capability)
        match fault.action if fault else None:
            case Action.DELAY if fault:
                await asyncio.sleep(fault.seconds)
            case Action.REORDER:
                await self._faults.hold()
            case Action.DROP:
                return self._lost(call)
            case Action.DUPLICATE:
                return await self._twice(call)
        reply = await self._exchange(call, fault)
        if fault and fault.action is Action.LOSE_ANSWER:
            return Reply(silence="the answer was lost")
        return reply

    async def _twice(self, call: Call) -> Reply:
        again = Call(
            self._identifiers.new("call"),
            call.capability,
            call.operation,
            call.ids,
            call.body,
            call.asker,
        )
        first, _ = await asyncio.gather(self._exchange(call, None), self._exchange(again, None))
        return first

    def _lost(self, call: Call) -> Reply:
        self._journal.write(
            self._account,
            Direction.TO_EPOS,
            self._transport(call),
            call.capability,
            call.id,
            ok=False,
            note="lost on purpose",
        )
        return Reply(silence="the call was lost")

    async def _exchange(self, call: Call, fault: Fault | None) -> Reply:
        """One message and its answer, both written down."""
        transport = self._transport(call)
        note = fault.action.value if fault else None
        head = (self._account, Direction.TO_EPOS, transport, call.capability, call.id)
        self._journal.write(*head, body=call.params, note=note)
        self._faults.passed()
        started = time.perf_counter()
        try:
            reply = await self._ask(call, transport, fault)
        except Silence as silence:
            reply = Reply(silence=str(silence))
        reply.violations += self._violations(call, reply, transport)
        self._write_reply(call, transport, reply, time.perf_counter() - started)
        return reply

    async def _ask(self, call: Call, transport: Transport, fault: Fault | None) -> Reply:
        seconds = self._options.call_seconds
        cut = fault.action if fault and fault.action in _CUTS else None
        if transport is Transport.WEBSOCKET:
            return await self._socket.ask(call, seconds, cut=cut)
        return await self._rest.ask(call, seconds, cut=cut is not None)

    def _transport(self, call: Call) -> Transport:
        """The WebSocket while it is open, where both are registered."""
        transports = self._integrations.transports(call.capability)
        if len(transports) > 1 and not self._lines.is_connected:
            return Transport.REST
        return transports[0]

    def _violations(self, call: Call, reply: Reply, transport: Transport) -> list[str]:
        if reply.silence is not None:
            return []
        found = self._published.answer(call, reply, transport) if self._published else []
        if reply.ok:
            found += answer_violations(
                call.operation, reply.answer, call.ids, call.body or {}, transport
            )
        return found

    def _write_reply(self, call: Call, transport: Transport, reply: Reply, seconds: float) -> None:
        self._journal.write(
            self._account,
            Direction.FROM_EPOS,
            transport,
            call.capability,
            call.id,
            ok=reply.ok,
            body=reply.error or reply.answer,
            status=reply.status,
            note=reply.silence,
            milliseconds=round(seconds * 1000, 2),
            violations=reply.violations,
        )
