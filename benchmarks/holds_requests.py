"""The requests that `holds` measures: each as large, or about as much, as the server takes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from epos.contract import codec
from epos.contract.content import MOST_LINES
from epos.domain.tab_changes import MOST_LINES as MOST_LINES_OF_TAB
from epos.till_contract.tab_requests import MOST_PARTS
from tests.support.large_days import LAST_DAY, sell, sell_each_day
from tests.support.menus import write_menu
from tests.support.orders import order, payment, unique
from tests.support.rows import execute
from tests.support.venues import Venue

Request = tuple[str, str, Any]
"""Method, path, and body: JSON, or bytes as they are."""
Prepare = Callable[[Venue], Awaitable[None]]
Ask = Callable[[Venue, int], Awaitable[Request]]
_FREE: dict[str, Any] = {"value": 0, "currencyCode": "GBP"}
_NOTE = "no onions, " * 900
BOOKINGS = 1_500


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and what must be there before it."""

    says: str
    role: str
    ask: Ask
    prepare: Prepare


CASES: list[Case] = []


def case(says: str, ask: Ask, prepare: Prepare | None = None, *, role: str = "till") -> None:
    CASES.append(Case(says, role, ask, prepare or _nothing))


async def _nothing(_: Venue) -> None:
    pass


# --- orders of Dojo's -----------------------------------------------------------------------------

Json = dict[str, Any]
_LINE: Json = {"name": "Soup", "plu": "1", "quantity": 1, "amountPerItem": _FREE}
_MODIFIER: Json = {"name": "m" * 200, "plu": "1", "quantity": 1, "amountPerModifier": _FREE}
ORDERS: dict[str, list[Json]] = {
    f"{MOST_LINES:,} lines": [_LINE | {"note": "x" * 300}] * MOST_LINES,
    "100 lines, notes of 10,000": [_LINE | {"note": _NOTE}] * 100,
    f"{MOST_LINES - 1:,} modifiers": [_LINE | {"modifiers": [_MODIFIER] * (MOST_LINES - 1)}],
}
_made: dict[str, str] = {}
"""The order of a venue, by the venue's id."""


def _body(items: list[Json]) -> Json:
    return order(1_000, dojo_order_id=unique("o")) | {"items": items}


def _create(items: list[Json]) -> Ask:
    async def ask(_: Venue, __: int) -> Request:
        return "POST", "/v1/orders", _body(items)

    return ask


def _there(items: list[Json]) -> Prepare:
    async def prepare(venue: Venue) -> None:
        made = await venue.client.post("/v1/orders", json=_body(items))
        _made[venue.id] = made.json()["id"]

    return prepare


def get(path: str) -> Ask:
    async def ask(venue: Venue, _: int) -> Request:
        return "GET", path.replace("ORDER", _made.get(venue.id, "")), None

    return ask


def post(path: str, body: Callable[[], Json]) -> Ask:
    async def ask(venue: Venue, _: int) -> Request:
        return "POST", path.replace("ORDER", _made.get(venue.id, "")), body()

    return ask


for _name, _items in ORDERS.items():
    _prepare = _there(_items)
    case(f"create an order: {_name}", _create(_items), role="dojo")
    case(f"get it: {_name}", get("/v1/orders/ORDER"), _prepare, role="dojo")
    case(
        f"pay it: {_name}",
        post("/v1/orders/ORDER/record-payment", lambda: payment(1)),
        _prepare,
        role="dojo",
    )
    case(f"search it: {_name}", post("/v1/orders/search", dict), _prepare, role="dojo")
    case(f"get its bill: {_name}", get("/v1/orders/ORDER/bill"), _prepare, role="dojo")
    case(f"get it at the till: {_name}", get("/till/v1/tabs/ORDER"), _prepare)
    case(f"print its bill: {_name}", get("/till/v1/tabs/ORDER/bill?format=page"), _prepare)
    case(
        f"print its kitchen ticket: {_name}",
        get("/till/v1/tabs/ORDER/kitchen-ticket?format=page"),
        _prepare,
    )


# --- bodies that are refused ----------------------------------------------------------------------


def _refused(part: bytes, count: int) -> Ask:
    async def ask(_: Venue, __: int) -> Request:
        return "POST", "/v1/orders", b'{"items":[' + part * count + b"1]}"

    return ask


case("refuse as many lists as may be", _refused(b"[],", codec.MOST_NESTED - 3), role="dojo")
case("refuse 524,278 numbers", _refused(b"1,", 524_278), role="dojo")
case("refuse as many objects as may be", _refused(b"{},", codec.MOST_NESTED - 3), role="dojo")

# --- a tab ----------------------------------------------------------------------------------------

_WISH = "n" * 500
_WITH = [{"plu": "cheese"}]


