"""How a till wants its papers."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from epos.contract.base import ClosedRequest, Says, whole
from epos.till_contract.lists import whole_number


class PaperQuery(ClosedRequest):
    """As text for a printer, or as a page for a browser's."""

    format: Annotated[Literal["text", "page"], Says("must be text or page")] = "text"


class TicketQuery(PaperQuery):
    """Which round; the last one, unless another is named."""

    round: Annotated[int, *whole(1, 2**31 - 1), BeforeValidator(whole_number)] | None = None
