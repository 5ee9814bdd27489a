"""The settings and the database of a command."""

import contextlib
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from epos.commands.output import fail, say_target, without_password

if TYPE_CHECKING:
    from epos.settings import Settings
    from epos.store.database import Database

T = TypeVar("T")
DataDir = Annotated[Path | None, typer.Option(help="Folder of the embedded PostgreSQL.")]
DatabaseUrl = Annotated[str | None, typer.Option(help="Use an external PostgreSQL instead.")]


def read_settings(**flags: Any) -> "Settings":
    from epos.settings import SettingsError, load

    try:
        return load(**flags)
    except SettingsError as error:
        fail(error)


def database_at(data_dir: Path | None, database_url: str | None) -> AbstractContextManager[str]:
    """The URL of the external database, or of the embedded one, which is started if no server runs it."""
    settings = read_settings(data_dir=data_dir, database_url=database_url)
    if settings.database_url is not None:
        return contextlib.nullcontext(settings.database_url)
    from epos.store.embedded import running

    return running(settings.data_dir)


def say_database(data_dir: Path | None, database_url: str | None, venue: str | None = None) -> None:
    """Say which data folder or database a command acts on, and which venue."""
    settings = read_settings(data_dir=data_dir, database_url=database_url)
    if settings.database_url is not None:
        say_target(f"the database {without_password(settings.database_url)}", venue)
    else:
        say_target(f"the data folder {settings.data_dir.expanduser().resolve()}", venue)


def with_url(
    work: Callable[[str], Coroutine[Any, Any, T]],
    data_dir: Path | None,
    database_url: str | None,
    *,
    venue: str | None = None,
) -> T:
    """Run `work` with the URL of the database, for work on a connection of its own. As
    `with_database`, it makes no data folder.
    """
    import asyncio

    import asyncpg

    from epos.domain.errors import EposError
    from epos.store.embedded.errors import EmbeddedError

    _refuse_empty_folder(data_dir, database_url)
    say_database(data_dir, database_url, venue)
    try:
        with database_at(data_dir, database_url) as url:
            return asyncio.run(work(url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        fail(f"the database says: {error}")
    except (EmbeddedError, EposError) as error:
        fail(error)


def with_database(
    work: Callable[["Database"], Coroutine[Any, Any, T]],
    data_dir: Path | None,
    database_url: str | None,
    *,
    venue: str | None = None,
) -> T:
    """Run `work` on a database that has the newest schema, after saying which it is, and which venue is
    meant. Errors end the command with one line.

    It makes no data folder: where there is none, the wrong one was named, and a server has the right one.
    """
    import asyncio

    from epos.domain.errors import EposError, Unavailable
    from epos.store.database import Database
    from epos.store.embedded.errors import EmbeddedError
    from epos.store.failures import reason
    from epos.store.readiness import NOT_READY, is_ready

    async def run(url: str) -> T:
        database = Database(url, pool_size=1)
        try:
            if not await is_ready(database):
                fail(NOT_READY)
            return await work(database)
        finally:
            await database.close()

    _refuse_empty_folder(data_dir, database_url)
    say_database(data_dir, database_url, venue)
    try:
        with database_at(data_dir, database_url) as url:
            return asyncio.run(run(url))
    except Unavailable as error:
        fail(f"the database cannot be used: {reason(error.__cause__ or error)}")
    except (EmbeddedError, EposError) as error:
        fail(error)


def _refuse_empty_folder(data_dir: Path | None, database_url: str | None) -> None:
    settings = read_settings(data_dir=data_dir, database_url=database_url)
    if settings.database_url is not None:
        return
    folder = settings.data_dir.expanduser().resolve()
    if not any(folder.glob("pgdata-*")):
        fail(
            f"there is no data in {folder}: name the server's folder with --data-dir or its database "
            "with --database-url, or make a new one with `epos migrate`"
        )
