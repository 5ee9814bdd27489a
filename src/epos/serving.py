"""`epos serve`: start PostgreSQL and the server, and stop them again."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from pydantic import SecretStr

from epos import listening, logs
from epos.demo import seeding
from epos.dojo.sealing import new_secret_key
from epos.dojo_settings import apply_dojo_settings
from epos.domain.errors import NotFound, Unavailable
from epos.services.limits import DEADLINE_SECONDS
from epos.settings import Settings
from epos.store.copies import may_copy
from epos.store.database import Database
from epos.store.embedded import EmbeddedPostgres
from epos.store.nodes import IS_CLUSTER, ask_nodes
from epos.store.readiness import NOT_READY, is_ready, why_not_durable
from epos.workers import Workers

_PROTOCOL = "epos.web.protocol:EposHttpProtocol"
_DRAIN_SECONDS = int(DEADLINE_SECONDS) + 2
# Longer than clients and proxies keep an idle connection, so that the client closes it first and no request
# is lost. With uvicorn's 5 seconds, also httpx's default, a payment sometimes met a closing connection.
_KEEP_ALIVE_SECONDS = 75
# A worker that does not answer for this long is hanging. uvicorn's default of 5 seconds is less than a
# worker needs to start on a busy machine: it would be killed and started again for ever.
_HANGING_SECONDS = 60
_DESCRIPTORS_BESIDE_DATABASE = 100
"""The least with which a process can work."""

_MAY_NOT_COPY = (
    "EPOS_TESTING=true needs the right to copy venues without their triggers: as a superuser of "
    "PostgreSQL, GRANT SET ON PARAMETER session_replication_role TO the role of EPOS_DATABASE_URL"
)


class CannotServe(Exception):
    """The server did not start. The message is one line for the operator."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP. Raises CannotServe, CannotListen or EmbeddedError."""
    logs.configure(settings.log_format, settings.log_level)
    settings = _with_testing_secrets(settings)
    _check_descriptors(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # SIGHUP: the terminal was closed. nohup ignores it, and that stays so.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    with (
        contextlib.suppress(KeyboardInterrupt),
        # Take the port first: if it is busy, no database is started in vain.
        listening.bound(settings.host, settings.port) as listener,
        _database(settings) as url,
    ):
        asyncio.run(prepare(settings, url))
        listening.listen(listener)  # only now can the server answer
        print(_banner(settings, listener.getsockname()[1]), flush=True)
        _run(settings, url, listener)


def _with_testing_secrets(settings: Settings) -> Settings:
    """Where tests are allowed, make the secrets that are not given; the banner shows the password."""
    if not settings.testing:
        return settings
    made: dict[str, SecretStr] = {}
    if settings.testing_password is None:
        made["testing_password"] = SecretStr(secrets.token_hex(16))
    if settings.secret_key is None:
        made["secret_key"] = SecretStr(new_secret_key())
    return settings.model_copy(update=made)


def _check_descriptors(settings: Settings) -> None:
    limit = listening.raise_descriptor_limit()
    needed = 2 * settings.database_pool_size + _DESCRIPTORS_BESIDE_DATABASE
    if limit < needed:
        raise CannotServe(f"the limit of open files is {limit}, and {needed} are needed: ulimit -n")


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    if settings.database_url is not None:
        yield settings.database_url
        return
    with EmbeddedPostgres.open(settings.data_dir) as postgres:
        yield postgres.url


async def prepare(settings: Settings, url: str) -> None:
    """Migrate, check the database, and make the demo venue if it does not exist."""
    database = Database(url, pool_size=1)
    try:
        if settings.migrate and not await _is_migrated(database):
            await _migrate(url)
        if not await is_ready(database):
            raise CannotServe(NOT_READY)
        if reason := await why_not_durable(database):
            raise CannotServe(reason)
        if reason := await _why_not_on_nodes(database):
            raise CannotServe(reason)
        if settings.testing and not await may_copy(database):
            raise CannotServe(_MAY_NOT_COPY)
        if settings.demo_is_on:
            await seeding.seed(database)
        await apply_dojo_settings(settings, database)
    except NotFound as error:
        raise CannotServe(f"EPOS_DOJO_VENUE: {error}") from None
    except OSError as error:
        raise CannotServe(f"the database does not answer: {error}") from None
    finally:
        await database.close()


async def _why_not_on_nodes(database: Database) -> str | None:
    """Why not to serve on this cluster, in one line; nothing on PostgreSQL without Citus."""
    async with database.connection() as connection:
        if not await IS_CLUSTER.value(connection):
            return None
        nodes = await ask_nodes(connection)
    if not nodes.forgetful:
        return None
    return (
        f"nodes could lose a recorded payment: {', '.join(nodes.forgetful)}; `epos migrate` sets "
        "synchronous_commit on each node, and fsync must be on"
    )


async def _is_migrated(database: Database) -> bool:
    """Whether there is nothing to migrate; a database that cannot be used is reported by the migration."""
    with contextlib.suppress(Unavailable):
        return await is_ready(database)
    return False


async def _migrate(url: str) -> None:
    from epos.store.migrate import (  # noqa: PLC0415 - most starts need no Alembic
        CannotMigrate,
        migrate,
    )

    try:
        await migrate(url)
    except CannotMigrate as error:
        raise CannotServe(str(error)) from None


def _run(settings: Settings, url: str, listener: socket.socket) -> None:
    if settings.workers == 1:
        from epos.main import build_app  # noqa: PLC0415 - with workers, only they need it

        sockets = listening.repeated(listener)  # before clients get what descriptors are left
        app = build_app(settings, url, seeding.fill if settings.testing else None)
        uvicorn.Server(_config(app)).run(sockets=sockets)
        return
    os.environ.update(_environment(settings, url))
    config = _config("epos.main:app_from_environment", workers=settings.workers, factory=True)
    Workers(config, sockets=listening.shared(listener)).run()


def _config(app: object, *, workers: int = 1, factory: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=factory,
        workers=workers,
        loop="uvloop",
        http=_PROTOCOL,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        timeout_worker_healthcheck=_HANGING_SECONDS,
    )


def _environment(settings: Settings, url: str) -> dict[str, str]:
    """The settings as variables for the worker processes, which inherit the secrets as they were given."""
    secret = {name for name, value in settings if isinstance(value, SecretStr)}
    given = settings.model_dump(mode="json", exclude_none=True, exclude=secret)
    given["database_url"] = url
    return {f"EPOS_{name.upper()}": str(value) for name, value in given.items()}


def _banner(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{host}:{port}"
    lines = [f"EPOS server on {base}", f"  docs        {base}/docs"]
    if settings.demo_is_on:
        lines += [
            "  credential  demo / demo (the demo venue, on this machine only)",
            f"  try         curl -u demo:demo {base}/v1/areas",
            f"  the till    {base}/till/docs (demo.till / demo)",
        ]
    else:
        lines.append("  credential  make one: epos credential create VENUE NAME")
    if settings.testing and settings.testing_password is not None:
        password = settings.testing_password.get_secret_value()
        lines.append(f"  tests       {base}/test/v1 (testing / {password})")
    return "\n".join(["", *lines, ""])
