"""The control API's own document and its page."""

import json
from importlib.resources import files

import httpx
import pytest

from epos.contract.codec import validate
from epos.control import app
from epos.web.route_table import contract_routes
from tests.support.control import Controller
from tests.support.server import CERTIFICATES

EXAMPLES = json.loads((files("epos.control") / "examples.json").read_text("utf-8"))
ROUTES = {route.name: route for _, route, _ in contract_routes(app.build_api(), app.PREFIX)}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_are_what_is_taken_and_answered(name: str) -> None:
    route, example = ROUTES[name], EXAMPLES[name]
    if "request" in example:
        model = route.arguments.body_model
        assert model is not None
        validate(model, example["request"])
    if "answer" in example:
        assert route.response_model is not None
        assert route.response_model.model_validate(example["answer"])


async def test_a_server_shows_the_document(controller: Controller) -> None:
    document = await controller.ok("GET", "/openapi.json")
    assert document == app.build_api().openapi()
    page = await controller.client.get("/docs")
    assert page.status_code == 200
    assert "/test/v1/docs/start.js" in page.text
    async with httpx.AsyncClient(verify=CERTIFICATES) as stranger:
        place = f"{controller.server.base_url}/test/v1/docs"
        assert (await stranger.get(place)).status_code == 401
