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
    Request,
    Text,
    Time,
)
from epos.contract.money import Amount, Money
from epos.contract.paging import Page, SearchRequest


class PartyDeposit(Answer):
    """Payments captured before arrival to secure the reservation."""

    totalAmount: AsStored[Money]
    description: str | None = None
    paymentIntentIds: list[str]
    """Some may have been refunded. The EPOS may not change them."""


def _absent_list(value: object) -> object:
    return [] if value is None else value


class PartyDepositInput(Request):
    """A deposit as Dojo sends it; its own sample has no intents, so none are needed."""

    totalAmount: Amount
    description: Text | None = None
    paymentIntentIds: Annotated[
        Many[Id], BeforeValidator(_absent_list, json_schema_input_type=list[Id])
    ] = Field(default_factory=list)


def _empty_is_absent(text: str) -> str | None:
    return text or None


class _PartyDetails(Request):
    dojoPartyId: Id
    name: Text | None = None
    covers: Count | None = None
    tableIds: Ids
    startTime: Time
    expectedEndTime: Time | None = None
    hostNotes: Text | None = None
    """Not shown to guests."""
    guestRequests: Text | None = None
    """Shown to and written by guests; the EPOS may not change it."""
    deposit: PartyDepositInput | None = None


class CreatePartyRequest(_PartyDetails):
    """A party that sits down; Dojo always sends all it knows."""

    status: Annotated[Text, AfterValidator(_empty_is_absent)] | None = None
    """Free words. The specification allows it to be empty here, and nowhere else."""
    reservationId: Id | None = None
    """Our reservation, if the party had one."""
    dojoReservationId: Id | None = None


class UpdatePartyRequest(_PartyDetails):
    """Sets what is sent and clears what is not."""

    status: FilledText
    endTime: Time | None = None
    """When the party left: sets it apart as completed."""


class Party(Answer):
    """A party as we answer it."""

    id: str
    name: str | None = None
    covers: int | None = None
    tableIds: Annotated[list[str], Field(min_length=1)]
    status: Annotated[str, Field(min_length=1)]
    startTime: Time
    expectedEndTime: Time | None = None
    endTime: Time | None = None
    hostNotes: str | None = None
    guestRequests: str | None = None
    reservationId: str | None = None
    deposit: AsStored[PartyDeposit] | None = None


class SearchPartiesRequest(SearchRequest):
    """Parties that have left are found only with `completedOnly`."""

    completedOnly: Flag | None = None
    tableId: Id | None = None


class PagedPartiesResponse(Page):
    """One page of parties."""

    data: list[Party]
