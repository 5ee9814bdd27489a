"""Where requests of the control API part from all others, and who may send them."""

import hmac

from starlette.types import ASGIApp, Receive, Scope, Send

from epos.control.app import PREFIX
from epos.control.http import WatchedHttp
from epos.control.watched import Watch, Watches
from epos.domain.credentials import split_username
from epos.domain.errors import EposError, Unauthenticated
from epos.services.authentication import Authentication
from epos.web.authentication import Failures, basic_credentials
from epos.web.headers import RequestHeaders
from epos.web.middleware import Observed

USER = "testing"


class ControlDoor:
    """The outermost application while testing is on. Without it, no request knows that it exists."""

    def __init__(
        self,
        served: Observed,
        control: ASGIApp,
        watched: WatchedHttp,
        watches: Watches,
        authentication: Authentication,
    ) -> None:
        self.connections = served.connections
        self.gate = served.gate
        self._served = served
        self._control = control
        self._watched = watched
        self._watches = watches
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._served(scope, receive, send)
        elif is_below(scope["path"]):
            await self._control(scope, receive, send)
        else:
            watch = await self._watch_of(scope)
            if watch is None:
                await self._served(scope, receive, send)
            else:
                watch.world.enter()
                await self._watched.answer(watch, scope, receive, send)

    async def _watch_of(self, scope: Scope) -> Watch | None:
        """What is watched of the venue for which the request speaks. None: nothing, or the credential is
        wrong, which the server itself says.
        """
        presented = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(presented) != 1:
            return None
        authorization = presented[0].decode("latin-1")
        try:
            name, password = basic_credentials(authorization)
            watch = self._watches.find(split_username(name)[0])
            if watch is not None and self._authentication.remembered(authorization) is None:
                principal = await self._authentication.check(name, password)
                self._authentication.remember(authorization, principal)
        except EposError:
            return None
        return watch


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
