"""`epos serve`."""

from typing import Annotated

import typer

from epos.choices import LogFormat, LogLevel
from epos.commands.database import DatabaseUrl, DataDir, read_settings, say_database
from epos.commands.output import fail


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [8080].")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int | None, typer.Option(help="Number of processes [1].")] = None,
    log_format: Annotated[LogFormat | None, typer.Option()] = None,
    log_level: Annotated[LogLevel | None, typer.Option()] = None,
    demo: Annotated[
        bool | None, typer.Option(help="Make the demo venue and its user demo/demo [on loopback].")
    ] = None,
    migrate: Annotated[bool | None, typer.Option(help="Migrate before serving [yes].")] = None,
) -> None:
    """Start the server, and PostgreSQL if none is named. Stop with Ctrl-C."""
    settings = read_settings(
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        workers=workers,
        log_format=log_format,
        log_level=log_level,
        demo=demo,
        migrate=migrate,
    )
    say_database(data_dir, database_url)
    from epos import listening, serving
    from epos.domain.errors import EposError
    from epos.store.embedded.errors import EmbeddedError

    try:
        serving.serve(settings)
    except (serving.CannotServe, listening.CannotListen, EmbeddedError, EposError) as error:
        fail(error)
