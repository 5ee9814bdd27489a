"""Every route of the simulated Dojo is described in one way: by a FastAPI router."""

from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from epos.simulator.app import build_app
from epos.simulator.options import Options
from epos.simulator.routes.dojo_route import DojoRoute

_PAGES = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}


def test_every_route_belongs_to_a_router() -> None:
    routes = {
        one.path: one.original_route
        for one in iter_route_contexts(build_app(Options()).routes)
        if one.path not in _PAGES
    }
    assert all(isinstance(one, APIRoute | APIWebSocketRoute) for one in routes.values())
    ours = {path for path, one in routes.items() if not isinstance(one, DojoRoute)}
    assert {path for path in ours if not str(path).startswith("/sim/")} == {"/epos", "/{rest:path}"}


def test_the_documentation_page_shows_the_api_of_dojo() -> None:
    document = build_app(Options()).openapi()
    refund = document["paths"]["/payment-intents/{paymentIntentId}/refunds"]["post"]
    assert {one["name"] for one in refund["parameters"]} == {
        "paymentIntentId",
        "idempotencyKey",
        "version",
        "software-house-id",
        "reseller-id",
    }
    assert set(refund["responses"]) == {"200", "4XX"}
    assert "/{rest:path}" not in document["paths"]
