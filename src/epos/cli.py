"""The command line."""

import asyncio
import io
import json
import sys
from decimal import Decimal
from typing import Annotated

import typer

from epos import demo, listening, serving
from epos.commands import DatabaseUrl, DataDir, database_at, fail, read_settings, say, with_database
from epos.demo import terminal
from epos.dojo_cli import dojo_app
from epos.domain.credentials import Role, SystemActor
from epos.domain.errors import EposError
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.rest import app as rest
from epos.services.bills import Bills
from epos.services.venues import Venues
from epos.settings import LogFormat, LogLevel, Settings
from epos.simulator.commands import app as simulate_app
from epos.store.database import Database
from epos.store.embedded import EmbeddedError
from epos.store.migrate import CannotMigrate
from epos.store.migrate import migrate as migrate_database
from epos.till import app as till_app
from epos.venue_cli import venue_app

app = typer.Typer(
    help="The reference EPOS server for the EPOS Data API. Settings are EPOS_* variables or flags.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
demo_app = typer.Typer(help="Things to try on the demo venue.", no_args_is_help=True)
credential_app = typer.Typer(help="Credentials of a venue.", no_args_is_help=True)
app.add_typer(venue_app, name="venue")
app.add_typer(credential_app, name="credential")
app.add_typer(demo_app, name="demo")
app.add_typer(dojo_app, name="dojo")
app.add_typer(simulate_app, name="simulate")


def _hundredths(percent: str) -> int:
    """12.5 is 1250: what the EPOS Data API calls a percentage."""
    try:
        hundredths = int(Decimal(percent) * 100)
    except (ArithmeticError, ValueError):
        raise typer.BadParameter("is a number such as 10 or 12.5") from None
    if not 0 <= hundredths <= 10_000:
        raise typer.BadParameter("is between 0 and 100")
    return hundredths


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [8080].")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    workers: Annotated[int | None, typer.Option(help="Processes [1].")] = None,
    log_format: Annotated[LogFormat | None, typer.Option()] = None,
    log_level: Annotated[LogLevel | None, typer.Option()] = None,
    demo: Annotated[
        bool | None, typer.Option(help="The demo venue and demo/demo [on loopback].")
    ] = None,
    migrate: Annotated[bool | None, typer.Option(help="Migrate before serving [yes].")] = None,
) -> None:
    """Start everything and serve until Ctrl-C."""
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
    try:
        serving.serve(settings)
    except (serving.CannotServe, listening.CannotListen, EmbeddedError, EposError) as error:
        fail(error)


@app.command()
def migrate(
    revision: Annotated[str, typer.Argument(help="A revision, or head, or base.")] = "head",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring the database to the newest schema (or to an older revision)."""
    try:
        with database_at(data_dir, database_url) as url:
            asyncio.run(migrate_database(url, revision))
    except (EmbeddedError, CannotMigrate) as error:
        fail(error)


@app.command()
def seed(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Make the demo venue; doing it again changes nothing."""
    with_database(demo.seed, data_dir, database_url)


@app.command()
def openapi(
    till: Annotated[bool, typer.Option("--till", help="The till's API instead.")] = False,
) -> None:
    """Print the OpenAPI document of what is served."""
    api = till_app.build_api() if till else rest.build_api()
    json.dump(api.openapi(), sys.stdout, indent=2)
    print()


@app.command()
def bill(
    order_id: Annotated[str, typer.Argument(help="As the EPOS Data API answers it: ord_...")],
    venue: Annotated[str, typer.Option(help="Whose order it is.")] = "demo",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print the whole bill of an order."""
    requester = Requester(venue, credential=SystemActor.CLI, trace_id=Identifiers().trace_id())
    text = with_database(lambda db: Bills(db).text(order_id, requester), data_dir, database_url)
    print(text, end="")


@credential_app.command("create")
def create_credential(
    venue_id: str,
    name: str,
    role: Annotated[Role, typer.Option()] = Role.DOJO,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a credential and show its secret, this once."""
    made = with_database(
        lambda db: _venues(db).create_credential(venue_id, name, role), data_dir, database_url
    )
    print(f"username {made.username}\npassword {made.secret}")


@credential_app.command("revoke")
def revoke_credential(
    venue_id: str, name: str, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """It stops working within five seconds."""
    with_database(lambda db: _venues(db).revoke_credential(venue_id, name), data_dir, database_url)


@credential_app.command("list")
def list_credentials(
    venue_id: str, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Names, roles and dates; secrets are not kept."""
    rows = with_database(lambda db: _venues(db).credentials(venue_id), data_dir, database_url)
    for row in rows:
        state = f"revoked {row['revoked_at']:%Y-%m-%d}" if row["revoked_at"] else "active"
        print(f"{venue_id}.{row['name']}\t{row['role']}\t{row['created_at']:%Y-%m-%d}\t{state}")


@demo_app.command("pay")
def demo_pay(
    table: Annotated[
        str | None, typer.Option(help="Its name; without one, the newest open order.")
    ] = None,
    split: Annotated[int, typer.Option(min=1, help="Number of equal parts.")] = 1,
    tip: Annotated[
        int, typer.Option(parser=_hundredths, metavar="PERCENT", help="On each part.")
    ] = 0,
    url: Annotated[str | None, typer.Option(help="The server [EPOS_HOST and EPOS_PORT].")] = None,
    user: Annotated[str, typer.Option()] = "demo",
    password: Annotated[str, typer.Option()] = "demo",  # noqa: S107 - the demo venue's, public
) -> None:
    """Play a card machine against the running server: lock, bill, pay, unlock."""
    plan = terminal.Plan(table, split, tip)
    try:
        terminal.pay(plan, url or _server(read_settings()), (user, password), say)
    except terminal.TerminalError as error:
        fail(error)


def _venues(database: Database) -> Venues:
    return Venues(database, Identifiers())


def _server(settings: Settings) -> str:
    """Where a server with these settings is reached from this machine."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def main() -> None:
    """A character that the terminal does not have is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
