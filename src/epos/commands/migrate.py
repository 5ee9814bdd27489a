"""`epos migrate`."""

from typing import Annotated

import typer

from epos.commands.database import DatabaseUrl, DataDir, database_at, say_database
from epos.commands.output import fail


def migrate(
    revision: Annotated[str, typer.Argument(help="A revision, or head, or base.")] = "head",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Migrate the database to the newest schema or to a revision."""
    import asyncio

    from epos.store import migrate as migrations
    from epos.store.embedded.errors import EmbeddedError

    say_database(data_dir, database_url)
    try:
        with database_at(data_dir, database_url) as url:
            asyncio.run(migrations.migrate(url, revision))
    except (EmbeddedError, migrations.CannotMigrate) as error:
        fail(error)