async def _tab(venue: Venue, lines: int, item: Json) -> None:
    opened = await venue.till.client.post("/till/v1/tabs", json={"tableId": "t1"})
    tab = opened.json()
    _made[venue.id] = tab["id"]
    left = lines
    while left:
        some = min(left, 40)
        body = {"version": tab["version"], "items": [item] * some}
        added = await venue.till.client.post(f"/till/v1/tabs/{tab['id']}/items", json=body)
        tab = added.json()
        assert added.status_code == 200, added.text
        left -= some


def tab(lines: int, item: Json) -> Prepare:
    async def prepare(venue: Venue) -> None:
        await _menu(venue)
        await _tab(venue, lines, item)

    return prepare


def change(what: str, body: Callable[[Json], Json]) -> Ask:
    """A write of the tab, with the version that it has now."""

    async def ask(venue: Venue, _: int) -> Request:
        path = f"/till/v1/tabs/{_made[venue.id]}"
        now = (await venue.till.client.get(path)).json()
        return "POST", f"{path}/{what}", {"version": now["version"], **body(now)}

    return ask


_LINE_OF_TWO: Json = {"plu": "chips", "note": _WISH, "modifiers": _WITH}
_LINE_OF_51: Json = {"plu": "chips", "subItems": [{"plu": "milk", "note": _WISH}] * MOST_PARTS}
TABS: dict[str, Prepare] = {
    f"{MOST_LINES_OF_TAB:,} lines": tab(MOST_LINES_OF_TAB - 10, _LINE_OF_TWO),
    "39 lines of 50 sub-items": tab(39, _LINE_OF_51),
}
_ONE: Json = {"items": [{"plu": "chips"}]}
for _name, _prepare in TABS.items():
    case(f"get a tab: {_name}", get("/till/v1/tabs/ORDER"), _prepare)
    case(f"add to it: {_name}", change("items", lambda _: _ONE), _prepare)
    case(
        f"take cash for it: {_name}",
        change("payments", lambda _: {"type": "cash", "amount": 1}),
        _prepare,
    )
    case(f"list it: {_name}", get("/till/v1/tabs"), _prepare)
    case(f"read it as Dojo: {_name}", get("/v1/orders/ORDER"), _prepare, role="dojo")
    case(f"print its bill: {_name}", get("/till/v1/tabs/ORDER/bill?format=page"), _prepare)


async def _send(venue: Venue, number: int) -> Request:
    """A new tab each time, which has nothing sent."""
    await _tab(venue, MOST_LINES_OF_TAB - 10, _LINE_OF_TWO)
    return await change("send", lambda _: {})(venue, number)


