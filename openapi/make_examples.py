"""Makes the examples of both OpenAPI documents, by playing each operation once on a server.

`make examples` runs it: `epos serve` with an embedded PostgreSQL in a temporary folder, the demo venue and
beside it a small café, whose whole set-up fits into an example. `--check` writes nothing: it fails if the
kept examples have other operations or other properties. Ids and times differ from run to run.
"""

import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from epos.domain.credentials import Role
from openapi.recorder import Json, Record, Server, Venue, differences, file_of, operations_of

APPROVAL = {"waiterId": "100", "pin": "2468"}
"""The manager of the demo venue; the PIN is in the README."""
CAFE: Json = {
    "venue": {
        "name": "The Corner Café",
        "addressLines": ["3 Mill Lane", "Little Marlow"],
        "postcode": "ZZ1 4HJ",
        "taxNumber": "GB 123 4567 89",
        "currency": "GBP",
        "timeZone": "Europe/London",
        "closingTime": "04:00",
        "accessPolicy": "open",
        "acceptsOrders": True,
        "finalizesPaidTabs": True,
        "serviceChargeRate": 0,
        "serviceChargeBearsVat": False,
    },
    "waiters": [
        {"id": "100", "name": "Nora Finch", "isManager": True},
        {"id": "101", "name": "Jude Marlow"},
    ],
    "areas": [
        {
            "id": "inside",
            "name": "Inside",
            "waiterIds": ["101"],
            "tables": [{"id": "window", "name": "Window", "maxCovers": 2}],
        }
    ],
    "menu": [
        {
            "id": "drinks",
            "name": "Drinks",
            "items": [
                {
                    "plu": "5402",
                    "name": "Flat White",
                    "price": 375,
                    "vatRate": 2000,
                    "modifiers": [{"plu": "9009", "name": "Oat Milk", "price": 50}],
                }
            ],
        }
    ],
}


def gbp(value: int) -> Json:
    return {"value": value, "currencyCode": "GBP"}


