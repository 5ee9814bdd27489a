"""What the lists of a till have in common: how long a page is and where it goes on."""

from typing import Annotated

from pydantic import BeforeValidator, model_validator

from epos.contract.base import ClosedRequest, Text, violation
from epos.contract.paging import DEFAULT_LIMIT, Limit

PAGING = {
    "limit": "The most in one page: 1 to 100, 50 if it is not sent.",
    "before": "From the page behind: its `before`.",
    "after": "From the page in front: its `after`.",
}
"""The query parameters of every list."""


def whole_number(text: object) -> object:
    """A query is text, whatever it means."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else text


class ListRequest(ClosedRequest):
    """Which page of a list; `before` and `after` are opaque and mutually exclusive."""

    limit: Annotated[Limit, BeforeValidator(whole_number)] = DEFAULT_LIMIT
    before: Text | None = None
    after: Text | None = None

    @model_validator(mode="after")
    def _one_direction(self) -> "ListRequest":
        if self.before is not None and self.after is not None:
            raise violation("must not be sent with after", "before")
        return self
