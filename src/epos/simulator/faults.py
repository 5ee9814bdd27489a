"""Fault injection: what goes wrong next, how often, and for how long."""

import asyncio
import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_LONGEST_HOLD_SECONDS = 10.0


class Target(StrEnum):
    """Where a fault strikes."""

    CALL = "call"
    """A call to the EPOS, named by its capability."""
    EVENT = "event"
    """A HandleEvent, named by its event: `payment_intent.status_updated`."""
    API = "api"
    """A request of the EPOS to Dojo's API: `POST /epos/events`."""
    HANDSHAKE = "handshake"
    """The EPOS dials the WebSocket endpoint."""


class Action(StrEnum):
    """What happens then."""

    DELAY = "delay"
    """Calls, events and requests: `seconds` pass first."""
    DROP = "drop"
    """Never sent; a request is never carried out and its answer never comes."""
    DUPLICATE = "duplicate"
    """Calls and events: sent twice, the calls at the same time."""
    REORDER = "reorder"
    """Calls and events: held until the next one has gone by, at most ten seconds."""
    LOSE_ANSWER = "lose-answer"
    """Carried out, and the answer is lost: Dojo's side of it, or the API's."""
    DISCONNECT = "disconnect"
    """Calls: the connection dies while the call is under way."""
    GOING_AWAY = "going-away"
    """Calls: the WebSocket is closed with 1001 while the call is under way."""
    STATUS = "status"
    """Requests and handshakes: answered with `status` and not carried out."""


_ACTIONS = {
    Target.CALL: frozenset(Action) - {Action.STATUS},
    Target.EVENT: frozenset({Action.DELAY, Action.DROP, Action.DUPLICATE, Action.REORDER}),
    Target.API: frozenset({Action.DELAY, Action.DROP, Action.LOSE_ANSWER, Action.STATUS}),
    Target.HANDSHAKE: frozenset({Action.STATUS, Action.DELAY}),
}


class InjectedFault(BaseModel):
    """One kind of misbehaviour."""

    model_config = ConfigDict(extra="forbid")

    target: Target
    action: Action
    match: str = "*"
    """What it strikes; `*` is everything, and a `*` at the end anything that starts so."""
    times: Annotated[int, Field(ge=1)] | None = 1
    """How often; null is until it is taken away or `lasts` is over."""
    lasts: Annotated[float, Field(gt=0)] | None = None
    """Seconds after which it is over."""
    seconds: Annotated[float, Field(ge=0)] = 0.5
    """How long a delay takes, and how long a dropped request hangs."""
    status: Annotated[int, Field(ge=400, le=599)] = 500

    def strikes(self, target: Target, name: str) -> bool:
        if self.target is not target:
            return False
        if self.match.endswith("*"):
            return name.startswith(self.match[:-1])
        return self.match == name


class ImpossibleFault(ValueError):
    """That target cannot misbehave in that way."""


class _Armed:
    def __init__(self, fault: InjectedFault) -> None:
        self.fault = fault
        self.left = fault.times
        self.ends = time.monotonic() + fault.lasts if fault.lasts is not None else None

    @property
    def is_over(self) -> bool:
        return self.left == 0 or (self.ends is not None and time.monotonic() >= self.ends)


class Faults:
    """The faults of one account, oldest first."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._passed = asyncio.Event()

    def arm(self, fault: InjectedFault) -> None:
        if fault.action not in _ACTIONS[fault.target]:
            raise ImpossibleFault(f"{fault.target} knows no {fault.action}")
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        self._armed.clear()

    def __iter__(self) -> Iterator[InjectedFault]:
        """What is still armed, with how often it will still strike."""
        self._forget()
        return iter([one.fault.model_copy(update={"times": one.left}) for one in self._armed])

    def take(self, target: Target, name: str) -> InjectedFault | None:
        """The fault that strikes now, if one does; it is used up by one."""
        self._forget()
        for armed in self._armed:
            if armed.fault.strikes(target, name):
                if armed.left is not None:
                    armed.left -= 1
                return armed.fault
        return None

    def passed(self) -> None:
        """A message went by: whatever was held back may follow it."""
        self._passed.set()

    async def hold(self) -> None:
        """Until the next message has gone by."""
        self._passed.clear()
        try:
            async with asyncio.timeout(_LONGEST_HOLD_SECONDS):
                await self._passed.wait()
        except TimeoutError:
            pass

    def _forget(self) -> None:
        self._armed = [armed for armed in self._armed if not armed.is_over]
