"""Every operation is a route of the FastAPI application, described once."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Header
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from epos.contract.operations import OPERATIONS
from epos.main import build_api, websocket_handlers
from epos.rest import app as rest
from epos.till import app as till
from epos.web.contract_route import ContractRoute
from epos.web.requester import DojoRequester
from epos.web.route_table import RouteTable, contract_routes

Json = dict[str, Any]
SERVED = {
    (method, path): route
    for path, route, _ in contract_routes(build_api())
    for method in route.methods or ()
}


@pytest.mark.parametrize("document", [rest.build_api().openapi(), till.build_api().openapi()])
def test_every_operation_of_a_document_is_a_route(document: Json) -> None:
    described = {
        (method.upper(), path): operation["operationId"]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert described
    found = {place: SERVED[place] for place in described}
    assert {place: route.operation_id or route.name for place, route in found.items()} == described


@pytest.mark.parametrize(
    ("path", "route", "ids"),
    [
        ("/v1/orders/search", "SearchOrders", {}),
        ("/v1/orders/search/record-payment", "RecordOrderPaymentById", {"orderId": "search"}),
        ("/v1/orders/a%2Fb/lock", "CreateOrderLock", {"orderId": "a/b"}),
        ("/till/v1/days/open", "open-day", {}),
        ("/till/v1/days/open/close", "close-day", {"day": "open"}),
    ],
)
def test_an_id_may_have_the_text_of_a_literal_part(path: str, route: str, ids: Json) -> None:
    scope = {"raw_path": path.encode(), "path": path}
    place, found = RouteTable(build_api())._find(scope)
    assert place is not None
    assert found == ids
    assert place.methods["POST"][0].name == route


@pytest.mark.parametrize("path", ["/v1/orders/", "/v1/orders//lock", "/v1/orders/search/search"])
def test_a_path_that_leads_nowhere(path: str) -> None:
    scope = {"raw_path": path.encode(), "path": path}
    assert RouteTable(build_api())._find(scope) == (None, {})


def walked(app: FastAPI, prefix: str = "") -> Iterator[tuple[str, str]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, ContractRoute):
            yield from ((method, prefix + (context.path or "")) for method in route.methods or ())
        elif isinstance(route, Mount) and isinstance(route.app, FastAPI):
            yield from walked(route.app, prefix + route.path)


def test_the_table_has_the_routes_of_the_application() -> None:
    assert set(walked(build_api())) == SERVED.keys()


def test_every_route_is_in_a_document() -> None:
    documents = [rest.build_api().openapi(), till.build_api().openapi()]
    described = {path for document in documents for path in document["paths"]}
    assert {path for _, path in SERVED} == described | {"/healthz", "/readyz"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda known: known.capability)
def test_the_routers_are_what_the_registry_says(operation: Any) -> None:
    route = SERVED[operation.http_method, operation.path]
    assert route.name == operation.capability
    assert route.operation_id == operation.operation_id
    assert (route.summary, route.tags) == (operation.summary, [operation.tag])
    assert route.response_model == operation.response
    assert route.arguments.ids == operation.path_parameters
    sent = route.arguments.body_model if route.arguments.body else None
    assert sent is operation.request


def test_the_registry_and_both_doors_have_the_same_operations() -> None:
    known = {operation.capability for operation in OPERATIONS}
    assert rest.operations().keys() == known
    services: Any = None
    assert websocket_handlers(services).keys() == known


async def header(requester: DojoRequester, color: Annotated[str, Header()]) -> None: ...
async def plain(requester: DojoRequester, color: str) -> None: ...


@pytest.mark.parametrize("endpoint", [header, plain])
def test_a_parameter_that_a_route_does_not_know_is_a_clear_error(endpoint: Any) -> None:
    router = APIRouter(route_class=ContractRoute)
    with pytest.raises(TypeError, match=rf"{endpoint.__name__}: .* parameter like 'color'"):
        router.get("/somewhere")(endpoint)
