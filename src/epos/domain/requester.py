"""Who asks: what the access rules, the audit trail and the log read."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Requester:
    """The sender of one request, over whichever door.

    `credential` names the credential that was used; it belongs to the venue. The fields of
    REQUESTER_HEADERS are None when they were not sent; without `waiter_id` no access rule applies.
    """

    venue_id: str
    credential: str
    trace_id: str
    waiter_id: str | None = None
    product: str | None = None
    device_id: str | None = None
    device_type: str | None = None

    def or_waiter(self, waiter_id: str | None) -> "Requester":
        """This requester; with `waiter_id` where the header names no waiter."""
        if self.waiter_id is not None or waiter_id is None:
            return self
        return replace(self, waiter_id=waiter_id)


@dataclass(frozen=True, slots=True)
class RequesterHeader:
    """How the sender names a field of Requester."""

    field: str
    http: str
    """The HTTP header, in lower case."""
    websocket: str
    """The member of `headers` in the params of a WebSocket method."""


REQUESTER_HEADERS = (
    RequesterHeader("waiter_id", "waiter-id", "waiterId"),
    RequesterHeader("product", "dojo-requesting-product", "dojoRequestingProduct"),
    RequesterHeader("device_id", "device-id", "deviceId"),
    RequesterHeader("device_type", "device-type", "deviceType"),
)
