"""Which page of a list is wanted, as query parameters."""

from typing import Annotated

from pydantic import BeforeValidator

from epos.contract.base import ClosedRequest
from epos.contract.paging import DEFAULT_LIMIT, Limit, PageSelection


def number_in_query(text: object) -> object:
    """The number of a query parameter, which is always text."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else text


class ListRequest(PageSelection, ClosedRequest):
    """Which page of a list is wanted, and how long it may be."""

    limit: Annotated[Limit, BeforeValidator(number_in_query)] = DEFAULT_LIMIT
    """The most results in one page: 1 to 100. The default is 50."""
