"""`epos serve` that keeps a venue connected to a simulated Dojo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.dojo import DojoAccount
from tests.support.links import is_reached
from tests.support.server import RunningServer, running_server
from tests.support.venues import Venue
from tests.support.waiting import until


def settings(account: DojoAccount, venue: Venue, transport: str = "websocket") -> dict[str, Any]:
    return {
        "dojo_transport": transport,
        "dojo_venue": venue.id,
        "dojo_api_key": account.key,
        "dojo_software_house_id": "test-house",
        "dojo_reseller_id": "test-reseller",
        "dojo_api_url": account.dojo.url,
        "dojo_ws_url": account.dojo.socket_url,
    }


@asynccontextmanager
async def serving(
    account: DojoAccount, venue: Venue, database_url: str, log: Path, **more: Any
) -> AsyncIterator[RunningServer]:
    """A server of the test's own, which keeps the venue connected."""
    chosen = settings(account, venue) | more
    async with running_server(database_url, log, **chosen) as server:
        await until(lambda: is_reached(account))
        yield server
