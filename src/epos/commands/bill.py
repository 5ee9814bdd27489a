"""`epos bill`."""

from typing import Annotated

import typer

from epos.commands.database import DatabaseUrl, DataDir, with_database


def bill(
    order_id: Annotated[str, typer.Argument(help="As the EPOS Data API answers it: ord_...")],
    venue: Annotated[str, typer.Option(help="The venue of the order.")] = "demo",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print the bill of an order as text."""
    from epos.domain.credentials import SystemActor
    from epos.domain.identifiers import Identifiers
    from epos.domain.requester import Requester
    from epos.services.bills import Bills

    requester = Requester(venue, credential=SystemActor.CLI, trace_id=Identifiers().trace_id())
    text = with_database(
        lambda db: Bills(db).text(order_id, requester), data_dir, database_url, venue=venue
    )
    print(text, end="")
