"""Parties, as a till seats, moves and finishes them."""

from typing import Annotated, Literal

from pydantic import Field

from epos.contract.base import Answer, FilledText, Id, Ids, Time, Wording
from epos.contract.paging import Page
from epos.till_contract.base import ConfirmedRequest, Covers, KeyedRequest, Label, Version
from epos.till_contract.paging import ListRequest
from epos.till_contract.tab_requests import Note


class SeatPartyRequest(ConfirmedRequest):
    """Guests who sit down now: with a reservation (`reservationId`), or without one."""

    reservationId: Id | None = None
    """The id of their reservation. What is not sent is taken from it."""
    tableIds: Ids | None = None
    """Ids of the tables where they sit. Required without a reservation."""
    covers: Covers | None = None
    """How many guests they are. Required without a reservation."""
    name: Label | None = None
    """The name of the party."""
    status: FilledText | None = None
    """How far the party is, in free text. If it is not sent: `Seated`."""
    expectedEndTime: Time | None = None
    """When they are expected to leave."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""


class EditPartyRequest(ConfirmedRequest):
    """A change to a party. A property that is not sent stays. An empty `name` or `hostNotes` clears it."""

    version: Version
    """The party's version that the change is based on. If it has changed since: Conflict."""
    tableIds: Ids | None = None
    """Ids of the tables where they sit from now on. Their open orders move with them."""
    covers: Covers | None = None
    """How many guests they are."""
    name: Label | None = None
    """The name of the party."""
    status: FilledText | None = None
    """How far the party is, in free text."""
    expectedEndTime: Time | None = None
    """When they are expected to leave."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""


class FinishPartyRequest(KeyedRequest):
    """A party that leaves now."""

    version: Version
    """The party's version that the change is based on. If it has changed since: Conflict."""


class ReturnPartyRequest(KeyedRequest):
    """A finished party that sits again: it was finished by mistake, or came back."""

    version: Version
    """The party's version that the change is based on. If it has changed since: Conflict."""
    tableIds: Ids | None = None
    """Ids of the tables where they sit. If it is not sent: the same tables as before."""


class ListParties(ListRequest):
    """Which parties to list."""

    tableId: Id | None = None
    """Only parties at this table."""
    completed: Annotated[Literal["true", "false"], Wording("must be true or false")] = "false"
    """`true`: only parties that have left. `false`, the default: only parties that sit now."""


class Deposit(Answer):
    """What guests paid before they came. It does not count as paid, and only Dojo can change it."""

    amount: int
    """The value of the deposit in minor units."""
    description: str | None = None
    """What the deposit is for."""
    paymentIntentIds: list[str]
    """Dojo's ids of the payment intents."""


class OpenTabOfParty(Answer):
    """A tab or an order of a party that is still open."""

    tabId: str
    """The id of the tab."""
    reference: str
    """The short code for people."""
    tableId: str | None = None
    """The id of its table."""
    balance: int
    """What is left to pay, in minor units."""


class Party(Answer):
    """Guests who sit, or sat, at one or more tables."""

    id: str
    """The id of the party."""
    version: int
    """The version of the party. It grows with each change."""
    name: str | None = None
    """The name of the party."""
    covers: int | None = None
    """How many guests they are."""
    tableIds: Annotated[list[str], Field(min_length=1)]
    """Ids of the tables where they sit."""
    status: str
    """How far the party is, in free text."""
    startTime: Time
    """When they sat down."""
    expectedEndTime: Time | None = None
    """When they are expected to leave."""
    endTime: Time | None = None
    """When they left. Absent while they sit."""
    hostNotes: str | None = None
    """Notes of the staff. Guests do not see them."""
    guestRequests: str | None = None
    """What the guests wrote, such as a diet. A till cannot change it."""
    reservationId: str | None = None
    """The id of their reservation, if they had one."""
    deposit: Deposit | None = None
    """What they paid before they came."""
    openTabs: list[OpenTabOfParty] | None = None
    """Only in the answer that finishes them, and if there are any: their tabs that are still open."""
    updatedAt: Time
    """When the party changed last."""


class Parties(Page):
    """One page of parties, by start time."""

    data: list[Party]
    """The parties of this page."""
