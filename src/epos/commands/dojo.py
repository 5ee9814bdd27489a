"""`epos dojo`: the connection to Dojo."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epos.choices import DojoTransport
from epos.commands.database import DatabaseUrl, DataDir, read_settings, with_database
from epos.commands.output import fail, say, say_target, without_password
from epos.domain.dojo import Transport

if TYPE_CHECKING:
    from epos.dojo.client import DojoClient
    from epos.dojo.outbox import Outbox
    from epos.domain.dojo import Access
    from epos.store.database import Database

app = typer.Typer(help="Connect venues to Dojo, and look at the connection.", no_args_is_help=True)
outbox_app = typer.Typer(help="List, send or discard waiting changes.", no_args_is_help=True)
link_app = typer.Typer(help="Connect and disconnect venues.", no_args_is_help=True)
app.add_typer(outbox_app, name="outbox")
app.add_typer(link_app, name="link")

Venue = Annotated[str | None, typer.Option(help="The venue [EPOS_DOJO_VENUE, else demo].")]
Entity = Annotated[str | None, typer.Argument(help="An id (ord_..., pty_..., rsv_...).")]
_LISTED_CHANGES = 100


@app.command()
def register(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Register all capabilities, and show what Dojo accepted."""
    from epos.commands.dojo_status import say_products
    from epos.dojo.registration import Registrar
    from epos.domain.identifiers import Identifiers
    from epos.services.venues import Venues

    async def work(database: "Database", access: "Access", client: "DojoClient") -> None:
        registrar = Registrar(Venues(database, Identifiers()), _served())
        done = await registrar.register(access.link, client, renew=True)
        say(f"{len(done.registered)} capabilities registered for {access.link.transport}")
        say_products(done.registered)
        for warning in done.warnings:
            say(f"warning: {warning}")

    _at_dojo(work, venue, data_dir, database_url)


