"""The query parameters of bills, receipts and kitchen tickets."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from epos.contract.base import ClosedRequest, Wording, whole_number
from epos.till_contract.paging import number_in_query


class PaperQuery(ClosedRequest):
    """How a bill or a receipt is answered."""

    format: Annotated[Literal["text", "page"], Wording("must be text or page")] = "text"
    """`text`: plain text for a printer. `page`: HTML for a browser to print. The default is `text`."""


class TicketQuery(PaperQuery):
    """Which kitchen ticket is wanted, and how it is answered."""

    round: Annotated[int, *whole_number(1, 2**31 - 1), BeforeValidator(number_in_query)] | None = (
        None
    )
    """The number of the round. If it is not sent: the last round."""
