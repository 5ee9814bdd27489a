"""The query parameters of bills, receipts and kitchen tickets."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from epos.contract.base import ClosedRequest, Wording, violation, whole_number
from epos.till_contract.base import Name
from epos.till_contract.paging import number_in_query


class PaperQuery(ClosedRequest):
    """How a bill or a receipt is answered."""

    format: Annotated[Literal["text", "page"], Wording("must be text or page")] = "text"
    """`text`: plain text for a printer. `page`: HTML for a browser to print. The default is `text`."""


class ReceiptQuery(PaperQuery):
    """How a receipt is answered, and for whom. A VAT invoice of more than 250 names the customer."""

    customerName: Name | None = None
    """The name of the customer, for a VAT invoice."""
    customerAddress: Name | None = None
    """The address of the customer, on one line, with commas. Required with `customerName`."""

    @model_validator(mode="after")
    def _names_and_addresses(self) -> "ReceiptQuery":
        if (self.customerName is None) != (self.customerAddress is None):
            missing = "customerName" if self.customerName is None else "customerAddress"
            raise violation("is required for a VAT invoice", missing)
        return self


class TicketQuery(PaperQuery):
    """Which kitchen ticket is wanted, and how it is answered."""

    round: Annotated[int, *whole_number(1, 2**31 - 1), BeforeValidator(number_in_query)] | None = (
        None
    )
    """The number of the round. If it is not sent: the round that was sent last."""
