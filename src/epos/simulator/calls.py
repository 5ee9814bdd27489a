"""A call to the EPOS, and what came of it; the same over both transports."""

from dataclasses import dataclass, field
from typing import Any

from epos.contract.errors import EPOSErrorType
from epos.contract.operations import Operation

Json = dict[str, Any]


class Silence(Exception):
    """No answer came; the message says why."""


@dataclass(frozen=True, slots=True)
class RequesterHeaders:
    """On whose behalf Dojo calls, as far as it is known."""

    product: str | None = None
    waiter_id: str | None = None
    device_id: str | None = None
    device_type: str | None = None

    @property
    def rest_headers(self) -> dict[str, str]:
        return _known(
            {
                "waiter-id": self.waiter_id,
                "dojo-requesting-product": self.product,
                "device-id": self.device_id,
                "device-type": self.device_type,
            }
        )

    @property
    def socket_headers(self) -> dict[str, str]:
        return _known(
            {
                "waiterId": self.waiter_id,
                "dojoRequestingProduct": self.product,
                "deviceId": self.device_id,
                "deviceType": self.device_type,
            }
        )


def _known(headers: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value}


@dataclass(frozen=True, slots=True)
class EposCall:
    """One call; `id` is new for every attempt."""

    id: str
    capability: str
    operation: Operation
    ids: dict[str, str]
    body: Json | None
    requester: RequesterHeaders

    @property
    def params(self) -> Json:
        """All of it as the WebSocket method takes it."""
        names = self.operation.websocket_parameters
        ids = {names[name]: value for name, value in self.ids.items()}
        return {**(self.body or {}), **ids, "headers": self.requester.socket_headers}


@dataclass(slots=True)
class Reply:
    """An answer, or an error, or neither: then `silence` says why."""

    answer: Any = None
    error: Json | None = None
    silence: str | None = None
    status: int | None = None
    violations: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.error is None and self.silence is None

    @property
    def is_refusal(self) -> bool:
        """A definite no: asking again would not help."""
        return self.error is not None and self.kind != EPOSErrorType.UnexpectedError

    @property
    def kind(self) -> str | None:
        return None if self.error is None else str(self.error.get("errorType"))

    @property
    def words(self) -> str:
        """For the steps of a flow."""
        if self.error is not None:
            return f"{self.kind}: {self.error.get('debugMessage', '')}"
        return self.silence or "ok"