async def _merge(venue: Venue, number: int) -> Request:
    await _tab(venue, MOST_LINES_OF_TAB // 2 - 10, _LINE_OF_TWO)
    other = (await venue.till.client.get(f"/till/v1/tabs/{_made[venue.id]}")).json()
    await _tab(venue, MOST_LINES_OF_TAB // 2 - 10, _LINE_OF_TWO)
    body = {"otherTabId": other["id"], "otherVersion": other["version"]}
    return await change("merge", lambda _: body)(venue, number)


async def _split(venue: Venue, number: int) -> Request:
    await _tab(venue, MOST_LINES_OF_TAB - 10, _LINE_OF_TWO)

    def body(now: Json) -> Json:
        taken = now["lines"][: len(now["lines"]) // 2]
        return {"lines": [{"lineId": line["id"], "quantity": 1} for line in taken]}

    return await change("split", body)(venue, number)


async def _menu(venue: Venue) -> None:
    await write_menu(venue.database, venue.id)


case(f"send a tab: {MOST_LINES_OF_TAB:,} lines", _send, _menu)
case(f"merge two tabs of {MOST_LINES_OF_TAB // 2:,} lines", _merge, _menu)
case(f"split a tab: {MOST_LINES_OF_TAB:,} lines", _split, _menu)

# --- days and reports -----------------------------------------------------------------------------

YEAR = f"fromDay=2025-10-25&toDay={LAST_DAY}"


async def _large_day(venue: Venue) -> None:
    await sell(venue, 5_000)


async def _year(venue: Venue) -> None:
    await sell_each_day(venue, 3, 390)


for _form in ("json", "csv", "page"):
    case(
        f"report of a day with 5,000 tabs, {_form}",
        get(f"/till/v1/days/{LAST_DAY}/report?format={_form}"),
        _large_day,
    )
    for _what in ("sales?by=day", "journal?"):
        case(
            f"{_what.partition('?')[0]} of 390 days, {_form}",
            get(f"/till/v1/reports/{_what}&{YEAR}&format={_form}"),
            _year,
        )
case("list 100 of 5,000 tabs", get("/till/v1/tabs?status=all&limit=100"), _large_day)

# --- reservations ---------------------------------------------------------------------------------

_BOOKED = f"""
    INSERT INTO reservation (venue_id, id, covers, name, start_time, end_time, created_at, updated_at)
    SELECT $1, 'rsv_' || n, 2, 'Ada', timestamptz '{LAST_DAY} 19:00+00',
           timestamptz '{LAST_DAY} 21:00+00', now(), now()
    FROM generate_series(1, {BOOKINGS}) AS n
"""
_TABLES = f"""
    INSERT INTO reservation_table (venue_id, reservation_id, table_id, position)
    SELECT $1, 'rsv_' || n, 't1', 0 FROM generate_series(1, {BOOKINGS}) AS n
"""
_BOOKING = {
    "name": "Ada",
    "covers": 2,
    "tableIds": ["t1"],
    "startTime": f"{LAST_DAY}T19:00:00Z",
    "endTime": f"{LAST_DAY}T21:00:00Z",
    "confirm": True,
}


async def overlapping(venue: Venue) -> None:
    """All at one table at the same time."""
    await execute(venue, _BOOKED)
    await execute(venue, _TABLES)


_DIARY = f"/till/v1/reservations?day={LAST_DAY}&limit=100"
case(f"list 100 of {BOOKINGS:,} reservations that overlap", get(_DIARY), overlapping)
case("book one more", post("/till/v1/reservations", lambda: _BOOKING), overlapping)
case(
    f"search {BOOKINGS:,} reservations",
    post("/v1/reservations/search", dict),
    overlapping,
    role="dojo",
)

# --- the set-up -----------------------------------------------------------------------------------

_AREAS, _TABLES_EACH = 10, 300
_CATEGORIES, _ITEMS_EACH = 20, 150


async def _layout(venue: Venue) -> Json:
    answer: Json = (await venue.admin.client.get("/till/v1/layout")).json()
    return answer


def layout_body(profile: Json, mark: int) -> Json:
    """About as large as a document may be."""
    areas = [
        {
            "id": f"area{a}",
            "name": f"Area {a} {mark}",
            "tables": [
                {"id": f"t{a}-{t}", "name": f"Table {a} {t} {mark}", "maxCovers": 4}
                for t in range(_TABLES_EACH)
            ],
        }
        for a in range(_AREAS)
    ]
    menu = [
        {
            "id": f"c{c}",
            "name": f"Category {c} {mark}",
            "items": [
                {"plu": f"p{c}-{i}", "name": f"Item {i} {mark}", "price": 900, "vatRate": 2000}
                for i in range(_ITEMS_EACH)
            ],
        }
        for c in range(_CATEGORIES)
    ]
    waiters = [{"id": f"w{n}", "name": f"Waiter {n} {mark}"} for n in range(1_000)]
    return {"venue": profile, "waiters": waiters, "areas": areas, "menu": menu}


async def _replace_layout(venue: Venue, number: int) -> Request:
    profile = (await _layout(venue))["venue"]
    return "PUT", "/till/v1/layout", layout_body(profile, number)


async def _broken_layout(venue: Venue, number: int) -> Request:
    body = layout_body((await _layout(venue))["venue"], number)
    for area in body["areas"]:
        area["tables"] = [table | {"maxCovers": "many"} for table in area["tables"]]
    return "PUT", "/till/v1/layout", body


async def _set_up(venue: Venue) -> None:
    method, path, body = await _replace_layout(venue, 0)
    answer = await venue.admin.client.request(method, path, json=body, timeout=60)
    assert answer.status_code == 200, answer.text


_SIZE = f"{_AREAS * _TABLES_EACH:,} tables, {_CATEGORIES * _ITEMS_EACH:,} items"
case(f"set up {_SIZE}", _replace_layout, role="admin")
case(f"set up again what is there: {_SIZE}", _replace_layout, _set_up, role="admin")
case(f"refuse a set-up: {_SIZE}", _broken_layout, role="admin")
case(f"get the set-up: {_SIZE}", get("/till/v1/layout"), _set_up, role="admin")
case(f"get the menu: {_SIZE}", get("/till/v1/menu"), _set_up)
case(f"get the tables: {_SIZE}", get("/till/v1/tables"), _set_up)
case(
    f"search the tables: {_SIZE}",
    post("/v1/tables/search", lambda: {"cursor": {"limit": 100}}),
    _set_up,
    role="dojo",
)
case("get 1,000 waiters", get("/till/v1/waiters"), _set_up)
case("get the areas", get("/v1/areas"), _set_up, role="dojo")


async def _set_pin(_: Venue, number: int) -> Request:
    return "PUT", "/till/v1/waiters/ben/pin", {"pin": f"86420{number}"}


async def _pin(venue: Venue) -> None:
    answer = await venue.admin.client.put("/till/v1/waiters/ben/pin", json={"pin": "864209"})
    assert answer.status_code == 200, answer.text


case("set a PIN", _set_pin, role="admin")
case("sign in", post("/till/v1/sign-in", lambda: {"waiterId": "ben", "pin": "864209"}), _pin)
case("the page of the documentation", get("/docs"), role="dojo")
case("the OpenAPI document", get("/openapi.json"), role="dojo")
case("the till's OpenAPI document", get("/till/openapi.json"))
