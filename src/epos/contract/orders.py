"""Orders: create, answer, search and lock them."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from epos.contract.base import (
    LARGEST_AMOUNT,
    Answer,
    AsStored,
    Flag,
    Id,
    Many,
    Note,
    Request,
    Text,
    Time,
    WaiterInBody,
    parse_time,
    violation,
)
from epos.contract.content import MOST_LINES, Customer, Discount, OrderItem, TaxLine
from epos.contract.money import Amount, Money
from epos.contract.paging import Page, SearchRequest
from epos.contract.payments import Payment, PaymentInput


class OrderType(StrEnum):
    """Where the guests eat. `DineIn`: at a table. `Collection`: they collect the order."""

    DineIn = "DineIn"
    Collection = "Collection"


class OrderStatus(StrEnum):
    """How far an order is. Only the EPOS changes it, and steps may be skipped.

    `New`: being put together. `Submitted`: waits until staff accept it. `Confirmed`: sent to the
    kitchen. `Accepted`: the venue has accepted it. `Preparing`, `Prepared`: in the kitchen. `Ready`:
    can be served or collected. `Finalized`: finished. `Canceled`: cancelled or rejected. `Failed`:
    could not be fulfilled.
    """

    New = "New"
    Submitted = "Submitted"
    Confirmed = "Confirmed"
    Accepted = "Accepted"
    Preparing = "Preparing"
    Prepared = "Prepared"
    Ready = "Ready"
    Finalized = "Finalized"
    Canceled = "Canceled"
    Failed = "Failed"


class DineInDetails(Request):
    """Details of an order that is eaten at a table."""

    tableId: Id | None = None
    """The id of the table."""
    waiterId: Id | None = None
    """The id of the waiter who serves the order."""
    partyId: Id | None = None
    """The id of the party that ordered. If it is not sent: the party that sits at the table."""
    reservationId: Id | None = None
    """Only for a pre-order: the id of the reservation that it is for."""
    readyAt: Time | None = None
    """Only for a pre-order: when it should be ready."""


class CollectionDetails(Request):
    """Details of an order that is collected."""

    asap: Flag | None = None
    """true: the guests collect the order as soon as possible."""
    collectAt: Time | None = None
    """When the guests collect the order. Only when `asap` is false or not sent."""

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, data: Any) -> Any:
        """The specification's own example has `collectionTime`. If both are sent, `collectAt` counts."""
        if not isinstance(data, dict) or data.get("collectAt") is not None:
            return data
        older = data.get("collectionTime")
        if older is None:
            return data
        try:
            return {**data, "collectAt": parse_time(older)}
        except PydanticCustomError as error:
            raise violation(error.message(), "collectionTime") from None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema = handler(schema)
        if handler.mode == "validation":
            properties = handler.resolve_ref_schema(json_schema)["properties"]
            properties["collectionTime"] = {
                "type": "string",
                "format": "date-time",
                "description": "Older name of `collectAt`, which counts if both are sent.",
                "deprecated": True,
            }
        return json_schema


_MEMBERS = {"DineIn": "dineIn", "Collection": "collection"}


class OrderDetails(Request):
    """The type of an order, and the details for that type. Answers always have these details."""

    dineIn: DineInDetails | None = None
    """Details of an order of type `DineIn`."""
    collection: CollectionDetails | None = None
    """Details of an order of type `Collection`."""
    orderType: AsStored[OrderType]
    """The type of the order."""

    @model_validator(mode="before")
    @classmethod
    def _named_member(cls, data: Any) -> Any:
        """In the reference page's sample there is only `orderType`. Its details are then empty."""
        if not isinstance(data, dict):
            return data
        kind = data.get("orderType")
        member = _MEMBERS.get(kind) if isinstance(kind, str) else None
        return data if member is None or data.get(member) is not None else {**data, member: {}}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema = handler(schema)
        if handler.mode == "serialization":
            members = [{"required": [member]} for member in _MEMBERS.values()]
            handler.resolve_ref_schema(json_schema)["anyOf"] = members
        return json_schema


_MOST_PAYMENTS = _MOST_DISCOUNTS = _MOST_TAXES = 100


def _few_lines(items: Any) -> Any:
    """Refuse more than MOST_LINES of items, sub-items and modifiers before anything is built of them."""
    left = MOST_LINES
    waiting = [items]
    while waiting:
        lines = waiting.pop()
        if not isinstance(lines, list):
            continue
        left -= len(lines)
        if left < 0:
            words = "items, sub-items and modifiers together"
            raise violation(f"must have at most {MOST_LINES} {words}")
        for line in lines:
            if isinstance(line, dict):
                waiting += (line.get("modifiers"), line.get("subItems"))
    return items


def _discounts(value: Any, info: ValidationInfo) -> Any:
    """Give discounts of the older form the `name` and `amountTotal` that an answer must have."""
    if not isinstance(value, list) or len(value) > _MOST_DISCOUNTS:
        return value
    total = info.data.get("totalAmount")
    currency = total.currencyCode if isinstance(total, Money) else "GBP"
    return [_modern(discount, index, currency) for index, discount in enumerate(value)]


def _modern(discount: Any, index: int, currency: str) -> Any:
    if not isinstance(discount, dict):
        return discount
    name, total = discount.get("name"), discount.get("amountTotal")
    if total is None:
        total = _older_amount(discount.get("amount"), index, currency)
    return {**discount, "name": "Discount" if name is None else name, "amountTotal": total}


