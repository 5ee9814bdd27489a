"""One request that succeeds for each write of the till's API, with what it needs to be there before."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.counter import pay
from tests.support.floor import NOON, TWO
from tests.support.orders import order
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.recording import open_order
from tests.support.rows import execute
from tests.support.tabs import TABS, TillTab, at_till, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]
PARTIES, RESERVATIONS = "/till/v1/parties", "/till/v1/reservations"


@dataclass(frozen=True)
class Sent:
    """A request that is about to be sent, by whom."""

    by: Venue
    method: str
    path: str
    body: Json


Prepare = Callable[[Venue], Awaitable[Sent]]


def plain(method: str, path: str, /, *, admin: bool = False, **body: Any) -> Prepare:
    """A request that needs nothing more than a venue with a menu."""

    async def prepare(venue: Venue) -> Sent:
        return Sent(venue.admin if admin else venue.till, method, f"/till/v1/{path}", body)

    return prepare


def on_tab(what: str, /, *, method: str = "POST", paid: bool = False, **body: Any) -> Prepare:
    """A write of a tab with burgers and chips, both sent. `LINE` and `PAYMENT` become their ids."""

    async def prepare(venue: Venue) -> Sent:
        tab = await open_tab(venue, "burger", "chips")
        await tab.do("send")
        payment = (await pay(tab))["id"] if paid else ""
        line = tab.lines[0]["id"]
        path = f"{tab.path}/{what.replace('PAYMENT', payment).replace('LINE', line)}"
        sent = json.loads(json.dumps(body).replace("LINE", line))
        if "hold" not in what:
            sent = {"version": tab.shown["version"], **sent}
        return Sent(venue.till, method, path.removesuffix("/"), sent)

    return prepare


async def _waiting(venue: Venue) -> TillTab:
    await execute(venue, "UPDATE venue SET accepts_orders = false WHERE id = $1")
    return await at_till(venue, await open_order(venue, 1_000))


async def accept(venue: Venue) -> Sent:
    tab = await _waiting(venue)
    return Sent(venue.till, "POST", f"{tab.path}/accept", {"version": tab.shown["version"]})


async def reject(venue: Venue) -> Sent:
    tab = await _waiting(venue)
    body = {"version": tab.shown["version"], "reason": "No fish left"}
    return Sent(venue.till, "POST", f"{tab.path}/reject", body)


async def close(venue: Venue) -> Sent:
    tab = await open_tab(venue)
    return Sent(venue.till, "POST", f"{tab.path}/close", {"version": tab.shown["version"]})


async def break_lock(venue: Venue) -> Sent:
    created = await venue.ok("POST", "/v1/orders", order(1_000))
    expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    lock = {"lockId": "lock-1", "expiry": expiry}
    await venue.ok("POST", f"/v1/orders/{created['id']}/lock", lock)
    body = {"lockId": "lock-1", "approval": APPROVAL}
    return Sent(venue.till, "POST", f"{TABS}/{created['id']}/break-lock", body)


async def send(venue: Venue) -> Sent:
    tab = await open_tab(venue, "burger")
    return Sent(venue.till, "POST", f"{tab.path}/send", {"version": tab.shown["version"]})


async def take_discount_away(venue: Venue) -> Sent:
    tab = await open_tab(venue, "burger")
    await tab.discount(percentage=1_000)
    body = {"version": tab.shown["version"]}
    return Sent(venue.till, "POST", f"{tab.path}/discount/remove", body)


async def merge(venue: Venue) -> Sent:
    one, other = await open_tab(venue, "chips"), await open_tab(venue, "mug")
    body = {
        "version": one.shown["version"],
        "otherTabId": other.id,
        "otherVersion": other.shown["version"],
    }
    return Sent(venue.till, "POST", f"{one.path}/merge", body)


async def count_deposit(venue: Venue) -> Sent:
    money = {"value": 500, "currencyCode": "GBP"}
    party = await venue.ok(
        "POST",
        "/v1/parties",
        {
            "dojoPartyId": "party-1",
            "tableIds": ["t2"],
            "startTime": "2026-11-23T19:00:00Z",
            "deposit": {"totalAmount": money, "paymentIntentIds": []},
        },
    )
    tab = await open_tab(venue, "burger")
    body = {"version": tab.shown["version"], "partyId": party["id"]}
    return Sent(venue.till, "POST", f"{tab.path}/deposits", body)


async def close_day(venue: Venue) -> Sent:
    day = (await venue.till.ok("POST", "/till/v1/days/open", {"openingFloat": 1_000}))["day"]
    body = {"approval": APPROVAL, "countedCash": 1_000}
    return Sent(venue.till, "POST", f"/till/v1/days/{day}/close", body)


async def correct_float(venue: Venue) -> Sent:
    day = (await venue.till.ok("POST", "/till/v1/days/open", {"openingFloat": 1_000}))["day"]
    body = {"amount": 2_000, "reason": "A slip", "approval": APPROVAL}
    return Sent(venue.till, "PUT", f"/till/v1/days/{day}/float", body)


async def move_cash(venue: Venue) -> Sent:
    day = (await venue.till.ok("POST", "/till/v1/days/open", {"openingFloat": 1_000}))["day"]
    body = {"type": "paid-out", "amount": 200, "reason": "Milk"}
    return Sent(venue.till, "POST", f"/till/v1/days/{day}/cash", body)


async def open_drawer(venue: Venue) -> Sent:
    """Of a device that has taken cash, in a venue where each has its own."""
    await execute(venue, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
    day = (await venue.till.ok("POST", "/till/v1/days/open", {}))["day"]
    moved = {"type": "paid-in", "amount": 100, "reason": "Change"}
    await venue.till.ok("POST", f"/till/v1/days/{day}/cash", moved, device_id="bar")
    path = f"/till/v1/days/{day}/drawers/bar/open"
    return Sent(venue.till, "POST", path, {"openingFloat": 500})


def on_drawer(what: str, /, **body: Any) -> Prepare:
    async def prepare(venue: Venue) -> Sent:
        day = (await venue.till.ok("POST", "/till/v1/days/open", {"openingFloat": 1_000}))["day"]
        return Sent(venue.till, "POST", f"/till/v1/days/{day}/drawers/{what}", body)

    return prepare


def on_party(what: str, /, *, method: str = "POST", gone: bool = False, **body: Any) -> Prepare:
    async def prepare(venue: Venue) -> Sent:
        party = await venue.till.ok("POST", PARTIES, {"tableIds": ["t1"], "covers": 2})
        path = f"{PARTIES}/{party['id']}"
        if gone:
            party = await venue.till.ok("POST", f"{path}/finish", {"version": party["version"]})
        sent = {"version": party["version"], **body}
        return Sent(venue.till, method, f"{path}/{what}".removesuffix("/"), sent)

    return prepare


_BOOKING: Json = {
    "name": "Ada",
    "covers": 2,
    "tableIds": ["t1"],
    "startTime": NOON,
    "endTime": TWO,
    "confirm": True,  # long ago
}


def on_reservation(what: str, /, *, method: str = "POST", **body: Any) -> Prepare:
    async def prepare(venue: Venue) -> Sent:
        made = await venue.till.ok("POST", RESERVATIONS, _BOOKING)
        path = f"{RESERVATIONS}/{made['id']}/{what}".removesuffix("/")
        return Sent(venue.till, method, path, {"version": made["version"], **body})

    return prepare


async def change_profile(venue: Venue) -> Sent:
    profile = await venue.admin.ok("GET", "/till/v1/profile")
    return Sent(venue.admin, "PUT", "/till/v1/profile", profile | {"name": "The Crown"})


async def replace_layout(venue: Venue) -> Sent:
    layout = await venue.admin.ok("GET", "/till/v1/layout")
    layout["venue"]["name"] = "The Crown"
    return Sent(venue.admin, "PUT", "/till/v1/layout", layout)


async def remove_area(venue: Venue) -> Sent:
    await venue.admin.ok("POST", "/till/v1/areas", {"id": "yard", "name": "Yard"})
    return Sent(venue.admin, "DELETE", "/till/v1/areas/yard", {})


async def remove_category(venue: Venue) -> Sent:
    body = {"id": "soups", "name": "Soups"}
    await venue.admin.ok("POST", "/till/v1/menu/categories", body)
    return Sent(venue.admin, "DELETE", "/till/v1/menu/categories/soups", {})


_PIE: Json = {"categoryId": "food", "name": "Pie", "price": 900, "vatRate": 2000}
_SLIP: Json = {"reason": "A slip", "approval": APPROVAL}
_TABLE: Json = {"name": "Table 9", "areaId": "area_main"}
WRITES: dict[str, Prepare] = {
    "sign-in": plain("POST", "sign-in", waiterId="anna", pin=WAITER_PIN),
    "create-waiter": plain("POST", "waiters", admin=True, name="Dora"),
    "change-waiter": plain("PUT", "waiters/ben", admin=True, name="Benny"),
    "remove-waiter": plain("DELETE", "waiters/cleo", admin=True),
    "set-pin": plain("PUT", "waiters/ben/pin", admin=True, pin="864209"),
    "change-profile": change_profile,
    "replace-layout": replace_layout,
    "create-area": plain("POST", "areas", admin=True, name="Yard"),
    "change-area": plain("PUT", "areas/area_main", admin=True, name="Hall"),
    "remove-area": remove_area,
    "create-table": plain("POST", "tables", admin=True, **_TABLE),
    "change-table": plain("PUT", "tables/t1", admin=True, **_TABLE),
    "remove-table": plain("DELETE", "tables/p2", admin=True),
    "set-item-availability": plain("PUT", "menu/items/chips/availability", available=False),
    "set-modifier-availability": plain(
        "PUT", "menu/items/burger/modifiers/cheese/availability", available=False
    ),
    "create-category": plain("POST", "menu/categories", admin=True, name="Soups"),
    "change-category": plain("PUT", "menu/categories/food", admin=True, name="Plates"),
    "remove-category": remove_category,
    "create-item": plain("POST", "menu/items", admin=True, plu="pie", **_PIE),
    "change-item": plain("PUT", "menu/items/burger", admin=True, **_PIE),
    "remove-item": plain("DELETE", "menu/items/mug", admin=True),
    "open-tab": plain("POST", "tabs", tableId="t1"),
    "describe-tab": on_tab("", method="PUT", covers=3),
    "add-items": on_tab("items", items=[{"plu": "mug"}]),
    "change-line": on_tab("items/LINE", method="PUT", quantity=1, cover=2),
    "void-line": on_tab("void", lineId="LINE", **_SLIP),
    "send-tab": send,
    "give-discount": on_tab("discount", name="Regular", percentage=1_000, approval=APPROVAL),
    "take-discount-away": take_discount_away,
    "set-service-charge": on_tab("service-charge", rate=1_000),
    "set-takeaway": on_tab("takeaway", takeaway=True),
    "hold-tab": on_tab("hold", method="PUT", seconds=30),
    "release-tab": on_tab("hold", method="DELETE"),
    "break-lock": break_lock,
    "progress-tab": on_tab("status", status="Ready"),
    "accept-tab": accept,
    "reject-tab": reject,
    "close-tab": close,
    "cancel-tab": on_tab("cancel", **_SLIP),
    "reopen-tab": on_tab("reopen", paid=True, **_SLIP),
    "transfer-tab": on_tab("transfer", tableId="t2"),
    "merge-tabs": merge,
    "split-tab": on_tab("split", lines=[{"lineId": "LINE", "quantity": 1}]),
    "take-payment": on_tab("payments", type="cash", amount=500),
    "refund-payment": on_tab("payments/PAYMENT/refund", paid=True, **_SLIP),
    "refund-order": on_tab("refund", paid=True, **_SLIP),
    "sell-voucher": plain("POST", "vouchers", code="GIFT-1", amount=500, type="cash"),
    "take-tip": on_tab("tips", type="cash", amount=100),
    "correct-tip": on_tab("payments/PAYMENT/tip", paid=True, tip=5, **_SLIP),
    "count-deposit": count_deposit,
    "correct-payment": on_tab("payments/PAYMENT/correct", paid=True, **_SLIP),
    "open-day": plain("POST", "days/open", openingFloat=5_000),
    "close-day": close_day,
    "correct-float": correct_float,
    "move-cash": move_cash,
    "open-drawer": open_drawer,
    "close-drawer": on_drawer("main/close", countedCash=1_000),
    "set-accounts": plain(
        "PUT", "reports/accounts", admin=True, accounts=[{"name": "cash", "code": "1200"}]
    ),
    "seat-party": plain("POST", "parties", tableIds=["t1"], covers=2),
    "edit-party": on_party("", method="PUT", covers=4),
    "finish-party": on_party("finish"),
    "return-party": on_party("return", gone=True),
    "book": plain("POST", "reservations", **_BOOKING),
    "edit-reservation": on_reservation("", method="PUT", covers=4),
    "note-no-show": on_reservation("no-show"),
    "cancel-reservation": on_reservation("cancel"),
}
"""By the name of the operation."""