def wire(moment: datetime) -> str:
    """A time as the contract writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


NOW = datetime.now(UTC)
TOMORROW = (NOW + timedelta(days=1)).replace(hour=19, minute=0, second=0)


# --- the EPOS Data API: as Dojo calls it ------------------------------------------------------------


def find_the_way(venue: Venue) -> None:
    """Dojo reads the floor of the venue."""
    venue.play("v1-list-areas")
    venue.play("v1-search-tables", {"areaId": "area_snug", "cursor": {"limit": 2}})


def expect_guests(venue: Venue) -> None:
    """Guests book a table, become one more, and cancel."""
    booking = {
        "dojoReservationId": "dojo-reservation-1",
        "name": "Rowan Hale",
        "covers": 3,
        "startTime": wire(TOMORROW),
        "endTime": wire(TOMORROW + timedelta(hours=2)),
        "tableIds": ["tbl_snug_1"],
        "guestRequests": "We bring our dog",
    }
    booked = venue.play("v1-post-reservations", booking)["id"]
    venue.play("v1-get-reservations-reservationId", reservationId=booked)
    venue.play(
        "v1-search-reservations",
        {
            "tableId": "tbl_snug_1",
            "fromTime": wire(TOMORROW),
            "toTime": wire(TOMORROW + timedelta(hours=1)),
        },
    )
    venue.play(
        "v1-put-reservations-reservationId",
        booking | {"covers": 4, "hostNotes": "Water for the dog"},
        reservationId=booked,
    )
    venue.play("v1-delete-reservations-reservationId", reservationId=booked)


def seat_guests(venue: Venue) -> str:
    """Guests sit down at table 10. Gives the id of their party."""
    guests = {
        "dojoPartyId": "dojo-party-1",
        "name": "Ellis",
        "covers": 2,
        "tableIds": ["tbl_10"],
        "status": "Seated",
        "startTime": wire(NOW),
        "deposit": {
            "totalAmount": gbp(2000),
            "description": "Deposit, 2 covers",
            "paymentIntentIds": ["pi_sandbox_deposit"],
        },
    }
    party = str(venue.play("v1-post-parties", guests)["id"])
    venue.play("v1-get-parties-partyId", partyId=party)
    venue.play("v1-search-parties", {"tableId": "tbl_10", "cursor": {"limit": 1}})
    venue.play("v1-put-parties-partyId", guests | {"status": "Ordered"}, partyId=party)
    return party


def pay_by_card(venue: Venue, party: str) -> None:
    """The guests order from their phone. A card machine locks the order, shows the bill and pays."""
    ordered = {
        "dojoOrderId": "dojo-order-1",
        "items": [
            {
                "name": "Steak & Ale Pie",
                "plu": "2002",
                "quantity": 1,
                "amountPerItem": gbp(1850),
                "modifiers": [
                    {
                        "name": "Peppercorn Sauce",
                        "plu": "9004",
                        "quantity": 1,
                        "amountPerModifier": gbp(295),
                    }
                ],
            }
        ],
        "totalAmount": gbp(2145),
        "payments": [],
        "details": {"orderType": "DineIn", "dineIn": {"tableId": "tbl_10", "partyId": party}},
    }
    order = venue.play("v1-post-orders", ordered)["id"]
    venue.play("v1-get-orders-orderId", orderId=order)
    venue.play(
        "v1-search-orders",
        {"dineIn": {"tableId": "tbl_10"}, "payableOnly": True, "cursor": {"limit": 1}},
    )
    lock = {"lockId": "lock-1", "expiry": wire(NOW + timedelta(minutes=5))}
    venue.play("v1-post-order-lock", lock, orderId=order)
    venue.play("v1-get-orders-bill", orderId=order)
    venue.play(
        "v1-put-extend-order-lock",
        {"expiry": wire(NOW + timedelta(minutes=10))},
        orderId=order,
        lockId="lock-1",
    )
    payment = {
        "paymentIntentId": "pi_sandbox_1",
        "paidAmount": gbp(2145),
        "tipsAmount": gbp(200),
        "lockId": "lock-1",
    }
    venue.play("v1-post-record-order-payment", payment, orderId=order)
    venue.play("v1-delete-order-lock", orderId=order, lockId="lock-1")
    captured = {
        "id": "evt_1",
        "accountId": "acc_sandbox",
        "event": "payment_intent.status_updated",
        "data": {
            "paymentIntentId": "pi_sandbox_1",
            "paymentStatus": "Captured",
            "captureMode": "Auto",
        },
        "createdAt": wire(NOW),
    }
    venue.play("v1-post-events", captured)
    second = venue.call("v1-post-orders", ordered | {"dojoOrderId": "dojo-order-2"})["id"]
    venue.play("v1-delete-orders-orderId", orderId=second)


def take_a_party_away(venue: Venue) -> None:
    """A party that was seated by mistake."""
    guests = {"dojoPartyId": "dojo-party-2", "tableIds": ["tbl_3"], "startTime": wire(NOW)}
    party = venue.call("v1-post-parties", guests)["id"]
    venue.play("v1-delete-parties-partyId", partyId=party)


# --- the till: the set-up of a venue ------------------------------------------------------------------


def set_up_a_cafe(cafe: Venue) -> None:
    """The whole set-up as one document, then read part by part."""
    cafe.play("replace-layout", CAFE)
    cafe.play("get-layout")
    cafe.play("list-areas")
    cafe.play("list-tables")
    cafe.play("get-menu")
    profile = cafe.play("get-profile")
    cafe.play("change-profile", profile | {"billMessage": "Thank you. See you tomorrow!"})


def change_staff(cafe: Venue) -> None:
    """A waiter starts, becomes a manager, and leaves."""
    waiter = {"id": "102", "name": "Wren Abbott"}
    cafe.play("create-waiter", waiter)
    cafe.play("change-waiter", {"name": "Wren Abbott", "isManager": True}, waiterId="102")
    cafe.play("set-pin", {"pin": "135790"}, waiterId="102")
    cafe.play("sign-in", {"waiterId": "102", "pin": "135790"})
    cafe.play("list-waiters")
    cafe.call("set-pin", {"pin": "2468"}, waiterId="100")
    cafe.play("remove-waiter", {"key": "till-1/42"}, waiterId="102")


def change_the_floor(cafe: Venue) -> None:
    """A garden for the summer."""
    cafe.play("create-area", {"id": "garden", "name": "Garden"})
    cafe.play("change-area", {"name": "Garden", "waiterIds": ["101"]}, areaId="garden")
    table = {"id": "garden_1", "name": "Garden 1", "areaId": "garden", "maxCovers": 4}
    cafe.play("create-table", table)
    cafe.play(
        "change-table",
        {"name": "Under the Tree", "areaId": "garden", "maxCovers": 6},
        tableId="garden_1",
    )
    cafe.play("remove-table", {"key": "till-1/43"}, tableId="garden_1")
    cafe.play("remove-area", {"key": "till-1/44"}, areaId="garden")


def change_the_menu(cafe: Venue) -> None:
    """Cakes, until they are sold out and then gone."""
    cafe.play("create-category", {"id": "cakes", "name": "Cakes"})
    cafe.play("change-category", {"name": "Cakes & Buns", "position": 1}, categoryId="cakes")
    bun = {"categoryId": "cakes", "name": "Chelsea Bun", "price": 325, "vatRate": 0}
    cafe.play("create-item", bun | {"plu": "4101"})
    with_butter = [{"plu": "9101", "name": "With Butter", "price": 30}]
    cafe.play("change-item", bun | {"price": 350, "modifiers": with_butter}, plu="4101")
    cafe.play("set-modifier-availability", {"available": False}, plu="4101", modifierPlu="9101")
    cafe.play("set-item-availability", {"available": False}, plu="4101")
    cafe.play("remove-item", {"key": "till-1/45"}, plu="4101")
    cafe.play("remove-category", {"key": "till-1/46"}, categoryId="cakes")


def close_a_day(cafe: Venue) -> None:
    """A day with one coffee: opened with a float, reported, closed."""
    day = cafe.play("open-day", {"openingFloat": 5000})["day"]
    tab = cafe.call("open-tab", {"tableId": "window"})
    tab = cafe.call(
        "add-items", {"version": tab["version"], "items": [{"plu": "5402"}]}, tabId=tab["id"]
    )
    cafe.call("take-payment", {"version": tab["version"], "type": "cash"}, tabId=tab["id"])
    cafe.play("list-days")
    corrected = {"amount": 6000, "reason": "A note was overlooked", "approval": APPROVAL}
    cafe.play("correct-float", corrected, day=day)
    cafe.play("move-cash", {"type": "paid-out", "amount": 250, "reason": "Milk"}, day=day)
    cafe.play("open-drawer", {"openingFloat": 6000}, day=day, drawer="main")
    cafe.play("x-report-drawer", day=day, drawer="main")
    cafe.play("close-drawer", {"countedCash": 6125}, day=day, drawer="main")
    cafe.play("x-report-day", day=day)
    cafe.play("report-day", day=day)
    accounts = {"accounts": [{"name": "cash", "code": "1200"}, {"name": "card", "code": "1210"}]}
    cafe.play("set-accounts", accounts)
    cafe.play("list-accounts")
    cafe.play("report-range", query={"fromDay": day, "by": "category"})
    cafe.play("report-journal", query={"fromDay": day})
    cafe.play("close-day", {"approval": APPROVAL, "countedCash": 6125}, day=day)


# --- the till: tabs -----------------------------------------------------------------------------------


def open_and_fill(venue: Venue) -> Json:
    """A tab at the bar: opened, filled, corrected. Gives the tab."""
    tab = venue.play(
        "open-tab", {"key": "till-1-17", "tableId": "tbl_bar_1", "covers": 2, "note": "Regulars"}
    )
    items = [
        {"plu": "5001", "quantity": 2, "cover": 1},
        {"plu": "5201", "cover": 2, "modifiers": [{"plu": "9008"}]},
    ]
    tab = venue.play("add-items", {"version": tab["version"], "items": items}, tabId=tab["id"])
    beer, gin = (line["id"] for line in tab["lines"])
    tab = venue.play(
        "change-line",
        {"version": tab["version"], "quantity": 1, "cover": 2, "note": "No ice"},
        tabId=tab["id"],
        lineId=gin,
    )
    tab = venue.play(
        "describe-tab",
        {"version": tab["version"], "covers": 2, "displayName": "Darts team"},
        tabId=tab["id"],
    )
    venue.play("list-tabs", query={"tableId": "tbl_bar_1", "limit": 1})
    venue.play("hold-tab", {"seconds": 30}, tabId=tab["id"])
    venue.play("release-tab", {"key": "till-1/47"}, tabId=tab["id"])
    tab = venue.call("get-tab", tabId=tab["id"])
    tab = venue.play("send-tab", {"version": tab["version"]}, tabId=tab["id"])
    void = {"lineId": beer, "quantity": 1, "reason": "Spilt", "approval": APPROVAL}
    venue.play("void-line", {"version": tab["version"]} | void, tabId=tab["id"])
    tab = venue.play("get-tab", tabId=tab["id"])
    return dict(tab)


def change_prices(venue: Venue, tab: Json) -> Json:
    """A discount that was given by mistake, and a service charge. Gives the tab."""
    discount = {"name": "Neighbours' Card", "percentage": 1000, "approval": APPROVAL}
    tab_id = tab["id"]
    tab = venue.play("give-discount", {"version": tab["version"]} | discount, tabId=tab_id)
    tab = venue.play("take-discount-away", {"version": tab["version"]}, tabId=tab_id)
    charge = {"version": tab["version"], "rate": 1000}
    tab = venue.play("set-service-charge", charge, tabId=tab_id)
    away = {"version": tab["version"], "takeaway": True}
    return dict(venue.play("set-takeaway", away, tabId=tab_id))


def pay_over_the_counter(venue: Venue, tab: Json) -> None:
    """Moved on, paid twice by mistake, paid in full, opened again and closed."""
    tab_id = tab["id"]
    ready = {"version": tab["version"], "status": "Ready"}
    tab = venue.play("progress-tab", ready, tabId=tab_id)
    tab = venue.play(
        "transfer-tab", {"version": tab["version"], "tableId": "tbl_bar_3"}, tabId=tab_id
    )
    cash = {"type": "cash", "amount": 500, "tip": 50, "tendered": 1000}
    tab = venue.play("take-payment", {"version": tab["version"]} | cash, tabId=tab_id)
    tab = venue.play(
        "refund-payment",
        {"version": tab["version"], "amount": 200, "reason": "Flat beer", "approval": APPROVAL},
        tabId=tab_id,
        paymentId=tab["payments"][0]["id"],
    )
    back = {"version": tab["version"], "reason": "Wants to pay by card", "approval": APPROVAL}
    tab = venue.play("refund-order", back, tabId=tab_id)
    venue.play("print-refund-receipt", tabId=tab_id)
    voucher = {"type": "other", "method": "voucher", "amount": 500}
    tab = venue.call("take-payment", {"version": tab["version"]} | voucher, tabId=tab_id)
    tab = venue.play(
        "correct-payment",
        {"version": tab["version"], "reason": "Wrong tab", "approval": APPROVAL},
        tabId=tab_id,
        paymentId=tab["payments"][1]["id"],
    )
    tab = venue.call("take-payment", {"version": tab["version"], "type": "cash"}, tabId=tab_id)
    tab = venue.play(
        "reopen-tab",
        {"version": tab["version"], "reason": "One more round", "approval": APPROVAL},
        tabId=tab_id,
    )
    tab = venue.play("close-tab", {"version": tab["version"]}, tabId=tab_id)
    tip = {"version": tab["version"], "type": "cash", "amount": 300}
    tab = venue.play("take-tip", tip, tabId=tab_id)
    right = {"version": tab["version"], "tip": 200, "reason": "A slip", "approval": APPROVAL}
    paid = tab["payments"][-1]["id"]
    venue.play("correct-tip", right, tabId=tab_id, paymentId=paid)
    venue.play("print-bill", tabId=tab_id)
    venue.play("print-receipt", tabId=tab_id)
    venue.play("print-copy", number="1")
    venue.play("print-kitchen-ticket", tabId=tab_id)


def a_coffee(venue: Venue, count: int = 1) -> Json:
    """A new tab at the bar, with coffees."""
    tab = venue.call("open-tab", {"tableId": "tbl_bar_4"})
    items = [{"plu": "5402", "quantity": count}]
    return dict(
        venue.call("add-items", {"version": tab["version"], "items": items}, tabId=tab["id"])
    )


def count_a_deposit(venue: Venue, party: str) -> None:
    tab = a_coffee(venue)
    deposit = {"version": tab["version"], "partyId": party}
    venue.play("count-deposit", deposit, tabId=tab["id"])
    gift = {"code": "GIFT-1", "amount": 5000, "type": "cash"}
    venue.play("sell-voucher", gift)
    venue.play("get-voucher", code="GIFT-1")


def merge_and_split(venue: Venue) -> None:
    """Two tabs become one, and two again."""
    one, other = a_coffee(venue), a_coffee(venue)
    merge = {
        "version": one["version"],
        "otherTabId": other["id"],
        "otherVersion": other["version"],
    }
    one = venue.play("merge-tabs", merge, tabId=one["id"])["tab"]
    lines = [{"lineId": one["lines"][1]["id"], "quantity": 1}]
    venue.play("split-tab", {"version": one["version"], "lines": lines}, tabId=one["id"])


def accept_and_refuse(venue: Venue) -> None:
    """Orders that wait for staff, one that nobody wants any more, and a lock that hangs."""
    for name, more in (("accept-tab", {}), ("reject-tab", {"reason": "The machine is broken"})):
        tab = a_coffee(venue)
        waiting = {"version": tab["version"], "status": "Submitted"}
        tab = venue.call("progress-tab", waiting, tabId=tab["id"])
        venue.play(name, {"version": tab["version"]} | more, tabId=tab["id"])
    tab = a_coffee(venue)
    lock = {"lockId": "lock-2", "expiry": wire(NOW + timedelta(minutes=10))}
    venue.call("v1-post-order-lock", lock, orderId=tab["id"])
    tab = venue.play("break-lock", {"lockId": "lock-2", "approval": APPROVAL}, tabId=tab["id"])
    venue.play(
        "cancel-tab", {"version": tab["version"], "reason": "The guest left"}, tabId=tab["id"]
    )


# --- the till: guests -----------------------------------------------------------------------------------


def book_at_the_till(venue: Venue) -> None:
    """A reservation by telephone, changed and cancelled."""
    booking = {
        "name": "Rowan Hale",
        "covers": 2,
        "startTime": wire(TOMORROW),
        "endTime": wire(TOMORROW + timedelta(hours=2)),
        "tableIds": ["tbl_snug_2"],
    }
    booked = venue.play("book", {"key": "till-1-18"} | booking)
    venue.play("get-reservation", reservationId=booked["id"])
    day = {"day": f"{TOMORROW:%Y-%m-%d}", "tableId": "tbl_snug_2", "limit": 1}
    venue.play("list-reservations", query=day)
    booked = venue.play(
        "edit-reservation",
        {"version": booked["version"], "covers": 3, "hostNotes": "Near the fire"},
        reservationId=booked["id"],
    )
    venue.play("cancel-reservation", {"version": booked["version"]}, reservationId=booked["id"])
    missed = venue.call("book", booking | {"key": "till-1-20"})
    venue.play("note-no-show", {"version": missed["version"]}, reservationId=missed["id"])


def seat_at_the_till(venue: Venue) -> None:
    """Walk-ins sit down, move, leave, and come back."""
    walk_ins = {"key": "till-1-19", "tableIds": ["tbl_terrace_2"], "covers": 2, "name": "Ellis"}
    party = venue.play("seat-party", walk_ins)
    venue.play("get-party", partyId=party["id"])
    venue.play("list-parties", query={"tableId": "tbl_terrace_2", "limit": 1})
    move = {"version": party["version"], "tableIds": ["tbl_6"], "status": "Ordered"}
    party = venue.play("edit-party", move, partyId=party["id"])
    party = venue.play("finish-party", {"version": party["version"]}, partyId=party["id"])
    venue.play("return-party", {"version": party["version"]}, partyId=party["id"])


# --- the whole story --------------------------------------------------------------------------------------


def tell(folder: Path, database_url: str | None = None) -> dict[str, Record]:
    """Play every operation of both documents. Gives what was recorded, by package."""
    records = {package: Record(operations_of(package)) for package in ("rest", "till")}
    server = Server(folder, database_url)
    with server.running() as url:
        with closing(Venue(url, _demo_users(), list(records.values()))) as demo:
            find_the_way(demo)
            expect_guests(demo)
            party = seat_guests(demo)
            pay_by_card(demo, party)
            take_a_party_away(demo)
            pay_over_the_counter(demo, change_prices(demo, open_and_fill(demo)))
            count_a_deposit(demo, party)
            merge_and_split(demo)
            accept_and_refuse(demo)
            book_at_the_till(demo)
            seat_at_the_till(demo)
        with closing(Venue(url, _cafe_users(server), list(records.values()))) as cafe:
            set_up_a_cafe(cafe)
            change_staff(cafe)
            change_the_floor(cafe)
            change_the_menu(cafe)
            close_a_day(cafe)
    return records


def _demo_users() -> dict[Role, tuple[str, str]]:
    return {
        Role.DOJO: ("demo", "demo"),
        Role.TILL: ("demo.till", "demo"),
        Role.ADMIN: ("demo.admin", "demo"),
    }


def _cafe_users(server: Server) -> dict[Role, tuple[str, str]]:
    """Make the café, and a credential for each role."""
    server.command("venue", "create", "corner", "--name", "The Corner Café")
    users = {}
    for role in (Role.TILL, Role.ADMIN):
        printed = server.command("credential", "create", "corner", role, "--role", role)
        user, password = (line.split()[1] for line in printed.splitlines())
        users[role] = (user, password)
    return users


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = tell(Path(folder))
    faults = []
    for package, record in records.items():
        kept = file_of(package)
        if "--check" in sys.argv:
            faults += differences(kept.read_text("utf-8"), record.text)
        else:
            kept.write_text(record.text, encoding="utf-8")
    if faults:
        sys.exit("\n".join([*faults, "the examples are not what the server does: make examples"]))


if __name__ == "__main__":
    main()
