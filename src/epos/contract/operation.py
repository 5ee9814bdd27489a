"""What is known of one operation of the API."""

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
    """One operation, in the words of both doors."""

    capability: str
    """The newest spelling of the name that is registered with Dojo."""
    http_method: str
    path: str
    response: Any
    """A model, `list[model]`, or None for an answer without content; as REST answers it."""
    summary: str
    tag: str
    operation_id: str
    products: frozenset[str]
    """The Dojo products that use it."""
    request: type[Any] | None = None
    older_names: tuple[str, ...] = ()
    """Spellings of the capability that Dojo still accepts."""
    events: tuple[str, ...] = ()
    """The kinds of event that are registered one by one, each as a capability of its own."""
    websocket_id: str = ""
    """The name of the path parameter in `params`, where it is not the path's own name."""
    version: str = "v1"

    @property
    def websocket_method(self) -> str:
        """`GetOrderByIdV1`."""
        return self.capability + self.version.upper()

    @property
    def registrable_names(self) -> tuple[str, ...]:
        """What is registered with Dojo: the capability, or one name for each event."""
        events = tuple(f"{self.capability}:{event}" for event in self.events)
        return events or (self.capability,)

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling by which a registration may name this operation."""
        names = (self.capability, *self.older_names, *self.registrable_names)
        return tuple(dict.fromkeys(names))

    @property
    def path_parameters(self) -> tuple[str, ...]:
        """`("orderId", "lockId")`, in the order of the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def websocket_parameters(self) -> dict[str, str]:
        """Path parameter to the name it has in the `params` of the WebSocket method."""
        return {name: self.websocket_id or name for name in self.path_parameters}
