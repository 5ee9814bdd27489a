"""Calls to the EPOS over REST, at the registered address with the registered credentials."""

import asyncio
from json import JSONDecodeError
from typing import Any
from urllib.parse import quote

import httpx

from epos.simulator.calls import Call, Reply, Silence
from epos.simulator.checks import error_violations
from epos.simulator.integrations import Integrations

_CUT_SECONDS = 0.03
_KINDS = {400: "InvalidRequest", 401: "InvalidRequest", 404: "NotFound", 409: "Conflict"}


class RestDoor:
    """One account's REST integration."""

    def __init__(self, http: httpx.AsyncClient, integrations: Integrations) -> None:
        self._http = http
        self._integrations = integrations

    async def ask(self, call: Call, seconds: float, *, cut: bool = False) -> Reply:
        """Raises Silence. `cut` ends the connection before the answer can have been read."""
        request = asyncio.ensure_future(self._send(call))
        try:
            response = await asyncio.wait_for(request, _CUT_SECONDS if cut else seconds)
        except TimeoutError:
            raise Silence("the connection was cut" if cut else "timed out") from None
        except httpx.HTTPError as error:
            raise Silence(f"no connection: {type(error).__name__}") from None
        if cut:
            raise Silence("the connection was cut")
        return _read(response)

    async def _send(self, call: Call) -> httpx.Response:
        path = call.operation.path
        for name, value in call.ids.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        auth = self._integrations.auth
        return await self._http.request(
            call.operation.http_method,
            self._integrations.url + path,
            json=call.body,
            headers=call.asker.rest_headers,
            auth=(auth.username, auth.password),
        )


def _read(response: httpx.Response) -> Reply:
    status = response.status_code
    answer, violations = _content(response)
    if response.is_success:
        violations += [] if status == 200 else [f"status {status}: 200 is the success"]
        return Reply(answer=answer, status=status, violations=violations)
    violations += error_violations(answer, status)
    if not isinstance(answer, dict) or "errorType" not in answer:
        answer = {"errorType": _KINDS.get(status, "UnexpectedError")}
    return Reply(error=answer, status=status, violations=violations)


def _content(response: httpx.Response) -> tuple[Any, list[str]]:
    if not response.content:
        return None, []
    kind = response.headers.get("content-type", "")
    violations = [] if kind.startswith("application/json") else ["content-type: is not JSON"]
    try:
        return response.json(), violations
    except (JSONDecodeError, UnicodeDecodeError):
        return None, [*violations, "the body: is not JSON"]
