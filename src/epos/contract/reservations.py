"""Reservations: guests who are expected."""

from typing import Annotated

from pydantic import Field

from epos.contract.base import Answer, Count, Id, Ids, Note, Request, Text, Time
from epos.contract.paging import Page, SearchRequest


# The service checks that it ends after it starts; the model does not.
class CreateReservationRequest(Request):
    """A new reservation. `endTime` must be after `startTime`."""

    dojoReservationId: Id
    """Dojo's id of the reservation. Sending the same reservation again creates it only once."""
    name: Text
    """The name of the guest."""
    covers: Count
    """How many guests are expected."""
    startTime: Time
    """When the guests are expected."""
    endTime: Time
    """When they are expected to leave."""
    tableIds: Ids
    """Ids of the tables that are kept for them: at least one."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""
    guestRequests: Note | None = None
    """What the guests wrote, such as a diet. The EPOS must not change it."""


class UpdateReservationRequest(CreateReservationRequest):
    """The new content of a reservation. A property that is not sent is cleared."""


class Reservation(Answer):
    """A reservation: who is expected, when, and at which tables."""

    id: str
    """The reservation's id in the EPOS. It is never used again."""
    name: str
    """The name of the guest."""
    covers: int
    """How many guests are expected."""
    startTime: Time
    """When the guests are expected."""
    endTime: Time
    """When they are expected to leave."""
    tableIds: Annotated[list[str], Field(min_length=1)]
    """Ids of the tables that are kept for them."""
    hostNotes: str | None = None
    """Notes of the staff. Guests do not see them."""
    guestRequests: str | None = None
    """What the guests wrote, such as a diet. The EPOS must not change it."""


class SearchReservationsRequest(SearchRequest):
    """Which reservations to find. A reservation must match every filter that is sent."""

    tableId: Id | None = None
    """Only reservations of this table."""
    fromTime: Time | None = None
    """Only reservations that end after this time."""
    toTime: Time | None = None
    """Only reservations that start before this time."""


class PagedReservationsResponse(Page):
    """One page of reservations, by start time."""

    data: list[Reservation]
    """The reservations of this page."""
