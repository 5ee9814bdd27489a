"""Parameters that several routers of the till's API share."""

from typing import Annotated

from fastapi import Body, Depends, Path

from epos.contract.base import Id
from epos.services.till.api import TillServices
from epos.till_contract.base import KeyedRequest
from epos.web.contract_route import services_of

TabId = Annotated[Id, Path(description="The id of the tab, or of an order of Dojo's.")]
LineId = Annotated[Id, Path(description="The id of the line on the tab.")]
PaymentId = Annotated[Id, Path(description="The id of the payment.")]
PartyId = Annotated[Id, Path(description="The id of the party.")]
ReservationId = Annotated[Id, Path(description="The id of the reservation.")]
WaiterId = Annotated[Id, Path(description="The id of the waiter.")]
AreaId = Annotated[Id, Path(description="The id of the area.")]
TableId = Annotated[Id, Path(description="The id of the table.")]
CategoryId = Annotated[Id, Path(description="The id of the menu category.")]
Plu = Annotated[Id, Path(description="The PLU of the menu item.")]
ModifierPlu = Annotated[Id, Path(description="The PLU of the modifier.")]
Day = Annotated[Id, Path(description="The business day, as in `2024-08-12`.")]
Drawer = Annotated[Id, Path(description="The cash drawer: `main`, or the id of the device.")]
JustKey = Annotated[KeyedRequest | None, Body()]
"""The body of a write that needs no content; it need not be sent."""
TheServices = Annotated[TillServices, Depends(services_of)]
