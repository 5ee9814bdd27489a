"""Reservations as a till makes, edits and cancels them."""

import re
from contextlib import suppress
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from epos.contract.base import Answer, ClosedRequest, FilledText, Id, Ids, Time, violation
from epos.contract.paging import Page
from epos.till_contract.base import Covers, Version
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
"""A business day, by the date on which it begins."""


class BookRequest(ClosedRequest):
    """A new reservation. It may overlap another."""

    key: Id | None = None
    """The till's own name for this request: sent again with the same content it books nothing twice."""
    name: FilledText
    covers: Covers
    startTime: Time
    endTime: Time
    tableIds: Ids
    hostNotes: Note | None = None
    """Not shown to guests."""


class EditReservationRequest(ClosedRequest):
    """What is not sent stays as it is. Empty `hostNotes` take them away."""

    version: Version
    name: FilledText | None = None
    covers: Covers | None = None
    startTime: Time | None = None
    endTime: Time | None = None
    tableIds: Ids | None = None
    hostNotes: Note | None = None


class CancelReservationRequest(ClosedRequest):
    """They do not come."""

    version: Version


class ListReservations(ListRequest):
    """Those of one business day."""

    day: Day | None = None
    """Today, if it is not sent."""
    tableId: Id | None = None


class Reservation(Answer):
    """A reservation, made by a till or by Dojo."""

    id: str
    version: int
    name: str
    covers: int
    startTime: Time
    endTime: Time
    tableIds: Annotated[list[str], Field(min_length=1)]
    hostNotes: str | None = None
    guestRequests: str | None = None
    """Written by the guests; a till cannot change it."""
    partyId: str | None = None
    """The party that was seated from it, also when it has left."""
    overlaps: list[str]
    """Other reservations that want one of its tables at the same time."""
    updatedAt: Time


class Reservations(Page):
    """One page of reservations, by start time."""

    data: list[Reservation]
