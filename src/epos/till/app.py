"""The till's API over HTTP: all its operations, one module for each group of them."""

from epos.services.till.api import TillServices
from epos.till import days, floor, menu, papers, seating, setup, staff, tab_life, tab_payments, tabs
from epos.till.operation import TillOperation
from epos.web.routes import Endpoint


def operations(services: TillServices) -> list[TillOperation]:
    """In the order of the document; a literal path stands before one with a parameter in its place."""
    return [
        *staff.operations(services),
        *setup.operations(services),
        *floor.operations(services),
        *menu.operations(services),
        *tabs.operations(services),
        *tab_life.operations(services),
        *tab_payments.operations(services),
        *days.operations(services),
        *seating.operations(services),
        *papers.operations(services),
    ]


def endpoints(services: TillServices) -> list[Endpoint]:
    return [operation.endpoint for operation in operations(services)]
