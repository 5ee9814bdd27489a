"""Record the statements that an operation sends while the server's own code runs.

pgbench then runs the same statements, so they are always those of the server.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import asyncpg

from benchmarks import bodies
from benchmarks.venues import Venue, order_id
from epos.contract.codec import validate
from epos.contract.operations import Operation, by_capability
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.main import build_services, websocket_handlers
from epos.store.database import Database
from epos.websocket.dispatch import Handler

READ, PAY = "GetOrderById", "RecordOrderPaymentById"
LOCK, BILL, UNLOCK = "CreateOrderLock", "GetOrderBillById", "DeleteOrderLock"
_METHODS = ("execute", "fetch", "fetchrow", "fetchval")


@dataclass(frozen=True, slots=True)
class Sent:
    sql: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """The ids that stand in captured statements; pgbench puts others in their place."""

    order_id: str
    intent_id: str = "pi_example"
    lock_id: str = "lk_example"


@contextmanager
def _recorded() -> Iterator[list[Sent]]:
    sent: list[Sent] = []
    originals = {name: getattr(asyncpg.Connection, name) for name in _METHODS}
    for name, original in originals.items():
        setattr(asyncpg.Connection, name, _recording(original, sent))
    try:
        yield sent
    finally:
        for name, original in originals.items():
            setattr(asyncpg.Connection, name, original)


def _recording(method: Any, sent: list[Sent]) -> Callable[..., Awaitable[Any]]:
    @wraps(method)
    async def recording(self: Any, sql: str, *arguments: Any, **options: Any) -> Any:
        sent.append(Sent(sql, arguments))
        return await method(self, sql, *arguments, **options)

    return recording


class Capture:
    """Run operations of the server in this process, on the benchmark's database."""

    def __init__(self, url: str, venue: Venue) -> None:
        self._url = url
        self._venue = venue

    def statements(self, *capabilities: str) -> tuple[Example, list[Sent]]:
        """What these operations send for one order, one after another."""
        return asyncio.run(self._statements(capabilities))

    async def _statements(self, capabilities: tuple[str, ...]) -> tuple[Example, list[Sent]]:
        database = Database(self._url, pool_size=1)
        try:
            handlers = websocket_handlers(build_services(database, Identifiers()))
            first = Example(order_id(self._venue.first_open), "pi_warm_up", "lk_warm_up")
            example = Example(order_id(self._venue.size))
            await self._run(
                handlers, capabilities, first
            )  # opens the connection, which is not recorded
            with _recorded() as sent:
                await self._run(handlers, capabilities, example)
            return example, sent
        finally:
            await database.close()

    async def _run(
        self,
        handlers: Mapping[str, Handler],
        capabilities: tuple[str, ...],
        example: Example,
    ) -> None:
        requester = Requester(self._venue.id, "bench", "0" * 32, self._venue.waiter)
        ids = {"orderId": example.order_id, "lockId": example.lock_id}
        for capability in capabilities:
            operation = by_capability(capability)
            assert operation is not None, capability
            named = {name: ids[name] for name in operation.path_parameters}
            await handlers[capability](named, _body(operation, example), requester)


def _body(operation: Operation, example: Example) -> Any:
    if operation.request is None:
        return None
    expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = {
        PAY: bodies.payment(example.intent_id),
        LOCK: {"lockId": example.lock_id, "expiry": expiry},
    }[operation.capability]
    return validate(operation.request, body)
