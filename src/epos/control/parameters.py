"""Parameters that several routers of the control API share."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path

from epos.contract.base import Id
from epos.services.worlds import Worlds
from epos.web.contract_route import services_of


@dataclass(frozen=True, slots=True)
class ControlServices:
    """What the control API calls."""

    worlds: Worlds


VenueId = Annotated[Id, Path(description="The id of a venue that was made through this API.")]
TheServices = Annotated[ControlServices, Depends(services_of)]
