"""`TillRoute`: an operation of the till, whose writes can be sent again under a key."""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import Response
from pydantic import BaseModel
from starlette.types import Scope

from epos.domain.requester import Requester
from epos.services.till.keys import KeyedWrite, fingerprint_of
from epos.till_contract.base import KeyedRequest
from epos.web.contract_route import ContractRoute, Endpoint, refusals, unknown_parameter


class TillRoute(ContractRoute):
    """Any of its writes can be a Conflict: of a key that was used with other content."""

    def __init__(self, path: str, endpoint: Endpoint, **declared: Any) -> None:
        if declared["methods"] != ["GET"]:
            declared["responses"] = refusals(409) | (declared.get("responses") or {})
        super().__init__(path, endpoint, **declared)

    async def carry_out(self, found: dict[str, Any], scope: Scope) -> bytes | Response:
        """Answer a request with a key that was answered before as it was answered then.

        Raises InvalidRequest for a waiter whom the venue does not have, and for a query where there is
        none.
        """
        self._check_query(scope["query_string"])
        state, services = scope["state"], scope["app"].state.services
        requester: Requester = state["requester"]
        await services.staff.check_waiter(requester, afresh=scope["method"] != "GET")
        body = found.get(self.arguments.body)
        key = body.key if isinstance(body, KeyedRequest) else None
        if body is None or key is None:
            return await super().carry_out(found, scope)
        asked = self._asked(found) | _sender(requester)
        fingerprint = await fingerprint_of(key, self.name, asked, body)
        write = KeyedWrite(key, self.name, fingerprint)

        async def once() -> Any:
            return await self.endpoint(**found)

        answer: bytes = await services.keys.once(write, requester, once)
        return answer

    def _check_query(self, query: bytes) -> None:
        if query and not self.arguments.query:
            for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
                raise unknown_parameter(name)

    def _asked(self, found: dict[str, Any]) -> dict[str, Any]:
        """What the path and the query of a request say."""
        asked: dict[str, Any] = {name: found[name] for name in self.arguments.ids}
        query = found.get(self.arguments.query)
        if isinstance(query, BaseModel):
            asked["query"] = query.model_dump(exclude_none=True)
        return asked


def _sender(requester: Requester) -> dict[str, Any]:
    """Who sends a request: two tills may come upon the same key."""
    return {"sender": [requester.device_id, requester.waiter_id]}
