"""`epos venue`: venues, and the whole set-up of one as a file."""

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from epos.commands import DatabaseUrl, DataDir, fail, with_database
from epos.domain.credentials import SystemActor
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.domain.venue import AccessPolicy, NewVenue
from epos.services.till.layout import LayoutRefused, Layouts
from epos.services.venues import Venues
from epos.store.database import Database
from epos.till_contract.layout import BrokenLayout, Layout, read_layout

venue_app = typer.Typer(help="Venues: several live in one database.", no_args_is_help=True)


@venue_app.command("create")
def create_venue(
    venue_id: Annotated[str, typer.Argument(help="a-z, 0-9 and -; part of every user name.")],
    name: Annotated[str, typer.Option(help="Name for people.")],
    currency: Annotated[str, typer.Option(help="GBP or EUR.")] = "GBP",
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/London",
    access_policy: Annotated[AccessPolicy, typer.Option()] = AccessPolicy.OPEN,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an empty venue."""
    new = NewVenue(venue_id, name, currency, time_zone, access_policy)
    with_database(lambda db: Venues(db, Identifiers()).create(new), data_dir, database_url)
    print(f"venue {venue_id} created; next: epos credential create {venue_id} dojo")


@venue_app.command("list")
def list_venues(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Every venue of this database."""
    rows = with_database(lambda db: Venues(db, Identifiers()).all(), data_dir, database_url)
    for row in rows:
        print("\t".join(row.values()))


@venue_app.command("export")
def export_venue(
    venue_id: str,
    file: Annotated[Path | None, typer.Argument(help="Where to write it [the terminal].")] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """The set-up of a venue as one JSON file: profile, floor, waiters, menu; no PINs."""
    layout = with_database(lambda db: _export(db, venue_id), data_dir, database_url)
    plain = layout.model_dump(mode="json", exclude_none=True)
    text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(error)


@venue_app.command("import")
def import_venue(
    venue_id: str,
    file: Annotated[Path, typer.Argument(help="As `epos venue export` writes it.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a venue what a file says, all of it or nothing; what the file leaves out is removed."""
    try:
        layout = read_layout(file.read_bytes())
    except OSError as error:
        fail(error)
    except BrokenLayout as broken:
        _refuse(file, broken.faults)
    reasons = with_database(lambda db: _import(db, venue_id, layout), data_dir, database_url)
    if reasons:
        _refuse(file, reasons)
    print(f"venue {venue_id} is now as {file} has it")


async def _export(database: Database, venue_id: str) -> Layout:
    await Venues(database, Identifiers()).require(venue_id)
    return await Layouts(database).get(_requester(venue_id))


async def _import(database: Database, venue_id: str, layout: Layout) -> list[str]:
    """What speaks against it; nothing if it is done."""
    await Venues(database, Identifiers()).require(venue_id)
    try:
        await Layouts(database).replace(layout, _requester(venue_id))
    except LayoutRefused as refused:
        return refused.reasons
    return []


def _requester(venue_id: str) -> Requester:
    return Requester(venue_id, credential=SystemActor.CLI, trace_id=Identifiers().trace_id())


def _refuse(file: Path, faults: list[str]) -> NoReturn:
    for fault in faults:
        print(fault, file=sys.stderr)
    fail(f"{file} was not imported and nothing was changed; faults: {len(faults)}")
