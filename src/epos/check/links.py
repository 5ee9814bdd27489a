"""How the checker reaches the EPOS: over REST, or over the WebSocket that the EPOS has opened."""

import asyncio
import json
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from epos.check.exchanges import REST, WEBSOCKET, Json, Received
from epos.simulator.calls import EposCall, Silence
from epos.simulator.connections import EposSocket

_KEPT_HEADERS = {"content-type", "allow", "www-authenticate", "retry-after", "x-trace-id"}


class Link(Protocol):
    """One way to an EPOS."""

    transport: str

    def form(self, call: EposCall) -> Json:
        """The request as it will be sent."""
        ...

    async def send(self, sent: Json, seconds: float) -> Received:
        """Send what `form` made, or something like it."""
        ...


class RestLink:
    """Calls the EPOS over HTTP."""

    transport = REST

    def __init__(self, http: httpx.AsyncClient, url: str, username: str, password: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._auth = (username, password)

    def form(self, call: EposCall) -> Json:
        path = call.operation.path
        for name, value in call.ids.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        sent: Json = {"method": call.operation.http_method, "path": path}
        sent["headers"] = call.requester.rest_headers
        return sent if call.body is None else sent | {"body": call.body}

    async def send(self, sent: Json, seconds: float) -> Received:
        """`text` is a body that is no JSON. `credentials`: None for none, "wrong" for wrong ones."""
        headers = dict(sent.get("headers", {}))
        content = sent.get("text")
        if "body" in sent:
            content = json.dumps(sent["body"])
        if content is not None:
            headers.setdefault("content-type", "application/json")
        auth: Any = self._auth
        if "credentials" in sent:
            auth = None if sent["credentials"] is None else (self._auth[0], "not-the-password")
        request = self._http.request(
            sent["method"], self._url + sent["path"], content=content, headers=headers, auth=auth
        )
        try:
            response = await asyncio.wait_for(request, seconds)
        except TimeoutError:
            return Received(silence=f"no answer within {seconds:g} s")
        except httpx.HTTPError as error:
            return Received(silence=f"no connection: {type(error).__name__}")
        return _read(response)


def _read(response: httpx.Response) -> Received:
    headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
    try:
        body = response.json() if response.content else None
    except ValueError:
        return Received(response.status_code, headers, text=response.text[:10_000])
    return Received(response.status_code, headers, body)


class SocketLink:
    """Calls the EPOS on its own connection, as Dojo does."""

    transport = WEBSOCKET

    def __init__(self, socket: EposSocket) -> None:
        self._socket = socket

    def form(self, call: EposCall) -> Json:
        return {
            "jsonrpc": "2.0",
            "id": call.id,
            "method": call.operation.websocket_method,
            "params": call.params,
        }

    async def send(self, sent: Json, seconds: float) -> Received:
        try:
            return Received(body=await self._socket.ask(sent, seconds))
        except Silence as silence:
            return Received(silence=str(silence))
