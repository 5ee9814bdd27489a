"""`epos dojo`: what an operator does about the connection to Dojo."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer

from epos.commands import DatabaseUrl, DataDir, fail, read_settings, say, with_database
from epos.contract.operations import OPERATIONS
from epos.dojo.client import DojoClient, DojoError
from epos.dojo.leaving import leave
from epos.dojo.outbox import Outbox
from epos.dojo.registration import Registrar
from epos.dojo.sealing import new_secret_key
from epos.dojo_settings import access_to, build_links, settings_link
from epos.dojo_status import (
    say_change,
    say_keeper,
    say_link,
    say_outbox,
    say_products,
    say_registrations,
)
from epos.domain.credentials import SystemActor
from epos.domain.dojo import Access, Transport
from epos.domain.identifiers import Identifiers
from epos.services.payment_checks import PaymentChecks
from epos.services.venues import Venues
from epos.settings import DojoTransport
from epos.store.database import Database

T = TypeVar("T")
dojo_app = typer.Typer(help="The connection to Dojo.", no_args_is_help=True)
outbox_app = typer.Typer(help="What Dojo is still to be told.", no_args_is_help=True)
link_app = typer.Typer(help="Which venues are connected, and how.", no_args_is_help=True)
dojo_app.add_typer(outbox_app, name="outbox")
dojo_app.add_typer(link_app, name="link")

Venue = Annotated[str | None, typer.Option(help="The venue [EPOS_DOJO_VENUE, else demo].")]
Entity = Annotated[str | None, typer.Argument(help="An id (ord_..., pty_..., rsv_...).")]
_SERVED = frozenset(operation.capability for operation in OPERATIONS)
_MOST = 100


@dojo_app.command("register")
def register(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Send the full set of capabilities, and show what Dojo made of it."""

    async def work(database: Database, access: Access, client: DojoClient) -> None:
        registrar = Registrar(Venues(database, Identifiers()), _SERVED)
        done = await registrar.register(access.link, client, renew=True)
        say(f"{len(done.registered)} capabilities registered for {access.link.transport}")
        say_products(done.registered)
        for warning in done.warnings:
            say(f"warning: {warning}")

    _at_dojo(work, venue, data_dir, database_url)


@dojo_app.command("status")
def status(venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """How the venue is connected, what waits to be announced, and what Dojo has registered beside what
    this server implements.
    """
    settings, venue_id = read_settings(), _venue(venue)

    async def here(database: Database) -> None:
        links = build_links(settings, database)
        link = await links.find(venue_id)
        say_link(link, venue_id)
        say_outbox(await Outbox(database).waiting(venue_id))
        say_keeper(await links.keeper(venue_id), link)

    async def there(_: Database, __: Access, client: DojoClient) -> None:
        say_registrations(await client.integrations(), _SERVED)

    with_database(here, data_dir, database_url)
    _at_dojo(there, venue, data_dir, database_url)


@dojo_app.command("payments")
def payments(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Recorded payments that Dojo has not confirmed yet, or contradicts."""
    venue_id = _venue(venue)
    for row in with_database(lambda db: PaymentChecks(db).listed(venue_id), data_dir, database_url):
        amounts = f"{row['paid_amount']} + {row['tips_amount']}"
        ids = (row["order_id"], row["id"], row["intent_id"])
        say("\t".join([row["check_state"], *ids, amounts, row["status"], row["check_note"] or ""]))


@dojo_app.command("new-secret-key")
def secret_key() -> None:
    """Print a fresh EPOS_SECRET_KEY, which seals API keys in the database."""
    say(new_secret_key())


@outbox_app.command("list")
def list_outbox(
    venue: Venue = None, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """What waits, oldest first, one line for each order, party or reservation."""
    settings, venue_id = read_settings(), _venue(venue)

    async def work(database: Database) -> None:
        links = build_links(settings, database)
        outbox = Outbox(database)
        rows = await outbox.listed(venue_id, _MOST)
        for row in rows:
            say_change(row)
        say_outbox(await outbox.waiting(venue_id))
        if rows:
            say_keeper(await links.keeper(venue_id), await links.find(venue_id))

    with_database(work, data_dir, database_url)


@outbox_app.command("retry")
def retry_outbox(
    entity: Entity = None,
    venue: Venue = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Send it now, parked or not; without an id, everything."""
    _change_outbox(Outbox.retry, "to be sent now", entity, venue, data_dir, database_url)


@outbox_app.command("discard")
def discard_outbox(
    entity: Entity = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that waits, without an id.")
    ] = False,
    venue: Venue = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Never send it. Dojo then learns of the change with the next one only."""
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
    public_url: Annotated[str | None, typer.Option(help="For the transport rest.")] = None,
    verify_payments: Annotated[bool, typer.Option()] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Connect a venue. Its API key is asked for (or read from a pipe) and kept sealed.

    What is not given comes from the EPOS_DOJO_ settings. A running server connects at once.
    """
    # A prompt that hides what is typed asks the terminal, whatever the standard input is.
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
    )
    say(f"venue {venue_id} is connected by {transport}")


@link_app.command("remove")
def remove_link(venue_id: str, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Disconnect a venue, and forget what it still had to announce. Refunds of which Dojo has not said how
    much went back count as full.
    """
    settings = read_settings()
    with_database(
        lambda db: leave(build_links(settings, db), db, venue_id, who=SystemActor.CLI),
        data_dir,
        database_url,
    )


@link_app.command("list")
def list_links(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Every connected venue; never its key."""
    settings = read_settings()
    for link in with_database(lambda db: build_links(settings, db).all(), data_dir, database_url):
        source = "key in the environment" if link.api_key_sealed is None else "key sealed here"
        say(f"{link.venue_id}\t{link.transport}\t{link.api_url}\t{source}")


def _venue(venue: str | None) -> str:
    return venue or read_settings().dojo_venue


def _at_dojo(
    work: Callable[[Database, Access, DojoClient], Awaitable[None]],
    venue: str | None,
    data_dir: Any,
    database_url: str | None,
) -> None:
    settings = read_settings()

    async def connected(database: Database) -> None:
        access = await access_to(venue or settings.dojo_venue, settings, database)
        async with DojoClient(access) as client:
            await work(database, access, client)

    try:
        with_database(connected, data_dir, database_url)
    except DojoError as error:
        fail(error)


def _change_outbox(
    change: Callable[[Outbox, str, str | None], Awaitable[int]],
    words: str,
    entity: str | None,
    venue: str | None,
    data_dir: Any,
    database_url: str | None,
) -> None:
    venue_id = _venue(venue)

    async def work(database: Database) -> int:
        return await change(Outbox(database), venue_id, entity)

    say(f"{with_database(work, data_dir, database_url)} changes {words}")
