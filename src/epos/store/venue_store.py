"""The repositories of one venue on one connection."""

from epos.store.audit import AuditTrail
from epos.store.cash import CashRepository
from epos.store.day_figures import DayFigures
from epos.store.days import DayRepository
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
from epos.store.refunds import RefundRepository
from epos.store.reservations import ReservationRepository
from epos.store.setup import SetupRepository
from epos.store.statements import Connection
from epos.store.tab_search import TabSearch
from epos.store.tabs import TabRepository
from epos.store.till_writes import TillWriteRepository
from epos.store.venues import VenueRepository
from epos.store.waiters import WaiterRepository


class VenueStore:
    """Everything a service may read or write; inside `Database.write` it is one transaction."""

    def __init__(self, connection: Connection, venue_id: str) -> None:
        self.venue = VenueRepository(connection, venue_id)
        self.setup = SetupRepository(connection, venue_id)
        self.floor = FloorRepository(connection, venue_id)
        self.waiters = WaiterRepository(connection, venue_id)
        self.pin_attempts = PinAttempts(connection, venue_id)
        self.orders = OrderRepository(connection, venue_id)
        self.menus = MenuRepository(connection, venue_id)
        self.tabs = TabRepository(connection, venue_id)
        self.tab_search = TabSearch(connection, venue_id)
        self.till_writes = TillWriteRepository(connection, venue_id)
        self.days = DayRepository(connection, venue_id)
        self.day_figures = DayFigures(connection, venue_id)
        self.cash = CashRepository(connection, venue_id)
        self.incidents = IncidentRepository(connection, venue_id)
        self.locks = OrderLockRepository(connection, venue_id)
        self.payments = PaymentRepository(connection, venue_id)
        self.refunds = RefundRepository(connection, venue_id)
        self.checks = PaymentCheckRepository(connection, venue_id)
        self.parties = PartyRepository(connection, venue_id)
        self.reservations = ReservationRepository(connection, venue_id)
        self.events = EventRepository(connection, venue_id)
        self.audit = AuditTrail(connection, venue_id)
