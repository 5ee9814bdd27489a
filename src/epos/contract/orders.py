"""Orders: creating, answering, searching and locking them."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
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
    ClosedRequest,
    Flag,
    Id,
    Many,
    Request,
    Text,
    Time,
    parse_time,
    violation,
)
from epos.contract.content import Customer, Discount, OrderItem, TaxLine
from epos.contract.money import Amount, Money
from epos.contract.paging import Page, SearchRequest
from epos.contract.payments import Payment, PaymentInput


class OrderType(StrEnum):
    """Where the guests eat."""

    DineIn = "DineIn"
    Collection = "Collection"


class OrderStatus(StrEnum):
    """Where an order is on its way; only the EPOS moves it."""

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
    """An order eaten here."""

    tableId: Id | None = None
    waiterId: Id | None = None
    partyId: Id | None = None
    reservationId: Id | None = None
    """Set on a pre-order: the reservation it is for."""
    readyAt: Time | None = None
    """When a pre-order should be ready."""


class CollectionDetails(Request):
    """An order to be fetched."""

    asap: Flag | None = None
    collectAt: Time | None = None
    """Only when `asap` is not set or false."""

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, data: Any) -> Any:
        """The specification's own example says `collectionTime`; `collectAt` wins over it."""
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
                "description": "Older name of `collectAt`.",
                "deprecated": True,
            }
        return json_schema


_MEMBERS = {"DineIn": "dineIn", "Collection": "collection"}


class OrderDetails(Request):
    """The kind of order and the member for it; after validation that member is never missing."""

    dineIn: DineInDetails | None = None
    collection: CollectionDetails | None = None
    orderType: AsStored[OrderType]

    @model_validator(mode="before")
    @classmethod
    def _named_member(cls, data: Any) -> Any:
        """The page's sample has only `orderType`: the member named by it is then empty."""
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


def _discounts(value: Any, info: ValidationInfo) -> Any:
    """Discounts of the older shape get the `name` and `amountTotal` that an answer must have."""
    if not isinstance(value, list):
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
    """`amount` was whole minor units, in the currency of the order, or Money; else nothing."""
    if amount is None:
        return {"value": 0, "currencyCode": currency}
    try:
        money = {"value": amount, "currencyCode": currency}
        return Money.model_validate(amount if isinstance(amount, dict) else money)
    except ValidationError:
        words = f"must be a whole number between {-LARGEST_AMOUNT} and {LARGEST_AMOUNT}, or Money"
        raise violation(words, index, "amount") from None


class CreateOrderRequest(Request):
    """A new order; Dojo owns its content and its total."""

    # Before the discounts, which may need its currency.
    totalAmount: Amount
    """After discounts and taxes, with the service charge, without tips."""
    items: Many[OrderItem]
    note: Text | None = None
    customer: Customer | None = None
    discounts: Annotated[Many[Discount], BeforeValidator(_discounts)] | None = None
    taxLines: Many[TaxLine] | None = None
    serviceChargeAmount: Amount | None = None
    """Already part of `totalAmount`."""
    reference: Text | None = None
    dojoOrderId: Id
    payments: Many[PaymentInput]
    details: OrderDetails
    displayName: Text | None = None


_CONTENT = {"items", "discounts", "taxLines", "customer"}


def content_of(request: CreateOrderRequest) -> dict[str, Any]:
    """What is stored and answered again as it is: JSON-ready, without nulls."""
    return request.model_dump(mode="json", include=_CONTENT, exclude_none=True)


class Order(Answer):
    """An order as we answer it; content comes from the database as plain JSON values."""

    id: str
    items: AsStored[list[OrderItem]] | None = None
    note: str | None = None
    customer: AsStored[Customer] | None = None
    discounts: AsStored[list[Discount]] | None = None
    taxLines: AsStored[list[TaxLine]] | None = None
    status: AsStored[OrderStatus]
    createdAt: Time | None = None
    updatedAt: Time | None = None
    totalAmount: AsStored[Money] | None = None
    """After discounts and taxes, with the service charge, without tips."""
    payments: AsStored[list[Payment]] | None = None
    payable: bool | None = None
    paidAmount: AsStored[Money] | None = None
    """The sum of the payments, without tips: equal to `totalAmount` when all is paid."""
    serviceChargeAmount: AsStored[Money] | None = None
    reference: str | None = None
    tipsAmount: AsStored[Money] | None = None
    """The sum of the tips; part of neither `totalAmount` nor `paidAmount`."""
    details: AsStored[OrderDetails]
    displayName: str | None = None


class SearchDineInDetails(Request):
    """What is looked for in orders eaten here."""

    tableId: Id | None = None
    waiterId: Id | None = None
    partyId: Id | None = None
    reservationId: Id | None = None


class SearchOrdersRequest(SearchRequest):
    """Filters combine with AND."""

    dineIn: SearchDineInDetails | None = None
    payableOnly: Flag | None = None


class PagedOrdersResponse(Page):
    """One page of orders."""

    data: list[Order]


class CreateOrderLockRequest(ClosedRequest):
    """Only Dojo may write to the order until the lock is released or has expired."""

    lockId: Id
    expiry: Time


class ExtendOrderLockRequest(ClosedRequest):
    """A new expiry for a live lock."""

    expiry: Time


class ExtendOrderLockResponse(Answer):
    """Nothing: the published schema has no properties and allows none."""

    model_config = ConfigDict(extra="forbid")
