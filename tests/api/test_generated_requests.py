"""Schemathesis against the running server: at random, and among things that exist."""

import asyncio
from typing import Any

import pytest

from tests.api.generated.engine import Plan, Run, generated_requests
from tests.api.generated.excuses import Excuses
from tests.api.generated.narrowing import narrowed
from tests.api.generated.stage import set_stage
from tests.support.schemas import exported_document, published_document
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue

Json = dict[str, Any]
DOCUMENTS = ["exported", pytest.param("published", marks=pytest.mark.published)]
AT_RANDOM = Plan("all", ("examples", "coverage", "fuzzing"), most=10)
AMONG_THINGS = Plan("positive", ("coverage", "fuzzing", "stateful"), most=8)


def operations(document: Json) -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }


@pytest.fixture
def document(request: pytest.FixtureRequest) -> Json:
    """One of DOCUMENTS."""
    document = exported_document() if request.param == "exported" else published_document()
    assert document is not None
    return document


async def generate(document: Json, server: RunningServer, venue: Venue, plan: Plan) -> Run:
    user = (f"{venue.id}.dojo", SECRET)
    excuses = Excuses(exported_document())
    return await asyncio.to_thread(
        generated_requests, document, server.base_url, user, plan, excuses
    )


def report(findings: list[str]) -> str:
    return f"{len(findings)} findings, the first are\n" + "\n\n".join(findings[:10])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("document", DOCUMENTS, indirect=True)
async def test_at_random(document: Json, server: RunningServer, venue: Venue) -> None:
    run = await generate(document, server, venue, AT_RANDOM)
    assert not run.findings, report(run.findings)
    assert {operation for operation, _ in run.statuses} == operations(document)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("document", DOCUMENTS, indirect=True)
async def test_among_things_that_exist(document: Json, server: RunningServer, venue: Venue) -> None:
    narrow = narrowed(document, await set_stage(venue))
    run = await generate(narrow, server, venue, AMONG_THINGS)
    assert not run.findings, report(run.findings)
    assert run.answered(200) == operations(document)
