"""Parameters that several routers of the control API share."""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Path

from epos.contract.base import Id
from epos.control.watched import Watches
from epos.domain.dojo import DojoLink
from epos.domain.identifiers import Identifiers
from epos.services.worlds import Worlds
from epos.web.contract_route import services_of


class Links(Protocol):
    """Connects venues to Dojo."""

    async def put(self, link: DojoLink, api_key: str | None = None) -> None:
        """Connect a venue, or connect it differently."""
        ...

    async def remove(self, venue_id: str) -> None:
        """Disconnect a venue. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class ControlServices:
    """What the control API calls."""

    worlds: Worlds
    watches: Watches
    links: Links
    identifiers: Identifiers
    till_operations: frozenset[str]
    """The names of the operations of the till's API."""


VenueId = Annotated[Id, Path(description="The id of a venue that was made through this API.")]
TheServices = Annotated[ControlServices, Depends(services_of)]
