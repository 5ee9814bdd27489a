"""Where requests of the control API part from all others, and who may send them."""

import hmac

from starlette.types import ASGIApp, Receive, Scope, Send

from epos.control.app import PREFIX
from epos.domain.credentials import split_username
from epos.domain.errors import Unauthenticated
from epos.services.worlds import World, Worlds
from epos.web.authentication import Failures, basic_credentials
from epos.web.headers import RequestHeaders
from epos.web.middleware import Observed

USER = "testing"


class ControlDoor:
    """The outermost application while testing is on. Without it, no request knows that it exists."""

    def __init__(self, served: Observed, control: ASGIApp, worlds: Worlds) -> None:
        self.connections = served.connections
        self.gate = served.gate
        self._served = served
        self._control = control
        self._worlds = worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_below(scope["path"]):
            await self._control(scope, receive, send)
            return
        world = self._world_of(scope) if scope["type"] == "http" else None
        if world is not None:
            world.enter()
        await self._served(scope, receive, send)

    def _world_of(self, scope: Scope) -> World | None:
        """The test venue for which the request says that it speaks; whether it may is not checked here."""
        for name, value in scope["headers"]:
            if name == b"authorization":
                try:
                    username, _ = basic_credentials(value.decode("latin-1"))
                except Unauthenticated:
                    return None
                return self._worlds.find(split_username(username)[0])
        return None


def is_below(path: str) -> bool:
    """Whether a path is one of the control API."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


class ControlAuthenticated:
    """HTTP Basic: the user `testing` with the server's own password."""

    def __init__(self, app: ASGIApp, password: str) -> None:
        self._app = app
        self._password = password.encode()
        self._failures = Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: RequestHeaders = scope["state"]["headers"]
        try:
            username, password = basic_credentials(headers.authorization)
            right = hmac.compare_digest(password.encode(), self._password)
            if username != USER or not right:
                raise Unauthenticated
        except Unauthenticated:
            await self._failures.slow_down(scope["client"][0] if scope.get("client") else "")
            raise
        await self._app(scope, receive, send)
