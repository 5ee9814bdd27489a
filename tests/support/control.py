"""A server with the control API, and venues that are made through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.schemas import validating_hook
from tests.support.secrets import remember_secret
from tests.support.server import CERTIFICATES, RunningServer, running_server

PASSWORD = remember_secret("a-password-for-testing")
Json = dict[str, Any]


@dataclass
class Controller:
    """Whoever may use the control API of a server."""

    server: RunningServer
    client: httpx.AsyncClient

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a request below /test/v1 that must succeed."""
        response = await self.client.request(method, path, json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def refused(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """The EPOSError of one that must not."""
        response = await self.client.request(method, path, json=body)
        assert response.status_code == status, response.text
        error = response.json()
        assert error["traceId"] == response.headers["x-trace-id"]
        return error

    @asynccontextmanager
    async def venue(self, **form: Any) -> AsyncIterator["MadeVenue"]:
        """A venue of the control API, until the block ends."""
        made = await self.ok("POST", "/venues", {"kind": "demo"} | form)
        logins = made["credentials"]
        for login in logins.values():
            remember_secret(login["password"])
        async with (
            _client(self.server, logins["dojo"]) as dojo,
            _client(self.server, logins["till"]) as till,
            _client(self.server, logins["admin"]) as admin,
        ):
            yield MadeVenue(made["venueId"], logins, self, dojo, till, admin)
        await self.client.delete(f"/venues/{made['venueId']}")


@dataclass
class MadeVenue:
    """A test venue, with a client of each role; their answers are held against the documents."""

    id: str
    logins: Json
    controller: Controller
    dojo: httpx.AsyncClient
    till: httpx.AsyncClient
    admin: httpx.AsyncClient

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        return await self.controller.ok(method, f"/venues/{self.id}/{path}", body)

    async def orders(self, **wish: Any) -> list[Json]:
        """What is there to pay."""
        body = {"payableOnly": True, "cursor": {"limit": 100}} | wish
        response = await self.dojo.post("/v1/orders/search", json=body)
        assert response.status_code == 200, response.text
        found: list[Json] = response.json()["data"]
        return found

    async def order(self, order_id: str) -> Json:
        response = await self.dojo.get(f"/v1/orders/{order_id}")
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    async def pay(self, order: Json, intent: str = "pi_1", **headers: str) -> httpx.Response:
        """Record a payment of all that is left."""
        left = order["totalAmount"]["value"] - order["paidAmount"]["value"]
        amount = {"value": left, "currencyCode": order["totalAmount"]["currencyCode"]}
        body = {"paymentIntentId": intent, "paidAmount": amount}
        path = f"/v1/orders/{order['id']}/record-payment"
        return await self.dojo.post(path, json=body, headers=headers)


def _client(server: RunningServer, login: Json) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=server.base_url,
        auth=(login["username"], login["password"]),
        timeout=30,
        verify=CERTIFICATES,
        event_hooks={"response": [validating_hook()]},
    )


@asynccontextmanager
async def running_controller(
    database_url: str | None, log: Path, **more: str
) -> AsyncIterator[Controller]:
    """A server that is there for tests."""
    async with (
        running_server(
            database_url,
            log,
            port=None,
            prefix=(),
            testing="true",
            testing_password=PASSWORD,
            **more,
        ) as server,
        httpx.AsyncClient(
            base_url=f"{server.base_url}/test/v1",
            auth=("testing", PASSWORD),
            timeout=30,
            verify=CERTIFICATES,
        ) as client,
    ):
        yield Controller(server, client)