@app.command()
def status(venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Show the connection, the waiting changes, and what Dojo has registered."""
    from epos.commands.dojo_status import say_keeper, say_link, say_outbox, say_registrations
    from epos.dojo.outbox import Outbox
    from epos.dojo_settings import build_links

    settings, venue_id = read_settings(), _venue(venue)

    async def here(database: "Database") -> None:
        links = build_links(settings, database)
        link = await links.find(venue_id)
        say_link(link, venue_id)
        say_outbox(await Outbox(database).waiting(venue_id))
        say_keeper(await links.keeper(venue_id), link)

    async def there(_: "Database", __: "Access", client: "DojoClient") -> None:
        say_registrations(await client.integrations(), _served())

    with_database(here, data_dir, database_url, venue=venue_id)
    _at_dojo(there, venue, data_dir, database_url)


@app.command()
def payments(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """List payments that Dojo has not confirmed, or contradicts."""
    from epos.services.payment_checks import PaymentChecks

    venue_id = _venue(venue)
    for row in with_database(
        lambda db: PaymentChecks(db).listed(venue_id), data_dir, database_url, venue=venue_id
    ):
        amounts = f"{row['paid_amount']} + {row['tips_amount']}"
        ids = (row["order_id"], row["id"], row["intent_id"])
        say("\t".join([row["check_state"], *ids, amounts, row["status"], row["check_note"] or ""]))


@app.command()
def new_secret_key() -> None:
    """Print a new EPOS_SECRET_KEY. It encrypts the API keys in the database."""
    from epos.dojo import sealing

    say(sealing.new_secret_key())


@outbox_app.command("list")
def list_outbox(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """List waiting changes, oldest first. One line for each order, party or reservation."""
    from epos.commands.dojo_status import say_change, say_keeper, say_outbox
    from epos.dojo.outbox import Outbox
    from epos.dojo_settings import build_links

    settings, venue_id = read_settings(), _venue(venue)

    async def work(database: "Database") -> None:
        links = build_links(settings, database)
        outbox = Outbox(database)
        rows = await outbox.listed(venue_id, _LISTED_CHANGES)
        for row in rows:
            say_change(row)
        say_outbox(await outbox.waiting(venue_id))
        if rows:
            say_keeper(await links.keeper(venue_id), await links.find(venue_id))

    with_database(work, data_dir, database_url, venue=venue_id)


@outbox_app.command()
def retry(
    entity: Entity = None,
    venue: Venue = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Send waiting changes now, also parked ones; without an id, all of them."""
    from epos.dojo.outbox import Outbox

    _change_outbox(Outbox.retry, "to be sent now", entity, venue, data_dir, database_url)


@outbox_app.command()
def discard(
    entity: Entity = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Discard all changes, without an id.")
    ] = False,
    venue: Venue = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Discard waiting changes. Dojo learns of them only with the next change."""
    from epos.dojo.outbox import Outbox

    if entity is None and not everything:
        raise typer.BadParameter("give an id, or --all")
    _change_outbox(Outbox.discard, "discarded", entity, venue, data_dir, database_url)


@link_app.command("set")
def set_link(
    venue_id: str,
    transport: Annotated[Transport, typer.Option()] = Transport.WEBSOCKET,
    software_house_id: Annotated[
        str | None, typer.Option(help="Needed [EPOS_DOJO_SOFTWARE_HOUSE_ID].")
    ] = None,
    reseller_id: Annotated[str | None, typer.Option()] = None,
    public_url: Annotated[str | None, typer.Option(help="Needed with --transport rest.")] = None,
    verify_payments: Annotated[bool, typer.Option()] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Connect a venue. The API key is asked for, or read from a pipe, and stored encrypted.

    Values that are not given come from the EPOS_DOJO_ settings. A running server connects at once.
    """
    from epos.dojo_settings import build_links, settings_link

    # A hidden prompt reads from the terminal even if standard input is a pipe.
    typed = sys.stdin.isatty()
    api_key = (typer.prompt("API key", hide_input=True) if typed else sys.stdin.readline()).strip()
    settings = read_settings(
        dojo_venue=venue_id,
        dojo_transport=DojoTransport(transport),
        dojo_api_key=api_key,
        dojo_software_house_id=software_house_id,
        dojo_reseller_id=reseller_id,
        public_url=public_url,
        dojo_verify_payments=verify_payments,
    )
    with_database(
        lambda db: build_links(settings, db).put(settings_link(settings), api_key),
        data_dir,
        database_url,
        venue=venue_id,
    )
    say(f"venue {venue_id} is connected by {transport}")


@link_app.command("remove")
def remove_link(venue_id: str, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Disconnect a venue and delete its waiting changes. A refund whose amount Dojo has not sent counts as
    full.
    """
    from epos.dojo.leaving import leave
    from epos.dojo_settings import build_links
    from epos.domain.credentials import SystemActor

    settings = read_settings()
    with_database(
        lambda db: leave(build_links(settings, db), db, venue_id, who=SystemActor.CLI),
        data_dir,
        database_url,
        venue=venue_id,
    )


@link_app.command("list")
def list_links(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the connected venues, without their keys."""
    from epos.dojo_settings import build_links

    settings = read_settings()
    for link in with_database(lambda db: build_links(settings, db).all(), data_dir, database_url):
        source = "key in the environment" if link.api_key_sealed is None else "key sealed here"
        say(f"{link.venue_id}\t{link.transport}\t{link.api_url}\t{source}")


def _served() -> frozenset[str]:
    from epos.contract.operations import OPERATIONS

    return frozenset(operation.capability for operation in OPERATIONS)


def _venue(venue: str | None) -> str:
    return venue or read_settings().dojo_venue


def _at_dojo(
    work: Callable[["Database", "Access", "DojoClient"], Awaitable[None]],
    venue: str | None,
    data_dir: Path | None,
    database_url: str | None,
) -> None:
    from epos.dojo.client import DojoClient, DojoError
    from epos.dojo_settings import access_to

    settings, venue_id = read_settings(), _venue(venue)

    async def connected(database: "Database") -> None:
        access = await access_to(venue_id, settings, database)
        say_target(f"Dojo at {without_password(access.link.api_url)}", venue_id)
        async with DojoClient(access) as client:
            await work(database, access, client)

    try:
        with_database(connected, data_dir, database_url, venue=venue_id)
    except DojoError as error:
        fail(error)


def _change_outbox(
    change: Callable[["Outbox", str, str | None], Awaitable[int]],
    words: str,
    entity: str | None,
    venue: str | None,
    data_dir: Path | None,
    database_url: str | None,
) -> None:
    from epos.dojo.outbox import Outbox

    venue_id = _venue(venue)

    async def work(database: "Database") -> int:
        return await change(Outbox(database), venue_id, entity)

    say(f"{with_database(work, data_dir, database_url, venue=venue_id)} changes {words}")
