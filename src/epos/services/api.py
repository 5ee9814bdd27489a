"""Which call answers which operation: one table, read by every door."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from epos.contract.base import is_id
from epos.domain.errors import NotFound
from epos.domain.requester import Requester
from epos.services.areas import Areas
from epos.services.bills import Bills
from epos.services.events import Events
from epos.services.order_locks import OrderLocks
from epos.services.orders import Orders
from epos.services.parties import Parties
from epos.services.payments import Payments
from epos.services.reservations import Reservations
from epos.services.tables import Tables

Answer = BaseModel | Sequence[BaseModel] | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, whatever door it came through. `ids` are named as in the published paths."""

    requester: Requester
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)


def check_ids(ids: Mapping[str, str]) -> None:
    """Raises NotFound for an id that cannot exist: PostgreSQL, for one, holds no NUL."""
    if not all(map(is_id, ids.values())):
        raise NotFound("What the request names")


@dataclass(frozen=True, slots=True)
class Services:
    areas: Areas
    tables: Tables
    orders: Orders
    parties: Parties
    reservations: Reservations
    events: Events
    payments: Payments
    locks: OrderLocks
    bills: Bills


def calls(services: Services) -> dict[str, Callable[[Call], Awaitable[Answer]]]:
    """The implementation of each capability that this server has."""
    areas, tables, orders = services.areas, services.tables, services.orders
    parties, reservations, locks = services.parties, services.reservations, services.locks
    return {
        "ListAreas": lambda call: areas.list(call.requester),
        "SearchTables": lambda call: tables.search(call.body, call.requester),
        "SearchOrders": lambda call: orders.search(call.body, call.requester),
        "GetOrderById": lambda call: orders.get(call.ids["orderId"], call.requester),
        "CreateOrder": lambda call: orders.create(call.body, call.requester),
        "CancelOrderById": lambda call: orders.cancel(call.ids["orderId"], call.requester),
        "GetOrderBillById": lambda call: services.bills.get(call.ids["orderId"], call.requester),
        "CreateOrderLock": lambda call: locks.create(
            call.ids["orderId"], call.body, call.requester
        ),
        "ExtendOrderLock": lambda call: locks.extend(
            call.ids["orderId"], call.ids["lockId"], call.body, call.requester
        ),
        "DeleteOrderLock": lambda call: locks.release(
            call.ids["orderId"], call.ids["lockId"], call.requester
        ),
        "RecordOrderPaymentById": lambda call: services.payments.record(
            call.ids["orderId"], call.body, call.requester
        ),
        "SearchParties": lambda call: parties.search(call.body, call.requester),
        "GetPartyById": lambda call: parties.get(call.ids["partyId"], call.requester),
        "CreateParty": lambda call: parties.create(call.body, call.requester),
        "UpdateParty": lambda call: parties.update(call.ids["partyId"], call.body, call.requester),
        "DeletePartyById": lambda call: parties.delete(call.ids["partyId"], call.requester),
        "SearchReservations": lambda call: reservations.search(call.body, call.requester),
        "GetReservationById": lambda call: reservations.get(
            call.ids["reservationId"], call.requester
        ),
        "CreateReservation": lambda call: reservations.create(call.body, call.requester),
        "UpdateReservation": lambda call: reservations.update(
            call.ids["reservationId"], call.body, call.requester
        ),
        "DeleteReservationById": lambda call: reservations.delete(
            call.ids["reservationId"], call.requester
        ),
        "HandleEvent": lambda call: services.events.handle(call.body, call.requester),
    }
