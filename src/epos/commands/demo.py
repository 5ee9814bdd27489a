"""`epos seed` and `epos demo`: the demo venue."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from epos.commands.database import DatabaseUrl, DataDir, read_settings, with_database
from epos.commands.output import fail, say, say_target, without_password

if TYPE_CHECKING:
    from epos.settings import Settings

app = typer.Typer(help="Try things on the demo venue.", no_args_is_help=True)


def seed(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Make the demo venue. If it exists, nothing changes."""
    from epos.demo import seeding

    with_database(seeding.seed, data_dir, database_url, venue=seeding.VENUE.id)


def _hundredths(percent: str) -> int:
    """12.5 becomes 1250, the unit of percentages in the EPOS Data API."""
    try:
        hundredths = int(Decimal(percent) * 100)
    except (ArithmeticError, ValueError):
        raise typer.BadParameter("is a number such as 10 or 12.5") from None
    if not 0 <= hundredths <= 10_000:
        raise typer.BadParameter("is between 0 and 100")
    return hundredths


@app.command()
def pay(
    table: Annotated[
        str | None, typer.Option(help="Name of the table; by default, the newest open order.")
    ] = None,
    split: Annotated[int, typer.Option(min=1, help="Number of equal parts.")] = 1,
    tip: Annotated[
        int, typer.Option(parser=_hundredths, metavar="PERCENT", help="Tip on each part.")
    ] = 0,
    url: Annotated[str | None, typer.Option(help="The server [EPOS_HOST and EPOS_PORT].")] = None,
    user: Annotated[str, typer.Option()] = "demo",
    password: Annotated[str, typer.Option()] = "demo",  # noqa: S107 - the demo venue's, public
) -> None:
    """Play a card machine against the running server: lock, print the bill, pay, unlock."""
    from epos.demo import terminal

    plan = terminal.PaymentPlan(table, split, tip)
    server = url or _server(read_settings())
    say_target(f"the server {without_password(server)}, as {user}")
    try:
        terminal.pay(plan, server, (user, password), say)
    except terminal.TerminalError as error:
        fail(error)


def _server(settings: "Settings") -> str:
    """The URL at which this machine reaches a server with these settings."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
