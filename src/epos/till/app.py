"""The till's API: its routers as one FastAPI application, mounted at `PREFIX`."""

from epos.till import (
    cash,
    days,
    floor,
    menu,
    papers,
    receipts,
    reports,
    seating,
    setup,
    staff,
    tab_edits,
    tab_moves,
    tab_payments,
    tab_status,
    tabs,
    vouchers,
)
from epos.till_contract.errors import TillError
from epos.web.application import ContractApi

PREFIX = "/till/v1"
_DESCRIPTION = (
    "What staff and tills can do. Amounts are whole minor units of the venue's currency, "
    "percentages hundredths of a percent, times UTC. Every write of a tab carries the `version` that "
    "it saw; a stale one is a Conflict and changes nothing. Errors are those of the EPOS Data API."
)
_TAGS = {
    "Staff": "Who works at the till.",
    "Set-up": "The venue's profile, and the whole set-up as one document.",
    "Floor": "Areas and tables.",
    "Menu": "What can be sold, and what has run out.",
    "Tabs": "Tabs and what stands on them.",
    "The life of a tab": "Holds, statuses, transfers, merging and splitting.",
    "Money": "Cash and other money over the counter.",
    "Business days": "Opening, closing, reports.",
    "Seating": "Parties at the tables, and reservations.",
    "Paper": "Bills, receipts and kitchen tickets.",
}
_MODULES = (
    staff,
    setup,
    floor,
    menu,
    tabs,
    tab_edits,
    tab_status,
    tab_moves,
    tab_payments,
    vouchers,
    days,
    cash,
    reports,
    seating,
    papers,
    receipts,
)


def build_api() -> ContractApi:
    """The application. Its `state` gets `services` before it serves."""
    return ContractApi(
        [module.router for module in _MODULES],
        title="Till API",
        version="1",
        description=_DESCRIPTION,
        tags=_TAGS,
        package="epos.till",
        prefix=PREFIX,
        error=TillError,
    )
