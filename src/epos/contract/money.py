"""Money in requests and answers: whole minor units and a currency."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import LARGEST_AMOUNT, Request, Wording, violation, whole_number

if TYPE_CHECKING:
    CurrencyCode = str  # the type for the rest of the code; only a request is checked
else:
    CurrencyCode = Annotated[Literal["GBP", "EUR"], Wording("must be GBP or EUR")]


class Money(Request):
    """An amount of money in one currency."""

    value: Annotated[int, *whole_number(-LARGEST_AMOUNT, LARGEST_AMOUNT)]
    """The amount in minor units of the currency: 1250 in GBP is £12.50."""
    currencyCode: CurrencyCode
    """The currency, as its three-letter ISO 4217 code."""


def _not_negative(money: Money) -> Money:
    if money.value < 0:
        raise violation(f"must be a whole number between 0 and {LARGEST_AMOUNT}", "value")
    return money


class _NotNegativeSchema:
    """Publishes in the JSON schema what `_not_negative` checks."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema: dict[str, Any] = handler(schema)
        json_schema["properties"] = {"value": {"minimum": 0}}
        return json_schema


Amount = Annotated[Money, AfterValidator(_not_negative), _NotNegativeSchema()]
"""Money that is owed or paid, never negative: totals, payments, tips, service charges, taxes."""
Price = Annotated[Money, Field()]
"""What an item, a modifier or a discount costs. It may be negative."""
