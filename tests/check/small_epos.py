"""A small EPOS that does everything right, and one switch for each of many faults.

It shares nothing with the server: only the names, paths and forms of the contract.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NoReturn

import httpx

from epos.contract.operations import OPERATIONS, by_websocket_method

Json = dict[str, Any]
USER, PASSWORD = "check", "check"
_PATHS = [
    (one, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", one.path) + "$")) for one in OPERATIONS
]
_ENDED = {"Reversed", "Refunded", "Canceled"}
_STATUS = {"NotFound": 404, "Conflict": 409, "InvalidRequest": 400, "UnexpectedError": 500}


class Refusal(Exception):
    def __init__(self, kind: str, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.kind = kind
        self.status = status or _STATUS[kind]


def now() -> datetime:
    return datetime.now(UTC)


def text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def invalid(why: str) -> NoReturn:
    raise Refusal("InvalidRequest", why)


class Input:
    """Reads a body."""

    def __init__(self, epos: "SmallEpos", body: Any) -> None:
        self._epos = epos
        if not isinstance(body, dict):
            epos.breaks("body-that-is-a-list")
            invalid("not an object")
        self.body: Json = body

    def get(self, name: str, kind: type, fault: str = "") -> Any:
        """A required property."""
        if not isinstance(self.body.get(name), kind) or isinstance(self.body[name], bool):
            if fault and self._epos.bad(fault):
                return self.body.get(name)
            invalid(f"{name} is not {kind.__name__}")
        return self.body[name]

    def time(self, name: str, fault: str = "") -> datetime:
        try:
            return datetime.fromisoformat(self.get(name, str))
        except ValueError:
            if fault and self._epos.bad(fault):
                return now() + timedelta(minutes=1)
            invalid(f"{name} is no time")

    def money(self, name: str, *, faults: bool = False) -> int:
        bad = self._epos.bad if faults else lambda _: False
        money = self.body.get(name)
        if money is None and bad("payment-without-an-amount"):
            return 1
        if not isinstance(money, dict):
            invalid(f"{name} is no money")
        value = money.get("value")
        if isinstance(value, str) and bad("amount-that-is-text"):
            raise Refusal("UnexpectedError", "int() failed")
        if isinstance(value, float) and bad("amount-is-rounded"):
            value = int(value)
        if type(value) is not int or (value < 0 and not bad("negative-amount")):
            invalid(f"{name}.value is no amount")
        known = money.get("currencyCode") in {"GBP", "EUR"}
        if not known and not bad("unknown-currency"):
            invalid(f"{name}.currencyCode is none")
        return value


class SmallEpos:
    """In memory. `handle` is one operation, whatever the transport."""

    def __init__(self, *faults: str) -> None:
        unknown = set(faults) - FAULTS.keys() - SOCKET_FAULTS.keys()
        assert not unknown, unknown
        self.faults = set(faults)
        self.orders: dict[str, Json] = {}
        self.locks: dict[str, tuple[str, datetime]] = {}
        self.payments: dict[str, Json] = {}
        self.intents: dict[str, str] = {}
        self.parties: dict[str, Json] = {}
        self.reservations: dict[str, Json] = {}
        self.numbers = count(1)
        self.waiting = 0
        self.areas = [{"id": "a1", "name": "Main"}, {"id": "a2", "name": "Terrace"}]
        self.tables = [
            {"id": f"t{n}", "name": f"Table {n}", "areaId": "a1" if n < 4 else "a2"}
            for n in range(1, 7)
        ]
        if self.bad("area-without-a-name"):
            del self.areas[0]["name"]
        if self.bad("table-in-no-area"):
            self.tables[5]["areaId"] = "a9"
        if self.bad("table-name-twice"):
            self.tables[1]["name"] = "Table 1"

    def bad(self, fault: str) -> bool:
        assert fault in FAULTS or fault in SOCKET_FAULTS, fault
        return fault in self.faults

    def breaks(self, fault: str) -> None:
        """500, where the fault is on."""
        if self.bad(fault):
            raise Refusal("UnexpectedError", "it broke")

    async def pause(self, fault: str) -> None:
        """Somebody else runs between a check and what it decides."""
        if self.bad(fault):
            await asyncio.sleep(0.02)

    async def handle(self, capability: str, ids: dict[str, str], body: Any, asks: str = "") -> Any:
        if asks:
            self.breaks("requester-headers")
        work: Callable[..., Any] = getattr(self, f"do_{capability}")
        operation = next(one for one in OPERATIONS if one.capability == capability)
        arguments: list[Any] = [*ids.values()]
        if operation.request is not None:
            arguments.append(Input(self, body))
        return await work(*arguments)

    # --- places -----------------------------------------------------------------------------------

    async def do_ListAreas(self) -> Any:
        return self.areas

    async def do_SearchTables(self, sent: Input) -> Any:
        area = sent.body.get("areaId")
        if self.bad("tables-ignore-the-area"):
            area = None
        rows = [row for row in self.tables if area in {None, row["areaId"]}]
        page = self.page(rows, sent)
        if self.bad("table-pages-lose") and len(page["data"]) < len(rows):
            page["data"] = page["data"][:-1]
        return [page]

    def page(self, rows: list[Json], sent: Input, *, faults: bool = False) -> Json:
        """Keyset paging: a cursor is the id of a row."""
        bad = self.bad if faults else lambda _: False
        cursor = sent.body.get("cursor") or {}
        limit, before, after = cursor.get("limit", 50), cursor.get("before"), cursor.get("after")
        if bad("limit-is-ignored"):
            limit = 100
        ids = [row["id"] for row in rows]
        place = after or before
        self._refuse_cursor(cursor, ids)
        if bad("offset-paging"):
            return self._offset_page(rows, limit, before, after)
        start = self._index(ids, after) if after else max(0, self._index(ids, before) - 1 - limit)
        start = start if place else 0
        if after and bad("pages-overlap"):
            start -= 1
        end = self._index(ids, before) - 1 if before and not after else start + limit
        found = rows[start:end]
        page: Json = {"data": found}
        if start > 0 and found and not bad("no-way-back"):
            page["before"] = found[0]["id"]
        if end < len(rows) and found:
            page["after"] = found[-1]["id"]
        return page

    def _refuse_cursor(self, cursor: Json, ids: list[str]) -> None:
        both = "before" in cursor and "after" in cursor
        if cursor.get("limit", 50) > 100 and not self.bad("limit-too-large"):
            invalid("limit is at most 100")
        if both and not self.bad("both-directions"):
            invalid("before and after")
        place = cursor.get("after") or cursor.get("before")
        number = self.bad("offset-paging") and str(place).isdigit()
        known = place is None or place in {*ids, *self.orders} or number
        if not known and not both:
            self.breaks("strange-cursor")
            invalid("no cursor of ours")

    def _offset_page(self, rows: list[Json], limit: int, before: Any, after: Any) -> Json:
        start = int(after) if after else max(0, int(before or 0) - limit)
        page: Json = {"data": rows[start : start + limit]}
        if start > 0:
            page["before"] = str(start)
        if start + limit < len(rows):
            page["after"] = str(start + limit)
        return page

    @staticmethod
    def _index(ids: list[str], place: str | None) -> int:
        """Behind the row, also if it has gone meanwhile: newest first, ids have numbers."""
        if place in ids:
            return ids.index(place) + 1
        older = [index for index, one in enumerate(ids) if _number(one) < _number(place or "0")]
        return older[0] if older else len(ids)

    # --- orders -----------------------------------------------------------------------------------

    async def do_CreateOrder(self, sent: Input) -> Any:
        if self.bad("unknown-property-of-an-order") and "eposCheck" in sent.body:
            invalid("unknown property")
        if "totalAmount" not in sent.body:
            self.breaks("order-without-a-total")
        total = sent.money("totalAmount")
        items, details = sent.get("items", list), sent.get("details", dict)
        if details.get("orderType") not in {"DineIn", "Collection"}:
            if not self.bad("order-of-an-unknown-type"):
                invalid("orderType")
            details = {"orderType": "Collection", "collection": {}}
        dojo_id = sent.get("dojoOrderId", str)
        same = [one for one in self.orders.values() if one["dojoOrderId"] == dojo_id]
        await self.pause("create-order-race")
        if same and not self.bad("create-order-twice"):
            return self.shown(same[0])
        order = {
            "id": f"o{next(self.numbers)}",
            "dojoOrderId": dojo_id,
            "status": "Accepted",
            "items": items,
            "details": details,
            "total": total,
            "currency": sent.body["totalAmount"]["currencyCode"],
            "createdAt": text_of(now()),
        }
        self.orders[order["id"]] = order
        for paid in sent.get("payments", list):
            if not self.bad("prepaid-is-lost"):
                tip = (paid.get("tipsAmount") or {}).get("value", 0)
                self.count(order, paid["paymentIntentId"], paid["paidAmount"]["value"], tip)
        shown = self.shown(order)
        return shown | {"note": None} if self.bad("null-in-an-order") else shown

    def order(self, order_id: str) -> Json:
        if order_id not in self.orders:
            raise Refusal("NotFound", "no such order")
        return self.orders[order_id]

    def counted(self, order: Json) -> list[Json]:
        found = [one for one in self.payments.values() if one["order"] == order["id"]]
        return [one for one in found if self.intents.get(one["intent"]) not in _ENDED]

    def left(self, order: Json) -> int:
        return int(order["total"] - sum(one["paid"] for one in self.counted(order)))

    def shown(self, order: Json) -> Json:
        payments = self.counted(order)
        paid, tips = sum(one["paid"] for one in payments), sum(one["tip"] for one in payments)
        payable = order["status"] != "Canceled" and self.left(order) > 0
        if payments and self.left(order) > 0 and self.bad("not-payable-after-a-part"):
            payable = False
        if payments and self.left(order) <= 0 and self.bad("payable-once-paid"):
            payable = order["status"] != "Canceled"
        if self.bad("tip-in-paid-amount"):
            paid += tips
        if payments and self.bad("only-the-last-counts"):
            paid = payments[-1]["paid"]
        shown = [*payments, *order.get("refused", [])]
        return {
            "id": order["id"],
            "status": order["status"],
            "items": order["items"],
            "details": order["details"],
            "createdAt": order["createdAt"],
            "totalAmount": self.money(order["total"], order),
            "paidAmount": self.money(paid, order),
            "tipsAmount": self.money(tips, order),
            "payments": [self.shown_payment(one, order) for one in shown],
            "payable": payable,
        }

    @staticmethod
    def money(value: Any, order: Json) -> Json:
        return {"value": value, "currencyCode": order["currency"]}

    def shown_payment(self, payment: Json, order: Json) -> Json:
        shown = {
            "paymentIntentId": payment["intent"],
            "paidAmount": self.money(payment["paid"], order),
        }
        if payment["tip"] and not self.bad("tip-of-a-payment-is-lost"):
            shown["tipsAmount"] = self.money(payment["tip"], order)
        return shown

    async def do_GetOrderById(self, order_id: str) -> Any:
        if order_id not in self.orders:
            self.breaks("unknown-order-is-500")
            if self.bad("unknown-order-is-invalid"):
                raise Refusal("InvalidRequest", "no such order", 404)
        order = self.order(order_id)
        if self.bad("locked-cannot-be-read") and self.live_lock(order_id):
            raise Refusal("Conflict", "locked")
        shown = self.shown(order)
        if self.bad("order-without-a-status"):
            del shown["status"]
        if self.bad("float-amounts"):
            shown["totalAmount"]["value"] = float(shown["totalAmount"]["value"])
        if self.bad("wrong-currency-code"):
            shown["totalAmount"]["currencyCode"] = "£"
        if self.bad("items-are-lost"):
            shown["items"] = []
        if self.bad("cancelled-comes-back") and shown["status"] == "Canceled":
            shown["status"] = "Accepted"
        return shown

    async def do_SearchOrders(self, sent: Input) -> Any:
        table = (sent.body.get("dineIn") or {}).get("tableId")
        if self.bad("orders-ignore-the-table"):
            table = None
        rows = [self.shown(one) for one in reversed(self.orders.values())]
        if table:
            dined = [row for row in rows if "dineIn" in row["details"]]
            rows = [row for row in dined if row["details"]["dineIn"].get("tableId") == table]
        limit = (sent.body.get("cursor") or {}).get("limit")
        if sent.body.get("payableOnly"):
            rows = [row for row in rows if self._is_offered(row)]
            if self.bad("newest-is-not-found") and limit == 100:
                rows = rows[1:]
        page = self.page(rows, sent, faults=True)
        if self.bad("time-without-a-zone"):
            page["data"] = [row | {"createdAt": row["createdAt"][:-1]} for row in page["data"]]
        return page

    def _is_offered(self, row: Json) -> bool:
        if row["status"] == "Canceled" and self.bad("cancelled-is-offered"):
            row["payable"] = True
        if row["status"] != "Canceled" and self.bad("paid-is-offered"):
            return True
        return bool(row["payable"])

    async def do_CancelOrderById(self, order_id: str) -> Any:
        if order_id not in self.orders and self.bad("cancel-unknown-is-fine"):
            return self.shown(next(iter(self.orders.values())))
        order = self.order(order_id)
        if self.live_lock(order_id):
            raise Refusal("Conflict", "locked")
        before = order["status"]
        order["status"] = "Canceled"
        shown = self.shown(order)
        return shown | {"status": before} if self.bad("cancel-says-accepted") else shown

    # --- locks ------------------------------------------------------------------------------------

    def live_lock(self, order_id: str) -> str | None:
        name, expiry = self.locks.get(order_id, ("", now()))
        if name and (expiry > now() or self.bad("lock-never-ends")):
            return name
        return None

    async def do_CreateOrderLock(self, order_id: str, sent: Input) -> Any:
        if order_id not in self.orders and self.bad("lock-of-unknown-is-conflict"):
            raise Refusal("Conflict", "no such order")
        order = self.order(order_id)
        name, expiry = sent.get("lockId", str), sent.time("expiry", "lock-until-tomorrow")
        if "waiterId" in sent.body and self.bad("waiter-in-a-lock"):
            invalid("unknown property waiterId")
        if order["status"] == "Canceled" and not self.bad("lock-of-cancelled"):
            raise Refusal("Conflict", "cancelled")
        live = self.live_lock(order_id)
        await self.pause("lock-race")
        other = live is not None and live != name and not self.bad("two-locks")
        if other or (live == name and self.bad("same-lock-is-conflict")):
            raise Refusal("Conflict", "locked by another")
        self.locks[order_id] = (name, expiry)
        shown = self.shown(order)
        return shown | {"payable": False} if self.bad("locked-is-not-payable") else shown

    async def do_ExtendOrderLock(self, order_id: str, lock_id: str, sent: Input) -> Any:
        self.order(order_id)
        expiry = sent.time("expiry")
        if self.live_lock(order_id) != lock_id:
            if self.bad("extend-unknown-is-fine"):
                return {}
            raise Refusal("NotFound", "no such lock")
        if not self.bad("extend-does-nothing"):
            self.locks[order_id] = (lock_id, expiry)
        return {"ok": True} if self.bad("extend-answers-more") else {}

    async def do_DeleteOrderLock(self, order_id: str, lock_id: str) -> Any:
        order = self.order(order_id)
        ours = self.locks.get(order_id, ("", now()))[0] == lock_id
        if (ours and not self.bad("release-does-nothing")) or self.bad("anybody-releases"):
            self.locks.pop(order_id, None)
        return self.shown(order)

    # --- payments ---------------------------------------------------------------------------------

    def count(self, order: Json, intent: str, paid: int, tip: int) -> None:
        key = intent
        while key in self.payments:
            key += "+"
        self.payments[key] = {"order": order["id"], "intent": intent, "paid": paid, "tip": tip}

    async def do_RecordOrderPaymentById(self, order_id: str, sent: Input) -> Any:
        if self.bad("unknown-property-of-a-payment") and "eposCheck" in sent.body:
            invalid("unknown property")
        intent, paid = sent.get("paymentIntentId", str), sent.money("paidAmount", faults=True)
        tip = sent.money("tipsAmount") if "tipsAmount" in sent.body else 0
        if order_id not in self.orders and self.bad("pay-unknown-is-conflict"):
            raise Refusal("Conflict", "no such order")
        order = self.order(order_id)
        before = self.shown(order)
        if self._is_replay(order, intent, paid):
            return before
        await self.pause("same-payment-race")
        self._refuse_payment(order, sent, paid)
        await self.pause("overpayment-race")
        if self.bad("overpayment-race") and self._is_replay(order, intent, paid):
            return self.shown(order)
        self.count(order, intent, paid, tip)
        return before if self.bad("answer-before-the-payment") else self.shown(order)

    def _is_replay(self, order: Json, intent: str, paid: int) -> bool:
        known = self.payments.get(intent)
        if known is None:
            return False
        if known["order"] != order["id"]:
            if self.bad("intent-pays-twice"):
                return False
            raise Refusal("Conflict", "has paid another order")
        if known["paid"] != paid and not self.bad("other-amount-is-fine"):
            raise Refusal("Conflict", "has another amount")
        if self.left(order) <= 0 and self.bad("last-payment-again-is-conflict"):
            raise Refusal("Conflict", "nothing is left")
        if self.bad("payment-again-is-conflict"):
            raise Refusal("Conflict", "recorded already")
        return not self.bad("payment-twice")

    def _refuse_payment(self, order: Json, sent: Input, paid: int) -> None:
        intent = sent.body["paymentIntentId"]
        money = sent.body.get("paidAmount") or {"currencyCode": order["currency"]}
        if order["status"] == "Canceled" and not self.bad("cancelled-takes-payments"):
            raise Refusal("Conflict", "cancelled")
        odd = money["currencyCode"] != order["currency"]
        if odd and money["currencyCode"] == "EUR" and not self.bad("other-currency-is-fine"):
            raise Refusal("Conflict", "another currency")
        live, lock = self.live_lock(order["id"]), sent.body.get("lockId")
        if lock and live and lock != live and not self.bad("payment-under-another-lock"):
            raise Refusal("Conflict", "another lock")
        if self.bad("event-first-refuses") and self.intents.get(intent) == "Captured":
            raise Refusal("Conflict", "captured already")
        if self.intents.get(intent) in _ENDED:
            raise Refusal("Conflict", "has ended")
        if paid > self.left(order) and not self.bad("overpayment"):
            if self.bad("refused-stays"):
                row = {"order": order["id"], "intent": intent, "paid": paid, "tip": 0}
                order.setdefault("refused", []).append(row)
            raise Refusal("Conflict", "more than is left")

    async def do_GetOrderBillById(self, order_id: str) -> Any:
        if order_id not in self.orders:
            self.breaks("bill-of-unknown-is-500")
        order = self.shown(self.order(order_id))
        if self.bad("bill-of-another-total"):
            order["totalAmount"]["value"] += 1
        name: Json = {"lineType": "MerchantName", "merchantName": {"name": "Small"}}
        if self.bad("bill-line-is-empty"):
            del name["merchantName"]
        footer: Json = {"lines": []}
        bill = {"header": {"lines": [name]}, "order": order, "footer": footer}
        if self.bad("bill-without-a-footer"):
            del bill["footer"]
        return bill

    # --- events -----------------------------------------------------------------------------------

    async def do_HandleEvent(self, sent: Input) -> Any:
        if "data" not in sent.body:
            self.breaks("event-without-data")
        event_id, data = sent.get("id", str), sent.get("data", dict)
        if sent.get("event", str).endswith("epos_check") and self.bad("newer-event-is-refused"):
            invalid("unknown event")
        if event_id in self.intents and self.bad("event-again-is-conflict"):
            raise Refusal("Conflict", "known already")
        intent, status = data["paymentIntentId"], data["paymentStatus"]
        unknown = intent not in self.payments and status == "Captured"
        if unknown and self.bad("event-of-unknown-intent"):
            raise Refusal("NotFound", "no such intent")
        self.intents[event_id] = "seen"
        self._happened(intent, status)
        return {"ok": 1} if self.bad("event-answers-more") else None

    def _happened(self, intent: str, status: str) -> None:
        before = self.intents.get(intent, "Created")
        payment = self.payments.get(intent)
        if payment and status == "Captured" and self.bad("captured-counts-again"):
            order = self.orders[payment["order"]]
            self.count(order, intent, payment["paid"], 0)
        if payment and status in _ENDED and before in _ENDED and self.bad("reversed-again"):
            for other in self.counted(self.orders[payment["order"]]):
                self.intents[other["intent"]] = "Reversed"
        ranks = {"Created": 0, "Authorized": 1, "Captured": 2}
        if status in {"Created", "Authorized"} and self.bad("late-event-undoes"):
            status = "Reversed" if before == "Captured" else status
        elif status in _ENDED and self.bad("reversal-is-ignored"):
            return
        elif before in _ENDED and status == "Captured" and self.bad("captured-brings-back"):
            self.intents[intent] = status
        if ranks.get(status, 3) > ranks.get(before, 3):
            self.intents[intent] = status

    # --- parties and reservations -----------------------------------------------------------------

    async def do_CreateParty(self, sent: Input) -> Any:
        if "tableIds" not in sent.body:
            self.breaks("party-without-tables")
        sent.get("tableIds", list)
        sent.time("startTime")
        same = _same(self.parties, "dojoPartyId", sent.get("dojoPartyId", str))
        await self.pause("create-party-race")
        if same and not self.bad("create-party-twice"):
            return _shown(same)
        party = sent.body | {"id": f"p{next(self.numbers)}"}
        party["status"] = party.get("status") or "Seated"
        if self.bad("covers-are-lost"):
            party["covers"] = 1
        if self.bad("reservation-of-a-party-is-lost"):
            party.pop("reservationId", None)
        self.parties[party["id"]] = party
        shown = _shown(party)
        if self.bad("party-without-a-status"):
            del shown["status"]
        return shown

    def party(self, party_id: str) -> Json:
        if party_id not in self.parties:
            raise Refusal("NotFound", "no such party")
        return self.parties[party_id]

    async def do_GetPartyById(self, party_id: str) -> Any:
        if party_id not in self.parties:
            self.breaks("unknown-party-is-500")
        return _shown(self.party(party_id))

    async def do_UpdateParty(self, party_id: str, sent: Input) -> Any:
        sent.get("tableIds", list)
        sent.get("status", str)
        if party_id not in self.parties and self.bad("update-makes-a-party"):
            self.parties[party_id] = {"id": party_id}
        party = self.party(party_id)
        kept = {"id": party_id, "reservationId": party.get("reservationId")}
        if self.bad("update-changes-nothing"):
            kept |= {"covers": party.get("covers")}
        self.parties[party_id] = sent.body | kept
        return _shown(self.parties[party_id])

    async def do_DeletePartyById(self, party_id: str) -> Any:
        self.party(party_id)
        if not self.bad("deleted-party-stays"):
            del self.parties[party_id]

    async def do_SearchParties(self, sent: Input) -> Any:
        table, completed = sent.body.get("tableId"), bool(sent.body.get("completedOnly"))
        rows = [_shown(party) for party in self.parties.values()]
        if completed and self.bad("who-has-left-is-lost"):
            rows = []
        if not (self.bad("who-has-left-is-found") and not completed):
            rows = [row for row in rows if ("endTime" in row) == completed]
        if table and not self.bad("parties-ignore-the-table"):
            rows = [row for row in rows if table in row["tableIds"]]
        return self.page(rows, sent)

    async def do_CreateReservation(self, sent: Input) -> Any:
        sent.get("covers", int, "covers-that-are-text")
        sent.get("tableIds", list)
        sent.time("startTime")
        same = _same(self.reservations, "dojoReservationId", sent.get("dojoReservationId", str))
        if same and not self.bad("create-reservation-twice"):
            return _shown(same)
        made = sent.body | {"id": f"r{next(self.numbers)}"}
        if isinstance(made["covers"], str):
            made["covers"] = 0
        if self.bad("name-is-lost"):
            made["name"] = "Guest"
        self.reservations[made["id"]] = made
        shown = _shown(made)
        if self.bad("reservation-without-its-end"):
            del shown["endTime"]
        return shown

    def reservation(self, reservation_id: str) -> Json:
        if reservation_id not in self.reservations:
            raise Refusal("NotFound", "no such reservation")
        return self.reservations[reservation_id]

    async def do_GetReservationById(self, reservation_id: str) -> Any:
        if reservation_id not in self.reservations:
            self.breaks("unknown-reservation-is-500")
        return _shown(self.reservation(reservation_id))

    async def do_UpdateReservation(self, reservation_id: str, sent: Input) -> Any:
        sent.get("covers", int)
        if reservation_id not in self.reservations and self.bad("update-makes-a-reservation"):
            return _shown(sent.body | {"id": reservation_id})
        self.reservation(reservation_id)
        changed = sent.body | {"id": reservation_id}
        if not self.bad("update-of-a-reservation-is-lost"):
            self.reservations[reservation_id] = changed
        return _shown(changed)

    async def do_DeleteReservationById(self, reservation_id: str) -> Any:
        self.reservation(reservation_id)
        if not self.bad("deleted-reservation-stays"):
            del self.reservations[reservation_id]

    async def do_SearchReservations(self, sent: Input) -> Any:
        rows = [_shown(one) for one in self.reservations.values()]
        start, end = sent.body.get("fromTime"), sent.body.get("toTime")
        if not self.bad("window-is-ignored"):
            rows = [row for row in rows if not start or row["endTime"] > start]
            rows = [row for row in rows if not end or row["startTime"] < end]
        table = sent.body.get("tableId")
        if table and not self.bad("reservations-ignore-the-table"):
            rows = [row for row in rows if table in row["tableIds"]]
        page = self.page(rows, sent)
        if self.bad("reservation-pages-lose") and "after" in page:
            page["data"] = page["data"][:-1]
        return page

    # --- doors ------------------------------------------------------------------------------------

    def error(self, refusal: Refusal) -> Json:
        if self.bad("errors-of-another-form"):
            return {"detail": str(refusal)}
        error = {"errorType": refusal.kind, "debugMessage": str(refusal), "traceId": "t1"}
        if self.bad("errors-without-a-trace"):
            del error["traceId"]
        return error

    async def frame(self, frame: Json) -> Json:
        """One request on the WebSocket, and its answer."""
        operation = by_websocket_method(frame["method"])
        named = "SearchV1" if self.bad("answers-another-method") else frame["method"]
        head = {"jsonrpc": "2.0", "id": frame["id"], "method": named}
        self.waiting += 1
        busy = self.waiting > 10 and self.bad("one-at-a-time")
        await self.pause("one-at-a-time")
        self.waiting -= 1
        if busy:
            return head | {"error": self.error(Refusal("UnexpectedError", "one at a time"))}
        params = dict(frame.get("params") or {})
        asks = "".join(params.pop("headers", {}).values())
        try:
            if operation is None:
                self.breaks("unknown-method-is-500")
                raise Refusal("InvalidRequest", "no such method")
            ids = {one: params.pop(name) for one, name in operation.websocket_parameters.items()}
            answer = await self.handle(operation.capability, ids, params, asks)
        except Refusal as refusal:
            return head | {"error": self.error(refusal)}
        if operation.capability == "SearchTables":
            answer = answer[0]
        return head | {"result": {} if answer is None else answer}

    async def rest(self, method: str, path: str, headers: Json, body: bytes) -> tuple[int, Any]:
        """One request over HTTP: a status and the answer."""
        try:
            self._admit(headers.get("authorization", ""))
            found = [(one, match) for one, form in _PATHS if (match := form.match(path))]
            if not found:
                raise Refusal("NotFound", "no such path")
            here = [pair for pair in found if pair[0].http_method == method]
            if not here:
                self.breaks("wrong-method-is-500")
                raise Refusal("InvalidRequest", "no such method", 405)
            operation, match = here[0]
            sent = self._body(headers, body) if operation.request is not None else None
            asks = headers.get("device-id", "")
            answer = await self.handle(operation.capability, match.groupdict(), sent, asks)
        except Refusal as refusal:
            return refusal.status, self.error(refusal)
        made = operation.capability == "CreateOrder" and self.bad("created-is-201")
        return 201 if made else 200, answer

    def _admit(self, authorization: str) -> None:
        right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if authorization == right:
            return
        if not authorization and self.bad("no-credentials-needed"):
            return
        if authorization and self.bad("any-password"):
            return
        raise Refusal("InvalidRequest", "who are you?", 401)

    def _body(self, headers: Json, body: bytes) -> Any:
        if headers.get("content-type") != "application/json":
            self.breaks("wrong-content-type-is-500")
            raise Refusal("InvalidRequest", "not JSON", 415)
        try:
            return json.loads(body)
        except ValueError:
            self.breaks("no-json-is-500")
            invalid("no JSON")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As an ASGI application."""
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, kind, content = await self.reply(scope["method"], scope["path"], headers, body)
        start = {"type": "http.response.start", "status": status}
        await send(start | {"headers": [(b"content-type", kind.encode())]})
        await send({"type": "http.response.body", "body": content})

    async def reply(
        self, method: str, path: str, headers: Json, body: bytes
    ) -> tuple[int, str, bytes]:
        """One request over HTTP: the status, the content type and the body of its answer."""
        status, answer = await self.rest(method, path, headers, body)
        content = b"" if answer is None else json.dumps(answer).encode()
        return status, "text/plain" if self.bad("answers-are-text") else "application/json", content


