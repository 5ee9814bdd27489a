"""The repositories of one venue on one connection."""

from collections.abc import Callable
from typing import Generic, TypeVar

from epos.store.audit import AuditTrail
from epos.store.cash import CashRepository
from epos.store.day_figures import DayFigures
from epos.store.days import DayRepository
from epos.store.deposits import DepositRepository
from epos.store.events import EventRepository
from epos.store.floor import FloorRepository
from epos.store.incidents import IncidentRepository
from epos.store.menus import MenuRepository
from epos.store.order_locks import OrderLockRepository
from epos.store.orders import OrderRepository
from epos.store.parties import PartyRepository
from epos.store.payment_checks import PaymentCheckRepository
from epos.store.payments import PaymentRepository
from epos.store.pin_attempts import PinAttempts
from epos.store.range_figures import RangeFigures
from epos.store.receipts import ReceiptRepository
from epos.store.refunds import RefundRepository
from epos.store.reservations import ReservationRepository
from epos.store.setup import SetupRepository
from epos.store.statements import Connection
from epos.store.tab_search import TabSearch
from epos.store.tabs import TabRepository
from epos.store.till_writes import TillWriteRepository
from epos.store.venues import VenueRepository
from epos.store.vouchers import VoucherRepository
from epos.store.waiters import WaiterRepository

R = TypeVar("R")


class _Made(Generic[R]):
    """A repository that is made when it is first used, since a read needs one of them. It is kept then.
    `functools.cached_property` would take a lock for that.
    """

    def __init__(self, kind: Callable[[Connection, str], R]) -> None:
        self._kind = kind

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, store: "VenueStore", _: type) -> R:
        made = store.__dict__[self._name] = self._kind(store.connection, store.venue_id)
        return made


class VenueStore:
    """Everything a service may read or write; inside `Database.write` it is one transaction."""

    venue = _Made(VenueRepository)
    setup = _Made(SetupRepository)
    floor = _Made(FloorRepository)
    waiters = _Made(WaiterRepository)
    pin_attempts = _Made(PinAttempts)
    orders = _Made(OrderRepository)
    menus = _Made(MenuRepository)
    tabs = _Made(TabRepository)
    tab_search = _Made(TabSearch)
    till_writes = _Made(TillWriteRepository)
    days = _Made(DayRepository)
    day_figures = _Made(DayFigures)
    range_figures = _Made(RangeFigures)
    cash = _Made(CashRepository)
    incidents = _Made(IncidentRepository)
    locks = _Made(OrderLockRepository)
    payments = _Made(PaymentRepository)
    refunds = _Made(RefundRepository)
    receipts = _Made(ReceiptRepository)
    deposits = _Made(DepositRepository)
    vouchers = _Made(VoucherRepository)
    checks = _Made(PaymentCheckRepository)
    parties = _Made(PartyRepository)
    reservations = _Made(ReservationRepository)
    events = _Made(EventRepository)
    audit = _Made(AuditTrail)

    def __init__(self, connection: Connection, venue_id: str) -> None:
        self.connection = connection
        self.venue_id = venue_id
