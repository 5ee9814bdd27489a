"""The lists of a till, page by page."""

from epos.contract.paging import Cursor
from epos.domain.errors import InvalidRequest
from epos.services.paging import Pages
from epos.store.paging import PageRequest
from epos.till_contract.lists import ListRequest


def page_request(pages: Pages, request: ListRequest) -> PageRequest:
    """What to read. Raises InvalidRequest for a cursor that this list did not give."""
    cursor = Cursor.model_construct(limit=request.limit, before=request.before, after=request.after)
    try:
        return pages.request(cursor)
    except InvalidRequest as error:
        raise error.outside("cursor") from None