class InProcess(httpx.AsyncBaseTransport):
    """Reaches it without a socket; httpx's own transport for ASGI takes as long as all the rest."""

    def __init__(self, epos: SmallEpos) -> None:
        self._epos = epos

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.aread()
        status, kind, content = await self._epos.reply(
            request.method, request.url.path, headers, body
        )
        return httpx.Response(status, headers={"content-type": kind}, content=content)


def _number(row_id: str) -> int:
    return int(re.sub(r"\D", "", row_id) or 0)


def _same(rows: dict[str, Json], name: str, value: str) -> Json | None:
    return next((row for row in rows.values() if row.get(name) == value), None)


def _shown(row: Json) -> Json:
    hidden = {"dojoPartyId", "dojoReservationId"}
    return {key: value for key, value in row.items() if key not in hidden and value is not None}


FAULTS = {
    # where guests sit
    "area-without-a-name": "forms.ListAreas",
    "tables-ignore-the-area": "tables.area-filter",
    "table-in-no-area": "tables.areas-exist",
    "table-name-twice": "tables.names-are-unique",
    "table-pages-lose": "tables.pages-are-whole",
    # forms
    "order-without-a-status": "forms.GetOrderById",
    "float-amounts": "forms.GetOrderById",
    "wrong-currency-code": "forms.GetOrderById",
    "null-in-an-order": "forms.CreateOrder",
    "created-is-201": "forms.CreateOrder",
    "time-without-a-zone": "forms.SearchOrders",
    "extend-answers-more": "forms.ExtendOrderLock",
    "bill-without-a-footer": "forms.GetOrderBillById",
    "event-answers-more": "forms.HandleEvent",
    "party-without-a-status": "forms.CreateParty",
    "reservation-without-its-end": "forms.CreateReservation",
    # orders
    "items-are-lost": "orders.keep-what-was-sent",
    "create-order-twice": "orders.create-again-is-the-same-order",
    "create-order-race": "orders.create-twice-at-once-is-one-order",
    "newest-is-not-found": "orders.found-once-made",
    "paid-is-offered": "orders.payable-only",
    "orders-ignore-the-table": "orders.table-filter",
    "unknown-order-is-500": "orders.unknown-is-not-found",
    "unknown-order-is-invalid": "orders.unknown-is-not-found",
    "cancel-unknown-is-fine": "orders.cancel-unknown-is-not-found",
    "cancel-says-accepted": "orders.cancelled-says-so",
    "cancelled-comes-back": "orders.cancelled-stays-cancelled",
    "cancelled-is-offered": "orders.cancelled-is-not-offered",
    "limit-is-ignored": "order-pages.not-longer-than-the-limit",
    "pages-overlap": "order-pages.nothing-lost-or-doubled",
    "offset-paging": "order-pages.whole-while-orders-change",
    "no-way-back": "order-pages.back-to-the-page-before",
    # payments
    "tip-of-a-payment-is-lost": "payments.shown-on-the-order",
    "only-the-last-counts": "payments.parts-add-up",
    "tip-in-paid-amount": "payments.tips-are-apart",
    "not-payable-after-a-part": "payments.payable-after-a-part",
    "payable-once-paid": "payments.not-payable-once-paid",
    "payment-twice": "payments.sent-again-counts-once",
    "payment-again-is-conflict": "payments.sent-again-is-granted",
    "last-payment-again-is-conflict": "payments.last-payment-sent-again-is-granted",
    "same-payment-race": "payments.at-one-moment-counts-once",
    "overpayment-race": "payments.two-at-one-moment-do-not-overpay",
    "answer-before-the-payment": "payments.answer-shows-the-payment",
    "pay-unknown-is-conflict": "payment-refusals.unknown-order",
    "overpayment": "payment-refusals.more-than-is-left",
    "cancelled-takes-payments": "payment-refusals.cancelled-order",
    "other-currency-is-fine": "payment-refusals.other-currency",
    "payment-under-another-lock": "payment-refusals.under-another-lock",
    "intent-pays-twice": "payment-refusals.intent-of-another-order",
    "other-amount-is-fine": "payment-refusals.same-intent-with-another-amount",
    "refused-stays": "payment-refusals.refused-leaves-no-trace",
    # locks
    "two-locks": "locks.second-is-refused",
    "lock-race": "locks.one-of-two-at-one-moment",
    "same-lock-is-conflict": "locks.same-again-is-granted",
    "lock-never-ends": "locks.ends-at-its-expiry",
    "extend-does-nothing": "locks.extended-lasts-longer",
    "extend-unknown-is-fine": "locks.extend-unknown-is-not-found",
    "release-does-nothing": "locks.released-is-free",
    "anybody-releases": "locks.other-cannot-release",
    "locked-cannot-be-read": "locks.reading-stays-open",
    "locked-is-not-payable": "locks.answer-is-payable",
    "lock-of-unknown-is-conflict": "locks.unknown-order",
    "lock-of-cancelled": "locks.cancelled-cannot-be-locked",
    # bills
    "bill-of-another-total": "bills.shows-the-order",
    "bill-line-is-empty": "bills.lines-have-what-they-name",
    "bill-of-unknown-is-500": "bills.unknown-order",
    # parties
    "covers-are-lost": "parties.keep-what-was-sent",
    "create-party-twice": "parties.create-again-is-the-same-party",
    "create-party-race": "parties.create-twice-at-once-is-one-party",
    "parties-ignore-the-table": "parties.table-filter",
    "update-changes-nothing": "parties.update-sets-the-details",
    "who-has-left-is-found": "parties.who-has-left-is-not-found",
    "who-has-left-is-lost": "parties.completed-only-finds-who-has-left",
    "deleted-party-stays": "parties.deleted-is-gone",
    "unknown-party-is-500": "parties.unknown-is-not-found",
    "update-makes-a-party": "parties.update-unknown-is-not-found",
    # reservations
    "name-is-lost": "reservations.keep-what-was-sent",
    "create-reservation-twice": "reservations.create-again-is-the-same-reservation",
    "window-is-ignored": "reservations.window-filter",
    "reservations-ignore-the-table": "reservations.table-filter",
    "reservation-pages-lose": "reservations.nothing-lost-or-doubled",
    "update-of-a-reservation-is-lost": "reservations.update-sets-the-details",
    "update-makes-a-reservation": "reservations.update-unknown-is-not-found",
    "deleted-reservation-stays": "reservations.deleted-is-gone",
    "unknown-reservation-is-500": "reservations.unknown-is-not-found",
    # events
    "event-again-is-conflict": "events.same-again-is-granted",
    "event-of-unknown-intent": "events.unknown-intent-is-granted",
    "newer-event-is-refused": "events.newer-name-is-granted",
    "captured-counts-again": "events.captured-is-no-second-payment",
    "reversal-is-ignored": "events.reversed-counts-no-more",
    "reversed-again": "events.reversed-again-changes-nothing",
    "late-event-undoes": "events.late-event-undoes-nothing",
    "event-first-refuses": "events.event-before-the-payment",
    "captured-brings-back": "events.reversed-stays-reversed",
    # bad input
    "payment-without-an-amount": "inputs.payment-without-an-amount",
    "amount-that-is-text": "inputs.amount-that-is-text",
    "amount-is-rounded": "inputs.amount-with-a-fraction",
    "negative-amount": "inputs.negative-amount",
    "unknown-currency": "inputs.unknown-currency",
    "order-without-a-total": "inputs.order-without-a-total",
    "order-of-an-unknown-type": "inputs.order-of-an-unknown-type",
    "lock-until-tomorrow": "inputs.time-that-is-none",
    "party-without-tables": "inputs.party-without-tables",
    "covers-that-are-text": "inputs.covers-that-are-text",
    "event-without-data": "inputs.event-without-data",
    "limit-too-large": "inputs.limit-that-is-too-large",
    "both-directions": "inputs.both-directions",
    "strange-cursor": "inputs.cursor-that-nobody-gave",
    "unknown-property-of-a-payment": "inputs.unknown-property-of-a-payment",
    "unknown-property-of-an-order": "inputs.unknown-property-of-an-order",
    "waiter-in-a-lock": "inputs.waiter-in-a-lock",
    "no-json-is-500": "inputs.body-that-is-no-json",
    "body-that-is-a-list": "inputs.body-that-is-a-list",
    # HTTP
    "no-credentials-needed": "http.without-credentials",
    "any-password": "http.wrong-password",
    "answers-are-text": "http.answers-are-json",
    "wrong-method-is-500": "http.wrong-method",
    "wrong-content-type-is-500": "http.wrong-content-type",
    "requester-headers": "http.all-requester-headers",
    "errors-of-another-form": "http.errors-have-the-form",
    "errors-without-a-trace": "http.errors-say-why",
    # flows
    "prepaid-is-lost": "flows.order-and-pay",
    "reservation-of-a-party-is-lost": "flows.bookings",
}
"""Each fault, and the check that announces it."""

SOCKET_FAULTS = {
    "answers-another-method": "sockets.envelope",
    "one-at-a-time": "sockets.many-at-once",
    "unknown-method-is-500": "sockets.unknown-method",
}
"""Those that only the WebSocket has."""
