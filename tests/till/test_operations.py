"""What holds for every operation of the till's API, whatever it does."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from epos.domain.credentials import Role
from epos.till import app
from epos.web.contract_route import ContractRoute
from epos.web.route_table import contract_routes
from tests.api.generated.engine import Plan, generated_requests
from tests.api.generated.excuses import Finding
from tests.support.server import RunningServer
from tests.support.venues import SECRET, Venue, client_at


@dataclass(frozen=True)
class Operation:
    """One route of the till's API."""

    path: str
    route: ContractRoute

    @property
    def method(self) -> str:
        return next(iter(self.route.methods or ()))

    @property
    def roles(self) -> frozenset[Role]:
        return self.route.arguments.roles


OPERATIONS = [
    Operation(path, route) for path, route, _ in contract_routes(app.build_api(), app.PREFIX)
]
each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda known: known.route.name
)
Json = dict[str, Any]
AT_RANDOM = Plan("all", ("coverage", "fuzzing"), most=5)
# What a wrong request is refused with is told by the tests of its operation.
NOT_ASKED = {
    "negative_data_rejection": "a null counts as absent, as in the contract",
    "unsupported_method": "`Allow` of a 405 is the business of tests/api/test_errors.py",
    "use_after_free": "a cancelled tab and a removed table can still be read where they were used",
}


def path_of(operation: Operation) -> str:
    return re.sub(r"{\w+}", "nobody", operation.path)


async def call(speaker: Venue, operation: Operation) -> httpx.Response:
    body: dict[str, Any] | None = {} if operation.route.arguments.body else None
    return await speaker.call(operation.method, path_of(operation), body)


def test_names_are_unique() -> None:
    assert len({operation.route.name for operation in OPERATIONS}) == len(OPERATIONS)


@each_operation
async def test_its_roles_open_it_and_no_other(operation: Operation, venue: Venue) -> None:
    speakers = {Role.DOJO: venue, Role.TILL: venue.till, Role.ADMIN: venue.admin}
    for role, speaker in speakers.items():
        status = (await call(speaker, operation)).status_code
        if role in operation.roles:
            assert status not in (401, 403, 405), role
        else:
            assert status == 403, role


@each_operation
async def test_nobody_opens_it(operation: Operation, quiet_venue: Venue) -> None:
    async with client_at(quiet_venue.target) as nobody:
        answer = await nobody.request(operation.method, path_of(operation))
    assert answer.status_code == 401
    assert answer.json()["errorType"] == "InvalidRequest"


def asking(operation: Operation) -> Role:
    """Who sends it at random: a till what it may, the rest who sets the venue up."""
    return Role.TILL if Role.TILL in operation.roles else Role.ADMIN


def excuse(finding: Finding) -> str | None:
    return NOT_ASKED.get(finding.check)


def document_of(operations: list[Operation]) -> Json:
    """The document with these operations alone."""
    document: Json = app.build_api().openapi()
    paths: Json = {}
    for operation in operations:
        method = operation.method.lower()
        described = document["paths"][operation.path][method]
        paths.setdefault(operation.path, {})[method] = described
    return document | {"paths": paths}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", [Role.TILL, Role.ADMIN])
async def test_requests_at_random(role: Role, server: RunningServer, venue: Venue) -> None:
    """No server error, and every answer is one that the document promises."""
    own = [operation for operation in OPERATIONS if role == asking(operation)]
    document, user = document_of(own), (f"{venue.id}.{role}", SECRET)
    run = await asyncio.to_thread(
        generated_requests, document, server.base_url, user, AT_RANDOM, excuse
    )
    assert not run.findings, f"{len(run.findings)}\n" + "\n\n".join(run.findings[:10])
    sent = {operation for operation, _ in run.statuses}
    assert sent == {f"{known.method} {known.path}" for known in own}
