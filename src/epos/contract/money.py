"""Money on the wire: whole minor units and a currency."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from epos.contract.base import LARGEST_AMOUNT, Request, Says, violation, whole

if TYPE_CHECKING:
    CurrencyCode = str  # what the rest of the code holds; only a request must be checked
else:
    CurrencyCode = Annotated[Literal["GBP", "EUR"], Says("must be GBP or EUR")]


class Money(Request):
    """An amount in the minor unit: 100 GBP is one pound."""

    value: Annotated[int, *whole(-LARGEST_AMOUNT, LARGEST_AMOUNT)]
    currencyCode: CurrencyCode
    """ISO 4217 alpha-3."""


def _not_negative(money: Money) -> Money:
    if money.value < 0:
        raise violation(f"must be a whole number between 0 and {LARGEST_AMOUNT}", "value")
    return money


class _NotNegativeSchema:
    """Says in the exported document what `_not_negative` checks."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema: dict[str, Any] = handler(schema)
        json_schema["properties"] = {"value": {"minimum": 0}}
        return json_schema


Amount = Annotated[Money, AfterValidator(_not_negative), _NotNegativeSchema()]
"""What is owed or paid: totals, payments, tips, service charges, taxes."""
Price = Annotated[Money, Field()]
"""What something costs, or takes off: items, modifiers and discounts may be negative."""
