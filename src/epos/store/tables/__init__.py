"""Every table, one file per group; importing this package fills `metadata`."""

from epos.store.tables.audit import audit_entry
from epos.store.tables.base import metadata
from epos.store.tables.cash import account_code, cash_movement, drawer_z
from epos.store.tables.days import business_day, sale_entry, takings_entry
from epos.store.tables.dojo import dojo_link, lease, outbox
from epos.store.tables.incidents import incident
from epos.store.tables.layout import area, area_waiter, dining_table, table_waiter, waiter
from epos.store.tables.locks import order_lock, turn
from epos.store.tables.menus import menu_category, menu_item, menu_modifier
from epos.store.tables.orders import customer_order
from epos.store.tables.parties import party, party_table
from epos.store.tables.payments import (
    deposit_use,
    dojo_event,
    payment,
    payment_intent,
    payment_refund,
    payment_transition,
)
from epos.store.tables.pins import pin_attempts
from epos.store.tables.receipts import receipt, receipt_counter
from epos.store.tables.reservations import reservation, reservation_table
from epos.store.tables.tabs import tab, tab_line
from epos.store.tables.till_writes import till_write
from epos.store.tables.venues import credential, test_venue, venue
from epos.store.tables.vouchers import voucher

__all__ = [
    "account_code",
    "area",
    "area_waiter",
    "audit_entry",
    "business_day",
    "cash_movement",
    "credential",
    "customer_order",
    "deposit_use",
    "dining_table",
    "dojo_event",
    "dojo_link",
    "drawer_z",
    "incident",
    "lease",
    "menu_category",
    "menu_item",
    "menu_modifier",
    "metadata",
    "order_lock",
    "outbox",
    "party",
    "party_table",
    "payment",
    "payment_intent",
    "payment_refund",
    "payment_transition",
    "pin_attempts",
    "receipt",
    "receipt_counter",
    "reservation",
    "reservation_table",
    "sale_entry",
    "tab",
    "tab_line",
    "table_waiter",
    "takings_entry",
    "test_venue",
    "till_write",
    "turn",
    "venue",
    "voucher",
    "waiter",
]
