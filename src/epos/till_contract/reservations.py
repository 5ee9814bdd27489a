"""Reservations, as a till makes, changes and cancels them."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from epos.contract.base import Answer, FilledText, Id, Ids, Time, Wording, violation
from epos.contract.paging import Page
from epos.till_contract.base import ConfirmedRequest, Covers, KeyedRequest, Version
from epos.till_contract.paging import ListRequest
from epos.till_contract.tab_requests import Note


def _day(text: object) -> date:
    day = date.max
    if isinstance(text, str) and re.fullmatch(r"[1-8]\d{3}-\d\d-\d\d", text, re.ASCII):
        with suppress(ValueError):
            day = date.fromisoformat(text)
    if day == date.max:
        raise violation("must be a date such as 2024-08-12")
    return day


Day = Annotated[date, BeforeValidator(_day)]
"""A business day, as the date on which it begins."""


class BookRequest(ConfirmedRequest):
    """A new reservation. It may overlap with another one. `endTime` must be after `startTime`."""

    name: FilledText
    """The name of the guest."""
    covers: Covers
    """How many guests are expected."""
    startTime: Time
    """When the guests are expected."""
    endTime: Time
    """When they are expected to leave."""
    tableIds: Ids
    """Ids of the tables that are kept for them: at least one."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""


class EditReservationRequest(ConfirmedRequest):
    """A change to a reservation. A property that is not sent stays. An empty `hostNotes` clears it."""

    version: Version
    """The reservation's version that the change is based on. If it has changed since: Conflict."""
    name: FilledText | None = None
    """The name of the guest."""
    covers: Covers | None = None
    """How many guests are expected."""
    startTime: Time | None = None
    """When the guests are expected."""
    endTime: Time | None = None
    """When they are expected to leave."""
    tableIds: Ids | None = None
    """Ids of the tables that are kept for them: at least one."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""


class CancelReservationRequest(KeyedRequest):
    """A reservation whose guests do not come."""

    version: Version
    """The reservation's version that the change is based on. If it has changed since: Conflict."""


class NoShowRequest(KeyedRequest):
    """A reservation whose guests did not come, and did not say so."""

    version: Version
    """The reservation's version that the change is based on. If it has changed since: Conflict."""


class ListReservations(ListRequest):
    """Which reservations to list: those of one business day."""

    day: Day | None = None
    """The date on which the business day begins, such as 2024-08-12. If it is not sent: today."""
    status: Annotated[
        Literal["booked", "canceled", "no-show"], Wording("must be booked, canceled or no-show")
    ] = "booked"
    """`booked`, the default: those whose guests are expected, or came. `canceled` or `no-show`: those that
    ended so.
    """
    tableId: Id | None = None
    """Only reservations of this table."""


class Reservation(Answer):
    """A reservation: who is expected, when, and at which tables. A till or Dojo made it."""

    id: str
    """The id of the reservation."""
    version: int
    """The version of the reservation. It grows with each change."""
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
    """What the guests wrote, such as a diet. A till cannot change it."""
    status: str | None = None
    """How it ended without its guests: `canceled` or `no-show`. Absent for any other."""
    partyId: str | None = None
    """The id of the party that was seated from the reservation, also after it has left."""
    overlaps: list[str]
    """Ids of other reservations that need one of its tables at the same time: the earliest 100."""
    updatedAt: Time
    """When the reservation changed last."""


class Reservations(Page):
    """One page of reservations, by start time."""

    data: list[Reservation]
    """The reservations of this page."""
