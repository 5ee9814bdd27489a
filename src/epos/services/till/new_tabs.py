"""Writing a tab that is new: opened by a waiter, split from another, or of the demo venue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from epos.domain.order_status import OrderOrigin, OrderStatus
from epos.domain.tab import Tab
from epos.domain.tab_sums import sums
from epos.services.till import tab_rows
from epos.services.till.tab_content import amounts
from epos.store.venue_store import VenueStore


@dataclass(frozen=True, slots=True)
class NewTab:
    """A tab that is to be written: its order, its row, without the rows of its lines."""

    id: str
    tab: Tab
    now: datetime
    order_columns: Mapping[str, Any]
    """Its currency, place and names, and what is not as in a new, unpaid one."""
    tab_columns: Mapping[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] | None = None


async def insert_tab(store: VenueStore, new: NewTab) -> None:
    """As the contract shows it, and the journal."""
    plain: dict[str, Any] = {
        "id": new.id,
        "origin": OrderOrigin.TILL,
        "dojo_order_id": None,
        "fingerprint": None,
        "status": OrderStatus.NEW,
        "paid_amount": 0,
        "tips_amount": 0,
        "reservation_id": None,
        "ready_at": None,
        "reference_is_ours": True,
        "created_at": new.now,
        "updated_at": new.now,
    }
    shown = amounts(new.tab, sums(new.tab), new.order_columns["currency"], new.customer)
    await store.orders.insert(**plain | shown | dict(new.order_columns))
    await store.tabs.insert(new.id, **tab_rows.tab_columns(new.tab), **new.tab_columns)
