"""Which of Dojo's products a set of capabilities enables, and which sets are probably a mistake.

Dojo documents the smallest set of Pay at Table; the other sets follow from the products' descriptions.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from epos.contract.operation import BOOKINGS, ORDER_AND_PAY, PAY_AT_TABLE, QR_PAY
from epos.contract.operations import OPERATIONS

_EVENT = "HandleEvent:payment_intent.status_updated"
_LEAST: dict[str, frozenset[str]] = {
    PAY_AT_TABLE: frozenset({"SearchOrders", "GetOrderById", "RecordOrderPaymentById"}),
    ORDER_AND_PAY: frozenset({"CreateOrder", "GetOrderById", _EVENT}),
    QR_PAY: frozenset({"SearchTables", "SearchOrders", "GetOrderById", "RecordOrderPaymentById"}),
    BOOKINGS: frozenset(
        name
        for operation in OPERATIONS
        for name in operation.registrable_names
        if operation.tag in {"Areas", "Tables", "Parties", "Reservations"}
    )
    | {"SearchOrders", "GetOrderById"},
}
_LOCKING = frozenset({"CreateOrderLock", "DeleteOrderLock"})
_LOCK_TRIO = _LOCKING | {"ExtendOrderLock"}


@dataclass(frozen=True, slots=True)
class Product:
    """One of Dojo's products, and the capabilities that are missing for it."""

    name: str
    missing: tuple[str, ...]

    @property
    def is_enabled(self) -> bool:
        return not self.missing


def products(names: AbstractSet[str]) -> list[Product]:
    return [Product(name, tuple(sorted(least - names))) for name, least in _LEAST.items()]


def warnings(names: AbstractSet[str]) -> list[str]:
    """What is probably a mistake in a set; it is registered nevertheless."""
    found = []
    if not any(product.is_enabled for product in products(names)):
        found.append("the set enables none of Dojo's products")
    locks = _LOCK_TRIO & names
    if locks and locks != _LOCK_TRIO:
        missing = ", ".join(sorted(_LOCK_TRIO - locks))
        effect = "Dojo locks for longer" if locks == _LOCKING else "Dojo does not lock orders"
        found.append(f"half of the lock trio: {missing} is missing, so {effect}")
    return found
