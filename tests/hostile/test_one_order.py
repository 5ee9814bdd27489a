"""Of each operation that changes an order: however many ask at once, two at most wait for its row.

Each operation of both documents is here by itself. A new one either waits for the rows that are locked
here, or it is named among those that lock no order.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest

from epos.contract.operations import OPERATIONS, Operation
from epos.store.statements import Connection
from tests.support.clock import freeze
from tests.support.cluster import is_citus
from tests.support.floor import party, seated
from tests.support.menus import write_menu
from tests.support.orders import event, order, payment, unique
from tests.support.patience import take_refusals
from tests.support.tabs import TABS
from tests.support.till_writes import PARTIES, WRITES, Sent
from tests.support.venues import Venue
from tests.websocket.cases import CASES, CLOCK

pytestmark = pytest.mark.slow
CLIENTS, MOST = 6, 2
_FIRST_WAITS_SECONDS, _OTHERS_COME_SECONDS = 3.0, 0.3
_POLL_SECONDS = 0.01
_ALL_ORDERS = "SELECT FROM customer_order WHERE venue_id = $1 FOR UPDATE"
_WHO = "SELECT citus_backend_gpid()" if is_citus() else "SELECT pg_backend_pid()"
_WAITS = (
    "SELECT waiting_gpid AS waiting, blocking_gpid AS holder FROM citus_lock_waits"
    if is_citus()
    else """
        SELECT pid AS waiting, unnest(pg_blocking_pids(pid)) AS holder FROM pg_stat_activity
        WHERE wait_event_type = 'Lock'
    """
)
"""On Citus they may be connected to one node and wait on another, that of their venue."""
_BEHIND = f"""
    WITH RECURSIVE waits AS MATERIALIZED ({_WAITS}), behind AS (
        SELECT $1::bigint AS who
        UNION
        SELECT waits.waiting FROM behind JOIN waits ON waits.holder = behind.who
    )
    SELECT count(*) - 1 FROM behind
"""
"""Who waits for the orders, or for somebody who does."""
Requests = Callable[[Venue], Awaitable[list[Sent]]]

LOCK_NO_ORDER = frozenset(
    {
        *(
            "ListAreas",
            "SearchTables",
            "SearchOrders",
            "CreateOrder",
            "GetOrderById",
            "GetOrderBillById",
        ),
        *("SearchParties", "GetPartyById"),
        *("SearchReservations", "GetReservationById", "CreateReservation", "UpdateReservation"),
        *(
            "DeleteReservationById",
            "book",
            "edit-reservation",
            "note-no-show",
            "cancel-reservation",
        ),
        *("sign-in", "create-waiter", "change-waiter", "remove-waiter", "set-pin"),
        *("change-profile", "replace-layout", "create-area", "change-area", "remove-area"),
        *("create-table", "change-table", "remove-table"),
        *("set-item-availability", "set-modifier-availability"),
        *("create-category", "change-category", "remove-category"),
        *("create-item", "change-item", "remove-item"),
        *("open-tab", "sell-voucher", "set-accounts"),
        *("open-day", "close-day", "correct-float", "move-cash", "open-drawer", "close-drawer"),
        *("finish-party", "return-party"),
    }
)
"""Those that read an order without a lock are among them."""


def of_dojo(operation: Operation) -> Requests:
    """As it succeeds in the table of both doors, several times."""
    case = next(
        one for one in CASES if one.capability == operation.capability and one.outcome is None
    )

    async def requests(venue: Venue) -> list[Sent]:
        ask = await case.arrange(venue)
        ids = {name: quote(value, safe="") for name, value in ask.ids.items()}
        path = operation.path.format(**ids)
        return [Sent(venue, operation.http_method, path, ask.body or {})] * CLIENTS

    return requests


def of_till(name: str) -> Requests:
    async def requests(venue: Venue) -> list[Sent]:
        return [await WRITES[name](venue)] * CLIENTS

    return requests


async def events(venue: Venue) -> list[Sent]:
    """Of many payments of one order."""
    made = await venue.ok("POST", "/v1/orders", order(100_000))
    intents = [unique("pi") for _ in range(CLIENTS)]
    for intent in intents:
        paid = payment(10, None, intent)
        await venue.ok("POST", f"/v1/orders/{made['id']}/record-payment", paid)
    return [Sent(venue, "POST", "/v1/events", event(intent, "Captured")) for intent in intents]


async def guests(venue: Venue) -> list[Sent]:
    """Many parties for one table, whose open order goes with each of them."""
    return [Sent(venue, "POST", "/v1/parties", party("t1")) for _ in range(CLIENTS)]


async def move_guests(venue: Venue) -> list[Sent]:
    """The order goes with them."""
    there = party("t1", status="Seated")
    made = await venue.ok("POST", "/v1/parties", there)
    body = seated(there, "t2")
    return [Sent(venue, "PUT", f"/v1/parties/{made['id']}", body)] * CLIENTS


async def edit_party(venue: Venue) -> list[Sent]:
    made = await venue.till.ok("POST", PARTIES, {"tableIds": ["t1"], "covers": 2})
    body = {"version": made["version"], "tableIds": ["t2"]}
    return [Sent(venue.till, "PUT", f"{PARTIES}/{made['id']}", body)] * CLIENTS


async def behind_guests(venue: Venue) -> list[Sent]:
    """Guests who are to sit at the table wait for its order, and others of the table's wait for them."""
    more = [
        Sent(venue, "POST", "/v1/orders", order(500, dine_in={"tableId": "t1"}))
        for _ in range(CLIENTS)
    ]
    opening = [Sent(venue.till, "POST", TABS, {"tableId": "t1"})] * CLIENTS
    return [*(await guests(venue))[:1], *more, *opening]


