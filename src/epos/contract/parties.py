"""Parties: guests who sit at tables now."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from epos.contract.base import (
    Answer,
    AsStored,
    Count,
    FilledText,
    Flag,
    Id,
    Ids,
    Many,
    Note,
    Request,
    Text,
    Time,
)
from epos.contract.money import Amount, Money
from epos.contract.paging import Page, SearchRequest


class PartyDeposit(Answer):
    """Payments that guests made before they came, to secure their reservation."""

    totalAmount: AsStored[Money]
    """The value of the deposit when the party was seated."""
    description: str | None = None
    """What the deposit is for."""
    paymentIntentIds: list[str]
    """Dojo's ids of the payment intents. Some may have been refunded. The EPOS must not change them."""


def _empty_list_for_null(value: object) -> object:
    return [] if value is None else value


_MOST_INTENTS = 100
_Intents = Annotated[list[Id], Field(max_length=_MOST_INTENTS)]


# Dojo's own sample has no payment intents, so they are optional here.
class PartyDepositInput(Request):
    """Payments that guests made before they came, to secure their reservation."""

    totalAmount: Amount
    """The value of the deposit."""
    description: Text | None = None
    """What the deposit is for."""
    paymentIntentIds: Annotated[
        Many[Id],
        Field(max_length=_MOST_INTENTS),
        BeforeValidator(_empty_list_for_null, json_schema_input_type=_Intents),
    ] = Field(default_factory=list)
    """Dojo's ids of the payment intents. Without it: none."""


def _absent_if_empty(text: str) -> str | None:
    return text or None


class _PartyDetails(Request):
    """What CreateParty and UpdateParty have in common."""

    dojoPartyId: Id
    """Dojo's id of the party. Sending the same new party again creates it only once."""
    name: Text | None = None
    """The name of the party, usually of the guest who booked."""
    covers: Count | None = None
    """How many guests they are."""
    tableIds: Ids
    """Ids of the tables where they sit: at least one."""
    startTime: Time
    """When they sat down."""
    expectedEndTime: Time | None = None
    """When they are expected to leave."""
    hostNotes: Note | None = None
    """Notes of the staff. Guests do not see them."""
    guestRequests: Note | None = None
    """What the guests wrote, such as a diet. The EPOS must not change it."""
    deposit: PartyDepositInput | None = None
    """What they paid before they came."""


class CreatePartyRequest(_PartyDetails):
    """A party that sits down. Dojo sends all that it knows of it."""

    # The specification allows an empty status here, and nowhere else.
    status: Annotated[Text, AfterValidator(_absent_if_empty)] | None = None
    """How far the party is, in free text. Absent or empty: `Seated`."""
    reservationId: Id | None = None
    """The EPOS's id of the party's reservation."""
    dojoReservationId: Id | None = None
    """Dojo's id of the party's reservation."""


class UpdatePartyRequest(_PartyDetails):
    """The new content of a party. A property that is not sent is cleared."""

    status: FilledText
    """How far the party is, in free text, such as "ordered"."""
    endTime: Time | None = None
    """When the party left. With it, the party is completed and its tables are free."""


class Party(Answer):
    """Guests who sit, or sat, at one or more tables."""

    id: str
    """The party's id in the EPOS. It is never used again."""
    name: str | None = None
    """The name of the party, usually of the guest who booked."""
    covers: int | None = None
    """How many guests they are."""
    tableIds: Annotated[list[str], Field(min_length=1)]
    """Ids of the tables where they sit."""
    status: Annotated[str, Field(min_length=1)]
    """How far the party is, in free text, such as "ordered"."""
    startTime: Time
    """When they sat down."""
    expectedEndTime: Time | None = None
    """When they are expected to leave."""
    endTime: Time | None = None
    """When they left. Absent while they sit."""
    hostNotes: str | None = None
    """Notes of the staff. Guests do not see them."""
    guestRequests: str | None = None
    """What the guests wrote, such as a diet. The EPOS must not change it."""
    reservationId: str | None = None
    """The EPOS's id of the party's reservation, if it had one."""
    deposit: AsStored[PartyDeposit] | None = None
    """What they paid before they came."""


class SearchPartiesRequest(SearchRequest):
    """Which parties to find. A party must match every filter that is sent."""

    completedOnly: Flag | None = None
    """true: only parties that have left. Otherwise: only parties that sit now."""
    tableId: Id | None = None
    """Only parties at this table."""


class PagedPartiesResponse(Page):
    """One page of parties, by start time."""

    data: list[Party]
    """The parties of this page."""
