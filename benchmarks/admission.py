"""`python -m benchmarks.admission`: what admission costs a request, in microseconds of CPU time.

It runs in this process alone, without HTTP and without a database: clients of one venue enter, do nothing,
and leave. *Alone*: there is always room. *In turn*: 32 clients, so that each waits in the queue.
"""

import asyncio
import time

import uvloop

from epos.services.admission import Admission, Lane

_ROUNDS = 15
_EACH = 1_000
_SLOTS = 10


async def _client(admission: Admission | None) -> None:
    for _ in range(_EACH):
        if admission is None:
            await asyncio.sleep(0)
            continue
        if not admission.try_enter(Lane.USUAL, "venue", None):
            await admission.enter(Lane.USUAL, "venue", None, since=time.monotonic())
        try:
            await asyncio.sleep(0)
        finally:
            admission.leave("venue", None)


async def _cost(clients: int, admission: Admission | None) -> float:
    """Microseconds a request, without admission where there is none."""
    began = time.process_time()
    await asyncio.gather(*(_client(admission) for _ in range(clients)))
    return (time.process_time() - began) / (clients * _EACH) * 1e6


async def _main() -> None:
    for name, clients in (("alone", 4), ("in turn", 32)):
        both: list[list[float]] = [[], []]
        for _ in range(_ROUNDS):
            both[0].append(await _cost(clients, None))
            both[1].append(await _cost(clients, Admission(_SLOTS)))
        print(f"{name}: {min(both[1]) - min(both[0]):.1f} µs")


if __name__ == "__main__":
    uvloop.run(_main())
