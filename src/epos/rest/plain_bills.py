"""The whole bill as plain text, for people: for whoever asks for `text/plain` before JSON.

It is no part of the contract. Any other request, and one that takes both alike, gets the operation.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from epos.contract.base import is_id
from epos.domain.credentials import Role
from epos.services.bills import Bills
from epos.web.replies import Document, reply_document

_PATH = re.compile(r"/v1/orders/([^/]+)/bill")
_TEXT = "text/plain; charset=utf-8"


class PlainBills:
    def __init__(self, api: ASGIApp, bills: Bills) -> None:
        self._api = api
        self._bills = bills

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "GET" or not scope["path"].endswith("/bill"):
            await self._api(scope, receive, send)
            return
        match = _PATH.fullmatch(scope["path"])
        opens = scope["state"]["principal"].role is Role.DOJO
        if match is None or not opens or not is_id(match[1]) or not _prefers_text(scope["headers"]):
            await self._api(scope, receive, send)
            return
        scope["state"]["capability"] = "GetOrderBillById"
        text = await self._bills.text(match[1], scope["state"]["requester"])
        await reply_document(send, Document(_TEXT, text.encode()))


def _prefers_text(headers: list[tuple[bytes, bytes]]) -> bool:
    accepted = ",".join(value.decode("latin-1") for name, value in headers if name == b"accept")
    return _weight(accepted, "text/plain") > _weight(accepted, "application/json", "*/*")


def _weight(accepted: str, *kinds: str) -> float:
    """The highest weight that one of the kinds has by name; 0 for those that are not named."""
    weights = [0.0]
    for entry in accepted.lower().split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        if kind in kinds:
            weights.append(_quality(parameters))
    return max(weights)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value) else 0.0
    return 1.0
