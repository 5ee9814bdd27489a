"""The services, wired as the server wires them, for tests below the doors."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from epos.domain.identifiers import Identifiers
from epos.main import build_services, build_till_services
from epos.services.api import Services
from epos.services.till.api import TillServices
from tests.support.meeting import Watched, meet


@dataclass(frozen=True)
class WiredServices:
    """Both sets of services on one database, which counts how its transactions end."""

    database: Watched
    dojo: Services
    till: TillServices

    async def meet(
        self, first: Coroutine[Any, Any, Any], second: Coroutine[Any, Any, Any]
    ) -> list[Any]:
        """Both results or refusals, when `second` comes after `first` wrote and before it commits."""
        return await meet(self.database, first, second)


@asynccontextmanager
async def wired_services(database_url: str) -> AsyncIterator[WiredServices]:
    database, identifiers = Watched(database_url), Identifiers()
    yield WiredServices(
        database, build_services(database, identifiers), build_till_services(database, identifiers)
    )
    await database.close()
