"""Bodies of the control API: what people want to do."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Json = dict[str, Any]
Amount = Annotated[int, Field(ge=0)]


class Signature(StrEnum):
    """What the waiter says of the guest's signature."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CardWish(_Wish):
    """How a card behaves."""

    declined: bool = False
    """The card is declined, and the guest gives up."""
    signature: Signature | None = None
    """The card asks for a signature, and this is what the waiter says of it."""


class PaymentWish(CardWish):
    """Pay an order that is found by its id, or the first payable one (of a table)."""

    orderId: str | None = None
    tableId: str | None = None
    waiterId: str | None = None
    deviceId: str = "terminal-1"
    equal: Annotated[int, Field(ge=1, le=100)] | None = None
    """Among how many it is split in equal parts."""
    amounts: list[Annotated[int, Field(gt=0)]] | None = None
    """Custom parts; what is left stays unpaid, and more than is left is asked for all the same."""
    tips: list[Amount] = Field(default_factory=list)
    """The tip of each payer, in order."""
    tipPercent: Annotated[int, Field(ge=0, le=100)] = 0
    """The tip of every payer who has none in `tips`."""
    lockWaiterId: int | str | None = None
    """`waiterId` in the body of CreateOrderLock, as some terminals send it; 0 is nobody."""
    bill: bool = False
    """Print the bill first."""

    @model_validator(mode="after")
    def _one_way(self) -> "PaymentWish":
        if self.equal is not None and self.amounts is not None:
            raise ValueError("equal or amounts, not both")
        return self


class SessionWish(_Wish):
    """Open an order on a terminal and keep it open."""

    orderId: str | None = None
    tableId: str | None = None
    waiterId: str | None = None
    deviceId: str = "terminal-1"
    lockWaiterId: int | str | None = None
    """`waiterId` in the body of CreateOrderLock, as some terminals send it; 0 is nobody."""


class PartWish(CardWish):
    """One payment in a session; without an amount, all that is left."""

    amount: Annotated[int, Field(gt=0)] | None = None
    tip: Amount = 0


class OrderWish(_Wish):
    """A guest orders on the phone and pays at once."""

    tableId: str | None = None
    """Without it, the order is for collection."""
    items: list[Json] | None = None
    """As in CreateOrder; without it, a small meal."""
    totalAmount: Amount | None = None
    """Without it, the sum of the items."""
    tip: Amount = 0
    currency: str = "GBP"
    note: str | None = None
    declined: bool = False


class ReservationWish(_Wish):
    """Guests who will come."""

    tableIds: Annotated[list[str], Field(min_length=1)]
    name: str = "Ada Lovelace"
    covers: Amount = 2
    startTime: str | None = None
    endTime: str | None = None
    hostNotes: str | None = None
    guestRequests: str | None = None


class PartyWish(_Wish):
    """Guests who sit down: those of a reservation, or walk-ins."""

    tableIds: Annotated[list[str], Field(min_length=1)] | None = None
    """Without it, the reservation's."""
    reservationId: str | None = None
    name: str | None = None
    covers: Amount | None = None


class Changes(_Wish):
    """What changes; the rest is sent again as it was."""

    model_config = ConfigDict(extra="allow")


class MoveWish(_Wish):
    """Where a party sits now."""

    tableIds: Annotated[list[str], Field(min_length=1)]


class EveningWish(_Wish):
    """How many reservations an evening has, as far as there are tables."""

    reservations: Annotated[int, Field(ge=1, le=20)] = 4
