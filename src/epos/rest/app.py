"""The EPOS Data API over HTTP: its operations as endpoints."""

from collections.abc import Awaitable, Callable, Collection

from epos.contract.operations import OPERATIONS, Operation
from epos.domain.credentials import Role
from epos.services.api import Answer, Call, Services, calls
from epos.web.routes import Endpoint, Handler

_DOJO = frozenset({Role.DOJO})


def endpoints(services: Services, *, tables_as_array: bool = True) -> list[Endpoint]:
    """`tables_as_array`: SearchTables answers an array with one page, as the specification says."""
    handlers: dict[str, Handler] = dict(calls(services))
    if tables_as_array:
        handlers["SearchTables"] = _in_array(calls(services)["SearchTables"])
    return [_endpoint(operation, handlers) for operation in served(handlers)]


def served(handlers: Collection[str]) -> list[Operation]:
    """The operations that have a handler."""
    return [operation for operation in OPERATIONS if operation.capability in handlers]


def _endpoint(operation: Operation, handlers: dict[str, Handler]) -> Endpoint:
    return Endpoint(
        name=operation.capability,
        http_method=operation.http_method,
        path=operation.path,
        roles=_DOJO,
        handler=handlers[operation.capability],
        request=operation.request,
    )


def _in_array(handler: Callable[[Call], Awaitable[Answer]]) -> Handler:
    async def answer(call: Call) -> Answer:
        page = await handler(call)
        return [page]  # type: ignore[list-item]  # a search answers one model

    return answer
