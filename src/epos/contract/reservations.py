"""Reservations: parties expected at a point in the future."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, Count, Id, Ids, Request, Text, Time
from epos.contract.paging import Page, SearchRequest


class CreateReservationRequest(Request):
    """A new reservation. That it ends after it starts is a rule, not a form."""

    dojoReservationId: Id
    name: Text
    covers: Count
    startTime: Time
    endTime: Time
    tableIds: Ids
    hostNotes: Text | None = None
    """Not shown to guests."""
    guestRequests: Text | None = None
    """Shown to and written by guests; the EPOS may not change it."""


class UpdateReservationRequest(CreateReservationRequest):
    """Sets what is sent and clears what is not."""


class Reservation(Answer):
    """A reservation as we answer it."""

    id: str
    name: str
    covers: int
    startTime: Time
    endTime: Time
    tableIds: Annotated[list[str], Field(min_length=1)]
    hostNotes: str | None = None
    guestRequests: str | None = None


class SearchReservationsRequest(SearchRequest):
    """A reservation matches the window when it overlaps it."""

    tableId: Id | None = None
    fromTime: Time | None = None
    toTime: Time | None = None


class PagedReservationsResponse(Page):
    """One page of reservations."""

    data: list[Reservation]
