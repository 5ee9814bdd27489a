"""The EPOS Data API over HTTP: its routers as one FastAPI application."""

from epos.contract.operations import OPERATIONS, Operation
from epos.rest import (
    areas,
    bills,
    events,
    order_locks,
    orders,
    parties,
    payments,
    reservations,
    tables,
)
from epos.web.application import ContractApi, Lifespan
from epos.web.contract_route import ContractRoute

_DESCRIPTION = (
    "Dojo's EPOS Data API as this server serves it: what it accepts in requests and what it answers. "
    "Optional properties may be null in requests, which counts as absent; answers leave them out."
)
_TAGS = {
    "Areas": "The physical areas of the venue.",
    "Tables": "The tables of the venue and where they stand.",
    "Orders": "Orders, their locks, payments and bills.",
    "Parties": "Guests who sit at tables now.",
    "Reservations": "Guests who are expected.",
    "Events": "What Dojo tells us about payments.",
}
_MODULES = (areas, tables, orders, order_locks, bills, payments, parties, reservations, events)


def build_api(lifespan: Lifespan | None = None) -> ContractApi:
    """The application. Its `state` gets `services` and `tables_as_array` before it serves."""
    return ContractApi(
        [module.router for module in _MODULES],
        title="EPOS Data API (REST)",
        version="1.0",
        description=_DESCRIPTION,
        tags=_TAGS,
        descriptions={one.operation_id: describe(one) for one in OPERATIONS},
        package="epos.rest",
        lifespan=lifespan,
    )


def operations() -> dict[str, ContractRoute]:
    """The route of each capability: every door runs its endpoint."""
    routes = (route for module in _MODULES for route in module.router.routes)
    return {route.name: route for route in routes if isinstance(route, ContractRoute)}


def describe(operation: Operation) -> str:
    """The names by which the operation is registered with Dojo."""
    names = " or ".join(f"`{name}`" for name in operation.registrable_names)
    older = ", ".join(f"`{name}`" for name in operation.older_names)
    description = f"Capability: {names}"
    return f"{description} (older spelling: {older})." if older else f"{description}."
