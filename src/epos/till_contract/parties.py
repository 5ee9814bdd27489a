"""Guests as a till seats, moves and finishes them."""

from typing import Annotated, Literal

from pydantic import Field

from epos.contract.base import Answer, ClosedRequest, FilledText, Id, Ids, Time, Wording
from epos.contract.paging import Page
from epos.till_contract.base import Covers, Label, Version
from epos.till_contract.paging import ListRequest
from epos.till_contract.tab_requests import Note


class SeatPartyRequest(ClosedRequest):
    """Guests who sit down now: walk-ins, or those of a reservation."""

    key: Id | None = None
    """The till's own name for this request: sent again with the same content it seats nobody twice."""
    reservationId: Id | None = None
    """What is not sent is the reservation's."""
    tableIds: Ids | None = None
    """Needed without a reservation, and so are `covers`."""
    covers: Covers | None = None
    name: Label | None = None
    status: FilledText | None = None
    """Free words; `Seated` if nothing is said."""
    expectedEndTime: Time | None = None
    hostNotes: Note | None = None
    """Not shown to guests."""


class EditPartyRequest(ClosedRequest):
    """What is not sent stays as it is. An empty `name` or `hostNotes` takes it away."""

    version: Version
    tableIds: Ids | None = None
    """Where they sit now: other tables, more, or fewer. Their open orders follow."""
    covers: Covers | None = None
    name: Label | None = None
    status: FilledText | None = None
    expectedEndTime: Time | None = None
    hostNotes: Note | None = None


class FinishPartyRequest(ClosedRequest):
    """They leave now."""

    version: Version


class ReturnPartyRequest(ClosedRequest):
    """They were finished by mistake, or come back: to the same tables if no others are named."""

    version: Version
    tableIds: Ids | None = None


class ListParties(ListRequest):
    """Those who sit now, or those who have left."""

    tableId: Id | None = None
    completed: Annotated[Literal["true", "false"], Wording("must be true or false")] = "false"


class Deposit(Answer):
    """Captured before arrival. Kept and shown, never counted as paid, and changed by Dojo alone."""

    amount: int
    description: str | None = None
    paymentIntentIds: list[str]


class Party(Answer):
    """A party; it is completed when it has an `endTime`."""

    id: str
    version: int
    name: str | None = None
    covers: int | None = None
    tableIds: Annotated[list[str], Field(min_length=1)]
    status: str
    startTime: Time
    expectedEndTime: Time | None = None
    endTime: Time | None = None
    hostNotes: str | None = None
    guestRequests: str | None = None
    """Written by the guests; a till cannot change it."""
    reservationId: str | None = None
    deposit: Deposit | None = None
    updatedAt: Time


class Parties(Page):
    """One page of parties, by start time."""

    data: list[Party]
