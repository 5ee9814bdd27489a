"""What the commands of the command line share: settings, the database, and how they fail."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from epos.domain.errors import EposError, Unavailable
from epos.settings import Settings, SettingsError, load
from epos.store.database import Database
from epos.store.embedded import EmbeddedError, running
from epos.store.failures import reason
from epos.store.readiness import NOT_READY, is_ready

T = TypeVar("T")
DataDir = Annotated[Path | None, typer.Option(help="Folder of the embedded PostgreSQL.")]
DatabaseUrl = Annotated[str | None, typer.Option(help="An external PostgreSQL instead.")]


def read_settings(**flags: Any) -> Settings:
    try:
        return load(**flags)
    except SettingsError as error:
        fail(error)


def database_at(data_dir: Path | None, database_url: str | None) -> Any:
    """The external database, or the embedded one of a running server, or our own for a while."""
    settings = read_settings(data_dir=data_dir, database_url=database_url)
    if settings.database_url is not None:
        return contextlib.nullcontext(settings.database_url)
    return running(settings.data_dir)


def with_database(
    work: Callable[[Database], Coroutine[Any, Any, T]],
    data_dir: Path | None,
    database_url: str | None,
) -> T:
    async def run(url: str) -> T:
        database = Database(url, pool_size=1)
        try:
            if not await is_ready(database):
                fail(NOT_READY)
            return await work(database)
        finally:
            await database.close()

    try:
        with database_at(data_dir, database_url) as url:
            return asyncio.run(run(url))
    except Unavailable as error:
        fail(f"the database cannot be used: {reason(error.__cause__ or error)}")
    except (EmbeddedError, EposError) as error:
        fail(error)


def fail(error: Exception | str) -> NoReturn:
    print(f"epos: {error}", file=sys.stderr)
    raise typer.Exit(2)


def say(text: str) -> None:
    print(text, flush=True)
