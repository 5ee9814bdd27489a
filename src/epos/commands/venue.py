"""`epos venue`: venues, and the set-up of a venue as a file."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from epos.commands.database import DatabaseUrl, DataDir, with_database, with_url
from epos.commands.output import fail
from epos.domain.venue import AccessPolicy

if TYPE_CHECKING:
    from epos.domain.requester import Requester
    from epos.store.database import Database
    from epos.store.placement import Place
    from epos.till_contract.layout import Layout

app = typer.Typer(help="Make, list, export, import and move venues.", no_args_is_help=True)


@app.command()
def create(
    venue_id: Annotated[
        str, typer.Argument(help="a-z, 0-9 and -. Every user name starts with it.")
    ],
    name: Annotated[str, typer.Option(help="The name that people see.")],
    currency: Annotated[str, typer.Option(help="GBP or EUR.")] = "GBP",
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/London",
    access_policy: Annotated[AccessPolicy, typer.Option()] = AccessPolicy.OPEN,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an empty venue."""
    from epos.domain.identifiers import Identifiers
    from epos.domain.venue import NewVenue
    from epos.services.venues import Venues

    new = NewVenue(venue_id, name, currency, time_zone, access_policy)
    with_database(
        lambda db: Venues(db, Identifiers()).create(new), data_dir, database_url, venue=venue_id
    )
    print(f"venue {venue_id} created; next: epos credential create {venue_id} dojo")


@app.command("list")
def list_venues(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the venues of this database."""
    from epos.domain.identifiers import Identifiers
    from epos.services.venues import Venues

    rows = with_database(lambda db: Venues(db, Identifiers()).all(), data_dir, database_url)
    for row in rows:
        print("\t".join(row.values()))


@app.command("export")
def export_layout(
    venue_id: str,
    file: Annotated[
        Path | None, typer.Argument(help="The file to write [standard output].")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the set-up of a venue as one JSON file: profile, floor, waiters, menu; no PINs."""
    layout = with_database(lambda db: _export(db, venue_id), data_dir, database_url, venue=venue_id)
    plain = layout.model_dump(mode="json", exclude_none=True)
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(error)


@app.command("import")
def import_layout(
    venue_id: str,
    file: Annotated[Path, typer.Argument(help="A file that `epos venue export` wrote.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Set up a venue from a file, completely or not at all. What the file leaves out is removed."""
    from epos.till_contract.layout import BrokenLayout, read_layout

    try:
        layout = read_layout(file.read_bytes())
    except OSError as error:
        fail(error)
    except BrokenLayout as broken:
        _refuse(file, broken.faults)
    reasons = with_database(
        lambda db: _import(db, venue_id, layout), data_dir, database_url, venue=venue_id
    )
    if reasons:
        _refuse(file, reasons)
    print(f"venue {venue_id} is now as {file} has it")


async def _export(database: "Database", venue_id: str) -> "Layout":
    from epos.domain.identifiers import Identifiers
    from epos.services.till.layout import Layouts
    from epos.services.venues import Venues

    await Venues(database, Identifiers()).require(venue_id)
    return await Layouts(database).get(_requester(venue_id))


async def _import(database: "Database", venue_id: str, layout: "Layout") -> list[str]:
    """The reasons against the import; none if it is done."""
    from epos.domain.identifiers import Identifiers
    from epos.services.till.layout import LayoutRefused, Layouts
    from epos.services.venues import Venues

    await Venues(database, Identifiers()).require(venue_id)
    try:
        await Layouts(database).replace(layout, _requester(venue_id))
    except LayoutRefused as refused:
        return refused.reasons
    return []


def _requester(venue_id: str) -> "Requester":
    from epos.domain.credentials import SystemActor
    from epos.domain.identifiers import Identifiers
    from epos.domain.requester import Requester

    return Requester(venue_id, credential=SystemActor.CLI, trace_id=Identifiers().trace_id())


def _refuse(file: Path, faults: list[str]) -> NoReturn:
    for fault in faults:
        print(fault, file=sys.stderr)
    fail(f"{file} was not imported and nothing was changed; faults: {len(faults)}")


@app.command()
def move(
    venue_id: str,
    to: Annotated[str | None, typer.Argument(help="A node of the cluster: host:port.")] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Give it a shard of its own first.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Move a venue to another node of a Citus cluster, while it trades; without a node, say where it is.

    The database may be named by any of its nodes: a move is made at the coordinator, with the same user,
    password and options.
    """
    from epos.store import placement

    async def work(url: str) -> "placement.Place":
        moves = alone or to is not None
        connection = await (placement.at_coordinator if moves else placement.patiently)(url)
        try:
            if alone:
                here = await placement.place_of(connection, venue_id)
                await placement.move_alone(connection, venue_id, _place(to) if to else here)
            elif to is not None:
                await placement.move(connection, venue_id, _place(to))
            return await placement.place_of(connection, venue_id)
        finally:
            await connection.close()

    print(f"{venue_id} is on {with_url(work, data_dir, database_url, venue=venue_id)}")


def _place(text: str) -> "Place":
    from epos.store.placement import Place

    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        fail("a node is named as host:port")
    return Place(host, int(port))
