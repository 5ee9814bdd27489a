"""One run from its address to its results: open the link, check, close it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import httpx
import uvicorn

from epos.check.links import RestLink, SocketLink
from epos.check.results import Run
from epos.check.runner import CannotReach, Listener, run_checks
from epos.check.world import CheckOptions
from epos.contract.operations import OPERATIONS
from epos.simulator.accounts import DojoAccount
from epos.simulator.app import build_app
from epos.simulator.options import Options
from epos.simulator.process import CannotSimulate, listen

_MOST_CONNECTIONS = 50
_POLL_SECONDS = 0.05
_OWN_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an EPOS is, or where it shall connect to."""

    label: str
    """The URL without its password."""
    url: str
    username: str
    password: str

    @property
    def is_websocket(self) -> bool:
        return self.url.startswith(("ws://", "wss://"))


def address(url: str, username: str, password: str) -> Address:
    """Of a URL, which may have a username and a password of its own. Raises CannotReach."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "ws"} or not parts.hostname:
        raise CannotReach(f"{url}: is not an http, https or ws URL")
    place = parts.netloc.rpartition("@")[2]
    bare = f"{parts.scheme}://{place}{parts.path.rstrip('/')}"
    if parts.username is None:
        return Address(bare, bare, username, password)
    return Address(bare, bare, unquote(parts.username), unquote(parts.password or ""))


async def check_epos(
    at: Address,
    options: CheckOptions,
    *,
    listener: Listener | None = None,
    say: Callable[[str], None] = lambda _: None,
    connect_seconds: float = 120.0,
) -> Run:
    """Raises CannotReach."""
    if at.is_websocket:
        return await _over_websocket(at, options, listener, say, connect_seconds)
    limits = httpx.Limits(max_connections=_MOST_CONNECTIONS)
    # No proxy stands before this machine's own ports. The links have their own timeouts.
    proxies = urlsplit(at.url).hostname not in _OWN_HOSTS
    async with httpx.AsyncClient(timeout=None, limits=limits, trust_env=proxies) as http:  # noqa: S113
        link = RestLink(http, at.url, at.username, at.password)
        return await run_checks(link, options, at.label, listener=listener, say=say)


async def _over_websocket(
    at: Address,
    options: CheckOptions,
    listener: Listener | None,
    say: Callable[[str], None],
    connect_seconds: float,
) -> Run:
    async with playing_dojo(at) as (port, accounts):
        place = f"{urlsplit(at.url).hostname}:{port}"
        say(f"Waiting for the EPOS to connect, {connect_seconds:g} s at most:")
        say(f"  Dojo's API  http://{place}      (PUT /epos/integrations/ws)")
        say(f"  WebSocket   ws://{place}/epos")
        say("  API key     anything that starts with sk_sandbox_")
        account = await _connected(accounts, connect_seconds)
        offered = account.registrations.routed
        unclaimed = [
            operation.capability for operation in OPERATIONS if not offered & set(operation.names)
        ]
        link = SocketLink(account.socket)
        try:
            return await run_checks(
                link, options, at.label, unclaimed=unclaimed, listener=listener, say=say
            )
        finally:
            await account.socket.disconnect("close")


@contextlib.asynccontextmanager
async def playing_dojo(
    at: Address,
) -> AsyncIterator[tuple[int, Callable[[], list[DojoAccount]]]]:
    """A simulated Dojo at that address: its port, and who has connected. Raises CannotReach."""
    parts = urlsplit(at.url)
    app = build_app(Options())
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    try:
        with listen(parts.hostname or "127.0.0.1", parts.port or 0) as listening:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                yield _port(listening), lambda: app.state.accounts.all
            finally:
                server.should_exit = True
                await serving
    except CannotSimulate as error:
        raise CannotReach(str(error)) from None


def _port(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


async def _connected(accounts: Callable[[], list[DojoAccount]], seconds: float) -> DojoAccount:
    """The first EPOS that has both registered and connected. Raises CannotReach."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                for account in accounts():
                    if account.socket.is_connected and account.registrations.routed:
                        return account
                await asyncio.sleep(_POLL_SECONDS)
    known = accounts()
    if any(account.socket.is_connected for account in known):
        raise CannotReach("an EPOS has connected, and registered nothing")
    if known:
        raise CannotReach("an EPOS has registered, and did not connect")
    raise CannotReach(f"no EPOS has connected within {seconds:g} s")
