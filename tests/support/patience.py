"""A client for a machine that may stand still, as virtual ones do now and then.

While it does, what waits for another's lock reaches its deadline and is answered 503: the server is right,
and a client sends it again. A 503 for any other cause is a failure like before.
"""

import asyncio
import threading
import time
from contextvars import ContextVar
from functools import cache

import httpx

from epos.domain.errors import Overloaded
from epos.services.limits import took_too_long
from epos.store.failures import DATABASE_AWAY

_TICK_SECONDS, _STOOD_STILL_SECONDS = 0.05, 1.0
_REFUSED_SECONDS = 0.3
_SAFE_TO_SEND_AGAIN = (DATABASE_AWAY, took_too_long().message)
_takes_refusals: ContextVar[bool] = ContextVar("takes_refusals", default=False)


def take_refusals() -> None:
    """From here on, the current task gets every answer as it came."""
    _takes_refusals.set(True)


class Patient(httpx.AsyncBaseTransport):
    """Sends again what was refused while the machine stood still, and what came too much at once for it:
    as Dojo does, only sooner.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        clock = _clock()
        while True:
            began = time.monotonic()
            response = await self._transport.handle_async_request(request)
            if response.status_code != 503 or _takes_refusals.get():
                return response
            said = (await response.aread()).decode()
            if Overloaded(1).message in said:
                await asyncio.sleep(_REFUSED_SECONDS)
            elif not clock.stood_still_since(began) or not any(
                words in said for words in _SAFE_TO_SEND_AGAIN
            ):
                return response


def stood_still_since(moment: float) -> bool:
    """Whether the machine has stood still for a second since then (`time.monotonic`). Ask once before."""
    return _clock().stood_still_since(moment)


class _Clock(threading.Thread):
    """Ticks, and remembers when it could not."""

    def __init__(self) -> None:
        super().__init__(name="patience", daemon=True)
        self._went_on = 0.0

    def run(self) -> None:
        last = time.monotonic()
        while True:
            time.sleep(_TICK_SECONDS)
            now = time.monotonic()
            if now - last > _STOOD_STILL_SECONDS:
                self._went_on = now
            last = now

    def stood_still_since(self, moment: float) -> bool:
        return self._went_on >= moment


@cache
def _clock() -> _Clock:
    clock = _Clock()
    clock.start()
    return clock