OTHERWISE: dict[str, Requests] = {
    "HandleEvent": events,
    "CreateParty": guests,
    "UpdateParty": move_guests,
    "edit-party": edit_party,
    "orders of a table behind its guests": behind_guests,
}
BY_CAPABILITY = {one.capability for one in OPERATIONS}
WALK: dict[str, Requests] = {
    **{one.capability: of_dojo(one) for one in OPERATIONS},
    **{name: of_till(name) for name in WRITES},
    **OTHERWISE,
}


@pytest.mark.parametrize("name", WALK)
async def test_two_at_most_wait_for_an_order(name: str, venue: Venue) -> None:
    await write_menu(venue.database, venue.id)
    if name in BY_CAPABILITY:
        await freeze(venue, CLOCK)
    await venue.ok("POST", "/v1/orders", order(500, dine_in={"tableId": "t1"}))
    requests = await WALK[name](venue)
    take_refusals()
    async with venue.database.connection() as watcher, locked_orders(venue) as other:
        sent = [
            asyncio.create_task(one.by.call(one.method, one.path, one.body)) for one in requests
        ]
        most = await most_behind(other, watcher, sent)
    statuses = [(await one).status_code for one in sent]
    assert 500 not in statuses
    assert most <= MOST, f"{most} waited"
    assert (most == 0) == (name in LOCK_NO_ORDER), "it locks an order, or it is in the list"


@asynccontextmanager
async def locked_orders(venue: Venue) -> AsyncIterator[int]:
    """The session that has locked every order of the venue."""
    async with venue.database.connection() as other, other.transaction():
        await other.execute(_ALL_ORDERS, venue.id)
        yield await other.fetchval(_WHO)


async def most_behind(
    other: int, watcher: Connection, sent: list[asyncio.Task[httpx.Response]]
) -> int:
    """How many wait at most for what it has locked, until all could have come that want to."""
    loop, most = asyncio.get_running_loop(), 0
    until = loop.time() + _FIRST_WAITS_SECONDS
    while loop.time() < until and not all(one.done() for one in sent):
        found = await watcher.fetchval(_BEHIND, other)
        if found and not most:
            until = loop.time() + _OTHERS_COME_SECONDS
        most = max(most, found)
        await asyncio.sleep(_POLL_SECONDS)
    return most
