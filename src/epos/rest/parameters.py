"""Parameters that several routers of the EPOS Data API share."""

from typing import Annotated

from fastapi import Depends, Path

from epos.contract.base import Id
from epos.services.api import Services
from epos.web.contract_route import services_of

OrderId = Annotated[Id, Path(description="The EPOS id of the order.")]
LockId = Annotated[Id, Path(description="The id that Dojo gave the lock.")]
PartyId = Annotated[Id, Path(description="The EPOS id of the party.")]
ReservationId = Annotated[Id, Path(description="The EPOS id of the reservation.")]
TheServices = Annotated[Services, Depends(services_of)]
