"""How a till wants its papers."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from epos.contract.base import ClosedRequest, Wording, whole_number
from epos.till_contract.paging import number_in_query


class PaperQuery(ClosedRequest):
    """As text for a printer, or as a page for a browser's."""

    format: Annotated[Literal["text", "page"], Wording("must be text or page")] = "text"


class TicketQuery(PaperQuery):
    """Which round; the last one, unless another is named."""

    round: Annotated[int, *whole_number(1, 2**31 - 1), BeforeValidator(number_in_query)] | None = (
        None
    )
