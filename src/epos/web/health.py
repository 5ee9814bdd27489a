"""Whether the process lives, and whether it can do its work."""

from collections.abc import Awaitable, Callable

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from epos.domain.errors import Unavailable
from epos.web.replies import ProtocolError, reply


class _Check:
    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise ProtocolError(405, "The method is not allowed here", ((b"allow", b"GET, HEAD"),))
        await self._check()
        await reply(send, 200, b'{"status":"ok"}')


async def _alive() -> None:
    pass


def health_routes(is_ready: Callable[[], Awaitable[bool]]) -> list[Route]:
    """`/healthz`: the process lives. `/readyz`: the database answers and has the newest schema."""

    async def ready() -> None:
        if not await is_ready():
            raise Unavailable("The database is not migrated")

    return [Route("/healthz", _Check(_alive)), Route("/readyz", _Check(ready))]