def _older_amount(amount: Any, index: int, currency: str) -> Any:
    """`amountTotal` for `amount`, which is minor units in the order's currency, or Money, or absent."""
    if amount is None:
        return {"value": 0, "currencyCode": currency}
    try:
        money = {"value": amount, "currencyCode": currency}
        return Money.model_validate(amount if isinstance(amount, dict) else money)
    except ValidationError:
        message = f"must be a whole number between {-LARGEST_AMOUNT} and {LARGEST_AMOUNT}, or Money"
        raise violation(message, index, "amount") from None


class CreateOrderRequest(Request):
    """A new order. Dojo decides its content and its total; the EPOS stores them as they are sent."""

    # Before the discounts, which may need its currency.
    totalAmount: Amount
    """What is to be paid: after discounts and taxes, with the service charge, without tips."""
    items: Annotated[Many[OrderItem], Field(max_length=MOST_LINES), BeforeValidator(_few_lines)]
    """What was ordered."""
    note: Note | None = None
    """A note for the staff."""
    customer: Customer | None = None
    """The person who ordered."""
    discounts: (
        Annotated[Many[Discount], Field(max_length=_MOST_DISCOUNTS), BeforeValidator(_discounts)]
        | None
    ) = None
    """Reductions of the order or of its items."""
    taxLines: Annotated[Many[TaxLine], Field(max_length=_MOST_TAXES)] | None = None
    """Taxes on the order or on its items."""
    serviceChargeAmount: Amount | None = None
    """The service charge. It is already part of `totalAmount`."""
    reference: Text | None = None
    """A short code of the order for people. If it is not sent, the EPOS makes one."""
    dojoOrderId: Id
    """Dojo's id of the order. Sending the same order again creates it only once."""
    payments: Annotated[Many[PaymentInput], Field(max_length=_MOST_PAYMENTS)]
    """What has been paid already. The list may be empty."""
    details: OrderDetails
    """The type of the order, and the details for that type."""
    displayName: Text | None = None
    """The name of the order on card machines. If it is not sent: the table and the reference."""


_CONTENT = {"items", "discounts", "taxLines", "customer"}


def content_of(request: CreateOrderRequest) -> dict[str, Any]:
    """The content that is stored and answered unchanged, as JSON values without nulls."""
    return request.model_dump(mode="json", include=_CONTENT, exclude_none=True)


# `items`, `customer` and the like come from the database as plain JSON values.
class Order(Answer):
    """An order, with its payments that count. Ended payments are not shown and not summed."""

    id: str
    """The order's id in the EPOS. It is never used again."""
    items: AsStored[list[OrderItem]] | None = None
    """What was ordered."""
    note: str | None = None
    """A note for the staff."""
    customer: AsStored[Customer] | None = None
    """The person who ordered."""
    discounts: AsStored[list[Discount]] | None = None
    """Reductions of the order or of its items."""
    taxLines: AsStored[list[TaxLine]] | None = None
    """Taxes on the order or on its items."""
    status: AsStored[OrderStatus]
    """How far the order is."""
    createdAt: Time | None = None
    """When the EPOS created the order."""
    updatedAt: Time | None = None
    """When the order changed last."""
    totalAmount: AsStored[Money] | None = None
    """What is to be paid: after discounts and taxes, with the service charge, without tips."""
    payments: AsStored[list[Payment]] | None = None
    """The payments that count. A reversed, refunded or canceled payment is not among them."""
    payable: bool | None = None
    """Whether a payment may be taken now: the order is open, something is left to pay, and no till
    edits it.
    """
    paidAmount: AsStored[Money] | None = None
    """The sum of `paidAmount` of all `payments`. Everything is paid when it equals `totalAmount`."""
    serviceChargeAmount: AsStored[Money] | None = None
    """The service charge. It is part of `totalAmount`."""
    reference: str | None = None
    """A short code of the order for people."""
    tipsAmount: AsStored[Money] | None = None
    """The sum of all tips. It is part of neither `totalAmount` nor `paidAmount`."""
    details: AsStored[OrderDetails]
    """The type of the order, and the details for that type."""
    displayName: str | None = None
    """The name of the order on card machines."""


class SearchDineInDetails(Request):
    """Filters for orders that are eaten at a table."""

    tableId: Id | None = None
    """Only orders of this table."""
    waiterId: Id | None = None
    """Only orders that this waiter serves: by the order's own waiter, or its table's, or its area's."""
    partyId: Id | None = None
    """Only orders of this party."""
    reservationId: Id | None = None
    """Only orders for this reservation."""


class SearchOrdersRequest(SearchRequest):
    """Which orders to find. An order must match every filter that is sent."""

    dineIn: SearchDineInDetails | None = None
    """Only orders that are eaten at a table and match these filters."""
    payableOnly: Flag | None = None
    """true: only orders with `payable` true."""


class PagedOrdersResponse(Page):
    """One page of orders, the newest first."""

    data: list[Order]
    """The orders of this page."""


class CreateOrderLockRequest(Request):
    """A lock on an order: until it is released or expires, no till may change the order."""

    lockId: Id
    """Dojo's id of the lock. Sending a live lock again renews it."""
    expiry: Time
    """When the lock ends if it is neither extended nor released. Up to 30 seconds in the past is
    taken for a difference between clocks.
    """
    waiterId: WaiterInBody = None
    """The waiter, where the header names none: an id, or a number. 0 is nobody. The published schema does
    not have it; some terminals send it.
    """


class ExtendOrderLockRequest(Request):
    """A new end for a live lock."""

    expiry: Time
    """When the lock ends. It may be earlier than before."""
    waiterId: WaiterInBody = None
    """The waiter, where the header names none, as in the request that made the lock."""


class ExtendOrderLockResponse(Answer):
    """An empty object. The published schema has no properties and allows none."""

    model_config = ConfigDict(extra="forbid")
