"""The services that the EPOS Data API calls, and what every door asks of a request first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from epos.contract.base import is_id
from epos.domain.errors import NotFound
from epos.services.areas import Areas
from epos.services.bills import Bills
from epos.services.events import Events
from epos.services.order_locks import OrderLocks
from epos.services.orders import Orders
from epos.services.parties import Parties
from epos.services.payments import Payments
from epos.services.reservations import Reservations
from epos.services.tables import Tables

Result = BaseModel | Sequence[BaseModel] | None


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
