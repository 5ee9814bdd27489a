"""`epos credential`: the credentials of a venue."""

from typing import Annotated

import typer

from epos.commands.database import DatabaseUrl, DataDir, with_database
from epos.domain.credentials import Role

app = typer.Typer(help="Make, list and revoke the credentials of a venue.", no_args_is_help=True)


@app.command()
def create(
    venue_id: str,
    name: str,
    role: Annotated[Role, typer.Option()] = Role.DOJO,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a credential and show its secret. The secret is shown only now."""
    from epos.domain.identifiers import Identifiers
    from epos.services.venues import Venues

    made = with_database(
        lambda db: Venues(db, Identifiers()).create_credential(venue_id, name, role),
        data_dir,
        database_url,
        venue=venue_id,
    )
    print(f"username {made.username}\npassword {made.secret}")


@app.command()
def revoke(
    venue_id: str, name: str, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """Revoke a credential. It stops working within five seconds."""
    from epos.domain.identifiers import Identifiers
    from epos.services.venues import Venues

    with_database(
        lambda db: Venues(db, Identifiers()).revoke_credential(venue_id, name),
        data_dir,
        database_url,
        venue=venue_id,
    )


@app.command("list")
def list_credentials(
    venue_id: str, data_dir: DataDir = None, database_url: DatabaseUrl = None
) -> None:
    """List names, roles and dates. Secrets are not stored, so they cannot be shown."""
    from epos.domain.identifiers import Identifiers
    from epos.services.venues import Venues

    rows = with_database(
        lambda db: Venues(db, Identifiers()).credentials(venue_id),
        data_dir,
        database_url,
        venue=venue_id,
    )
    for row in rows:
        state = f"revoked {row['revoked_at']:%Y-%m-%d}" if row["revoked_at"] else "active"
        print(f"{venue_id}.{row['name']}\t{row['role']}\t{row['created_at']:%Y-%m-%d}\t{state}")
