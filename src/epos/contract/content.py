"""What an order consists of: items, discounts, taxes and the customer."""

from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import (
    INT64_END,
    ClosedRequest,
    Count,
    Many,
    OpenContent,
    Percentage,
    Text,
    short_text,
)
from epos.contract.money import Amount, Price


class Modifier(OpenContent):
    """A change to an item."""

    name: Text
    quantity: Count
    """Per single item: two burgers with double cheese each have 2 here, not 4."""
    amountPerModifier: Price
    plu: Text


class OrderSubItem(OpenContent):
    """A part of an item, priced apart."""

    amountPerItem: Price
    """Base price of one, before modifiers and discounts."""
    quantity: Count
    note: Text | None = None
    name: Text
    plu: Text
    modifiers: Many[Modifier] | None = None


class OrderItem(OpenContent):
    """A line of an order."""

    amountPerItem: Price
    """Base price of one, before modifiers, sub-items and discounts."""
    quantity: Count
    note: Text | None = None
    name: Text
    plu: Text
    subItems: Many[OrderSubItem] | None = None
    modifiers: Many[Modifier] | None = None


PhoneNumber = Annotated[str, *short_text(50)]


def _number_as_text(value: object) -> object:
    # The specification's own example has a phone number that is a number.
    return str(value) if type(value) is int and 0 <= value < INT64_END else value


class Customer(ClosedRequest):
    """Who ordered: personal data, kept out of logs and messages."""

    id: Text | None = None
    emailAddress: Annotated[str, *short_text(254)] | None = None
    phoneNumber: (
        Annotated[
            PhoneNumber,
            BeforeValidator(
                _number_as_text,
                json_schema_input_type=PhoneNumber | Annotated[int, Field(ge=0, lt=INT64_END)],
            ),
        ]
        | None
    ) = None
    name: Text | None = None


class Discount(OpenContent):
    """What is taken off.

    In CreateOrder it may have an older shape, with `amount` and perhaps without a name; that
    becomes this one before it is validated.
    """

    name: Text
    affectedPlu: Text | None = None
    """Empty when the discount is on the whole order."""
    discountReference: Text | None = None
    code: Text | None = None
    amountTotal: Price
    amountPercentage: Percentage | None = None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema = handler(schema)
        if handler.mode == "validation":
            described = handler.resolve_ref_schema(json_schema)
            del described["required"]
            described["properties"]["amount"] = {
                "description": "Older form of `amountTotal`: minor units of the order's currency.",
                "deprecated": True,
                "anyOf": [{"type": "integer"}, {"type": "object"}],
            }
        return json_schema


class TaxLine(ClosedRequest):
    """A tax on the order, or on one product of it."""

    id: Annotated[str, *short_text(60)] | None = None
    name: Annotated[str, *short_text(100)] | None = None
    affectedPlu: Text | None = None
    amountPercentage: Percentage | None = None
    amountTotal: Amount
