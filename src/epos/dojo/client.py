"""The client of Dojo's API, as far as an EPOS needs it."""

import asyncio
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from epos.dojo.models import Integrations, PaymentIntent, capabilities
from epos.domain.dojo import Access, Entity

VERSION = "2026-02-27"
_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024
_AWAY = frozenset({401, 403, 408, 425, 429})
_KINDS = {
    Entity.ORDER: ("OrderUpdated", "orderId"),
    Entity.PARTY: ("PartyUpdated", "partyId"),
    Entity.RESERVATION: ("ReservationUpdated", "reservationId"),
}
T = TypeVar("T", bound=BaseModel)


class DojoError(Exception):
    """Dojo did not do what was asked. The message contains no key and no content."""


class DojoAway(DojoError):
    """Dojo cannot be reached, or serves no request of ours now: any other request would fail as well."""


class DojoRefused(DojoError):
    """Dojo refuses this request; another one may succeed."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Dojo answered {status}")
        self.status = status


class DojoClient:
    """The requests of one venue. The key is sent after `Basic ` as it is, not in base64."""

    def __init__(
        self,
        access: Access,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        seconds: float = _SECONDS,
    ) -> None:
        """`seconds`: the time limit of one call, to the end of its answer."""
        self._seconds = seconds
        link = access.link
        headers = {
            "Authorization": f"Basic {access.api_key}",
            "version": VERSION,
            "software-house-id": link.software_house_id,
        }
        if link.reseller_id:
            headers["reseller-id"] = link.reseller_id
        self._http = httpx.AsyncClient(
            base_url=link.api_url, headers=headers, timeout=seconds, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def announce(self, entity: Entity, entity_id: str) -> None:
        """Tell Dojo that something has changed; Dojo then reads it."""
        kind, key = _KINDS[entity]
        await self._call("POST", "/epos/events", {"eventType": kind, "event": {key: entity_id}})

    async def integrations(self) -> Integrations:
        """What Dojo has registered for this account."""
        return _read(Integrations, await self._call("GET", "/epos/integrations"))

    async def register_websocket(self, names: list[str]) -> None:
        await self._put("ws", {"capabilities": capabilities(names)})

    async def register_rest(self, names: list[str], url: str, username: str, password: str) -> None:
        basic = {"username": username, "password": password}
        auth = {"authType": "basic", "basic": basic}
        await self._put("rest", {"url": url, "capabilities": capabilities(names), "auth": auth})

    async def payment_intent(self, intent_id: str) -> PaymentIntent | None:
        """None for an intent that Dojo does not know."""
        if not intent_id.strip("."):
            return None  # a path of dots would be another path
        try:
            content = await self._call("GET", f"/payment-intents/{quote(intent_id, safe='')}")
        except DojoRefused as error:
            if error.status == 404:
                return None
            raise
        return _read(PaymentIntent, content)

    async def _put(self, transport: str, body: dict[str, Any]) -> None:
        await self._call("PUT", f"/epos/integrations/{transport}", body)

    async def _call(self, method: str, path: str, body: Any = None) -> bytes:
        """The answer's content. Raises DojoAway or DojoRefused."""
        try:
            # httpx's own limit starts again with every few bytes that arrive.
            async with (
                asyncio.timeout(self._seconds),
                self._http.stream(method, path, json=body) as response,
            ):
                content = await _content(response)
        except (httpx.HTTPError, TimeoutError) as error:
            raise DojoAway(f"Dojo does not answer ({type(error).__name__})") from None
        if response.is_success:
            return content
        if response.status_code in _AWAY or response.status_code >= 500:
            raise DojoAway(f"Dojo answered {response.status_code}")
        raise DojoRefused(response.status_code)


async def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise DojoAway("Dojo's answer is too large")
    return bytes(content)


def _read(model: type[T], content: bytes) -> T:
    try:
        return model.model_validate_json(content)
    except ValidationError:
        raise DojoAway("Dojo's answer cannot be read") from None
