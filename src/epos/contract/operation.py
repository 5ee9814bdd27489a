"""The description of one operation of the EPOS Data API."""

import re
from dataclasses import dataclass
from typing import Any

BOOKINGS = "Bookings"
ORDER_AND_PAY = "Order & Pay"
PAY_AT_TABLE = "Pay at Table"
QR_PAY = "QR Pay"
ALL_PRODUCTS = frozenset({BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as HTTP and WebSocket name it."""

    capability: str
    """The name that is registered with Dojo, in its newest spelling."""
    http_method: str
    path: str
    response: Any
    """The answer over HTTP: a model, `list[model]`, or None for an empty body."""
    summary: str
    tag: str
    operation_id: str
    products: frozenset[str]
    """The Dojo products that use it."""
    request: type[Any] | None = None
    older_names: tuple[str, ...] = ()
    """Older spellings of the capability, which Dojo still accepts."""
    events: tuple[str, ...] = ()
    """The event types. Each is registered as a capability of its own."""
    websocket_id: str = ""
    """The name of the path parameter in `params`, if it differs from the name in the path."""
    version: str = "v1"

    @property
    def websocket_method(self) -> str:
        """`GetOrderByIdV1`."""
        return self.capability + self.version.upper()

    @property
    def registrable_names(self) -> tuple[str, ...]:
        """The names to register with Dojo: the capability, or one name for each event type."""
        events = tuple(f"{self.capability}:{event}" for event in self.events)
        return events or (self.capability,)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a registration may mean this operation."""
        names = (self.capability, *self.older_names, *self.registrable_names)
        return tuple(dict.fromkeys(names))

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """`("orderId", "lockId")`, in the order of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def websocket_parameters(self) -> dict[str, str]:
        """For each path parameter, its name in the `params` of the WebSocket method."""
        return {name: self.websocket_id or name for name in self.path_parameters}
