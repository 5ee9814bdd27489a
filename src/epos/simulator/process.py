"""`epos simulate dojo`: the process."""

import contextlib
import signal
import socket
import sys

import uvicorn

from epos.simulator.app import build_app
from epos.simulator.options import Options
from epos.simulator.published import CannotCheck

_DRAIN_SECONDS = 2
_BACKLOG = 2048
"""As uvicorn has it."""


class CannotSimulate(Exception):
    """Why it did not start, in one line."""


def simulate(host: str, port: int, options: Options) -> None:
    """Serve until SIGINT or SIGTERM. Raises CannotSimulate."""
    try:
        app = build_app(options)
    except CannotCheck as error:
        raise CannotSimulate(str(error)) from None
    config = uvicorn.Config(
        app,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    with listen(host, port) as listener:
        print(_banner(host, listener.getsockname()[1]), flush=True)
        # uvicorn ends in good order, then raises the signal once more.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens already: whoever reads the address may connect before the server runs. 0 takes
    a free port. Raises CannotSimulate.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends small frames at once (TCP_NODELAY); without it, it does not.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotSimulate(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def _banner(host: str, port: int) -> str:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return "\n".join(
        [
            "",
            f"Simulated Dojo on http://{place}",
            f"  API         http://{place}",
            f"  WebSocket   ws://{place}/epos",
            "  API key     anything that starts with sk_sandbox_",
            f"  control     http://{place}/docs",
            "",
        ]
    )
