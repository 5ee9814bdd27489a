"""The lists of a till, page by page."""

from epos.domain.errors import InvalidRequest
from epos.services.paging import Pages
from epos.store.paging import PageRequest
from epos.till_contract.paging import ListRequest


def page_request(pages: Pages, request: ListRequest) -> PageRequest:
    """What to read. Raises InvalidRequest for a cursor that this list did not give."""
    try:
        return pages.request(request)
    except InvalidRequest as error:
        raise error.outside("cursor") from None
