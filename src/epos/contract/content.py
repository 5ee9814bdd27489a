"""The content of an order: items, discounts, taxes and the customer."""

from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import (
    INT64_END,
    ClosedRequest,
    Count,
    Many,
    Note,
    OpenContent,
    Percentage,
    Text,
    short_text,
)
from epos.contract.money import Amount, Price

MOST_LINES = 2_000
"""Items, sub-items and modifiers of one order together."""


class Modifier(OpenContent):
    """A change to an item, such as extra cheese."""

    name: Text
    """The name of the modifier."""
    quantity: Count
    """How many for each single item: two burgers, each with double cheese, have 2 here, not 4."""
    amountPerModifier: Price
    """The price of one modifier."""
    plu: Text
    """The product code of the modifier in the EPOS."""


Modifiers = Annotated[Many[Modifier], Field(max_length=MOST_LINES)]


class OrderSubItem(OpenContent):
    """A part of an item with a price of its own, such as the drink of a set meal."""

    amountPerItem: Price
    """The price of one sub-item, without its parent item, before modifiers and discounts."""
    quantity: Count
    """How many for each single item."""
    note: Note | None = None
    """A wish of the guests, for the kitchen."""
    name: Text
    """The name of the sub-item."""
    plu: Text
    """The product code of the sub-item in the EPOS."""
    modifiers: Modifiers | None = None
    """Changes to the sub-item."""


class OrderItem(OpenContent):
    """One line of an order: an item and how many of it."""

    amountPerItem: Price
    """The price of one item, before modifiers, sub-items and discounts."""
    quantity: Count
    """How many of the item."""
    note: Note | None = None
    """A wish of the guests, for the kitchen."""
    name: Text
    """The name of the item."""
    plu: Text
    """The product code of the item in the EPOS."""
    subItems: Annotated[Many[OrderSubItem], Field(max_length=MOST_LINES)] | None = None
    """Parts of the item with prices of their own."""
    modifiers: Modifiers | None = None
    """Changes to the item."""


PhoneNumber = Annotated[str, *short_text(50)]


def _number_as_text(value: object) -> object:
    # In the specification's own example the phone number is a JSON number.
    return str(value) if type(value) is int and 0 <= value < INT64_END else value


class Customer(ClosedRequest):
    """The person who ordered. This is personal data: it is in no log and in no error message."""

    id: Text | None = None
    """Dojo's id of the customer."""
    emailAddress: Annotated[str, *short_text(254)] | None = None
    """The customer's email address."""
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
    """The customer's telephone number. A request may send it as a number; answers have text."""
    name: Text | None = None
    """The customer's name."""


# CreateOrder also accepts an older form, with `amount` and perhaps without a name. It becomes this
# form before it is validated (`orders.py`).
class Discount(OpenContent):
    """A reduction of the price of the order or of one item."""

    name: Text
    """The name of the discount. If a request has none, it is "Discount"."""
    affectedPlu: Text | None = None
    """The product code of the reduced item. Absent or empty: the whole order is reduced."""
    discountReference: Text | None = None
    """The id of the discount at its provider."""
    code: Text | None = None
    """The code that the customer entered."""
    amountTotal: Price
    """The amount of the reduction."""
    amountPercentage: Percentage | None = None
    """The reduction in hundredths of a percent: 25.1% is 2510."""

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
    """A tax on the whole order or on one item."""

    id: Annotated[str, *short_text(60)] | None = None
    """The id of the tax line."""
    name: Annotated[str, *short_text(100)] | None = None
    """The name of the tax."""
    affectedPlu: Text | None = None
    """The product code of the taxed item. Absent or empty: the tax is on the whole order."""
    amountPercentage: Percentage | None = None
    """The tax rate in hundredths of a percent: 20% is 2000."""
    amountTotal: Amount
    """The amount of the tax."""
