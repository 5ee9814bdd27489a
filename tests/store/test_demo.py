"""The demo venue: what is promised of it, read back from the database and through the services."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from epos.contract.areas import Area
from epos.contract.codec import to_wire
from epos.contract.content import Customer, Discount, OrderItem, TaxLine
from epos.contract.orders import SearchOrdersRequest
from epos.contract.paging import Cursor
from epos.contract.tables import SearchTablesRequest, Table
from epos.demo import seeding
from epos.demo.opening import evening
from epos.domain.identifiers import Identifiers
from epos.domain.natural_order import natural_key
from epos.domain.requester import Requester
from epos.main import build_services, build_till_services
from epos.services.till.pins import Pins
from epos.services.till.staff import Approvals
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.tables import metadata
from epos.till_contract.layout import read_layout
from epos.till_contract.staff import Approval
from tests.support.databases import fresh_database
from tests.support.tab_checks import check_order, check_sums

LONDON = ZoneInfo("Europe/London")
REQUESTER = Requester("demo", credential="demo", trace_id="0" * 32)
OPEN = "status NOT IN ('Finalized', 'Canceled', 'Failed')"
ALL = Cursor(limit=100)


@pytest.fixture(scope="module")
def demo_url(postgresql_url: str) -> Iterator[str]:
    """A database with nothing in it: elsewhere, tests change what is in the demo venue."""
    with fresh_database(postgresql_url) as url:
        yield url


@pytest.fixture(scope="module")
async def seeded(demo_url: str) -> AsyncIterator[Database]:
    database = Database(demo_url, pool_size=4)
    await seeding.seed(database)
    yield database
    await database.close()


async def rows(database: Database, sql: str) -> list[Record]:
    async with database.connection() as connection:
        return await connection.fetch(sql)


async def all_tables(database: Database) -> list[Table]:
    page = await build_services(database, Identifiers()).tables.search(
        SearchTablesRequest(cursor=ALL), REQUESTER
    )
    return page.data


async def all_orders(database: Database) -> list[dict[str, Any]]:
    """As they are answered."""
    orders = build_services(database, Identifiers()).orders
    page = await orders.search(SearchOrdersRequest(cursor=ALL), REQUESTER)
    assert page.after is None
    answered: list[dict[str, Any]] = json.loads(to_wire(page.data))
    return answered


async def occupied(database: Database) -> dict[str, str]:
    seats = await rows(database, "SELECT table_id, party_id FROM party_table WHERE is_live")
    return {seat["table_id"]: seat["party_id"] for seat in seats}


# --- the place ------------------------------------------------------------------------------------


async def test_venue(seeded: Database) -> None:
    [venue] = await rows(seeded, "SELECT * FROM venue")
    settings = ("id", "currency", "time_zone", "access_policy", "accepts_orders")
    assert [venue[name] for name in settings] == ["demo", "GBP", "Europe/London", "open", True]
    assert venue["name"] == "The Heron & Hound"


async def test_areas_have_tables_and_waiters(seeded: Database) -> None:
    areas: list[Area] = await build_services(seeded, Identifiers()).areas.list(REQUESTER)
    assert [area.name for area in areas] == ["Main Room", "Terrace", "Bar", "Snug"]
    tables = await all_tables(seeded)
    assert {area.id for area in areas} == {table.areaId for table in tables}
    assert all(area.waiterIds for area in areas)


async def test_tables(seeded: Database) -> None:
    tables = await all_tables(seeded)
    assert len(tables) >= 20
    assert len({table.name for table in tables}) == len(tables)
    assert all(table.maxCovers in range(2, 7) for table in tables)
    main = [table.name for table in tables if table.areaId == "area_main"]
    assert main == [f"Table {number}" for number in range(1, 13)]
    keys = await rows(seeded, "SELECT name, name_key FROM dining_table")
    assert all(key["name_key"] == natural_key(key["name"]) for key in keys)


async def test_what_was_sold_is_on_the_menu(seeded: Database) -> None:
    """With the modifiers and the sides, at the prices of the menu."""
    menu = await build_till_services(seeded, Identifiers()).menu.get(REQUESTER)
    items = {item.plu: item for category in menu.categories for item in category.items}
    assert [category.name for category in menu.categories] == [
        "Starters",
        "Mains",
        "Sides",
        "Puddings",
        "Drinks",
    ]
    lines = await rows(
        seeded, "SELECT plu, name, price, vat_rate, modifiers, sub_items FROM tab_line"
    )
    sold = [dict(line) for line in lines]
    sold += [side for line in lines for side in json.loads(line["sub_items"])]
    for line in sold:
        item = items[line["plu"]]
        assert (line["name"], line["price"]) == (item.name, item.price)
        offered = {modifier.plu: modifier for modifier in item.modifiers}
        chosen = line["modifiers"]
        for modifier in json.loads(chosen) if isinstance(chosen, str) else chosen:
            found = offered[modifier["plu"]]
            assert (modifier["name"], modifier["price"]) == (found.name, found.price)


async def test_the_manager_has_the_public_pin(seeded: Database) -> None:
    approval = Approval(waiterId="100", pin="2468")
    assert await Approvals(Pins(seeded)).check(REQUESTER, approval) == "100"


async def test_it_can_be_exported_and_imported(seeded: Database) -> None:
    exported = await build_till_services(seeded, Identifiers()).layouts.get(REQUESTER)
    assert to_wire(read_layout(to_wire(exported))) == to_wire(exported)
    assert exported.venue.serviceChargeRate == 1250


async def test_four_waiters_with_assignments_and_a_manager(seeded: Database) -> None:
    waiters = await rows(seeded, "SELECT id, is_manager FROM waiter")
    assert [waiter["id"] for waiter in waiters if waiter["is_manager"]] == ["100"]
    assigned = await rows(
        seeded, "SELECT waiter_id FROM area_waiter UNION SELECT waiter_id FROM table_waiter"
    )
    serving = {waiter["id"] for waiter in waiters if not waiter["is_manager"]}
    assert serving == {row["waiter_id"] for row in assigned} == {"101", "102", "103", "104"}
    assert any(table.waiterIds for table in await all_tables(seeded))


# --- the guests -----------------------------------------------------------------------------------


async def test_half_of_the_tables_are_free(seeded: Database) -> None:
    ordered = await rows(seeded, f"SELECT table_id FROM customer_order WHERE {OPEN}")
    taken = {row["table_id"] for row in ordered} - {None} | (await occupied(seeded)).keys()
    assert len(taken) * 2 == len(await all_tables(seeded))


async def test_parties_fit_their_tables_and_came_before_now(seeded: Database) -> None:
    parties = await rows(
        seeded,
        """
        SELECT party.*, sum(max_covers) AS room, count(*) AS tables, clock_timestamp() AS now
        FROM party JOIN party_table
            ON (party_table.venue_id, party_table.party_id) = (party.venue_id, party.id)
        JOIN dining_table
            ON (dining_table.venue_id, dining_table.id) = (party.venue_id, party_table.table_id)
        GROUP BY party.venue_id, party.id
        """,
    )
    assert sum(party["is_live"] for party in parties) >= 8
    assert any(not party["is_live"] and party["end_time"] < party["now"] for party in parties)
    assert any(party["tables"] > 1 for party in parties)
    assert any(party["deposit_amount"] for party in parties)
    for party in parties:
        assert 0 < party["covers"] <= party["room"]
        assert party["start_time"] < party["now"] < party["expected_end_time"] or party["end_time"]


async def test_a_table_that_was_left_says_so(seeded: Database) -> None:
    left = await rows(
        seeded,
        """
        SELECT end_time, freed_at FROM party
        JOIN party_table ON (party_table.venue_id, party_id) = (party.venue_id, party.id)
        JOIN dining_table ON (dining_table.venue_id, dining_table.id) = (party.venue_id, table_id)
        WHERE NOT party.is_live
        """,
    )
    assert left
    assert all(row["freed_at"] == row["end_time"] for row in left)


async def test_reservations_are_of_today_and_some_are_seated(seeded: Database) -> None:
    reservations = await rows(
        seeded,
        """
        SELECT reservation.*, party.id AS party_id, party.start_time AS seated_at,
               (SELECT sum(max_covers) FROM reservation_table
                JOIN dining_table USING (venue_id)
                WHERE dining_table.id = table_id
                  AND (venue_id, reservation_id) = (reservation.venue_id, reservation.id)) AS room
        FROM reservation LEFT JOIN party
            ON (party.venue_id, party.reservation_id) = (reservation.venue_id, reservation.id)
        """,
    )
    seated = [row for row in reservations if row["party_id"]]
    expected = [row for row in reservations if not row["party_id"]]
    assert len(seated) >= 4
    assert len(expected) >= 6
    assert all(row["start_time"] <= row["seated_at"] for row in seated)
    [seeded_at] = await rows(seeded, "SELECT at FROM audit_entry")
    today = seeded_at["at"].astimezone(LONDON).date()
    for row in expected:
        start = row["start_time"].astimezone(LONDON)
        assert start.date() == today
        assert start.time() >= time(18)
    assert all(row["covers"] <= row["room"] for row in reservations)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-01-15T00:05", "2026-01-15T18:00"),
        ("2026-07-15T11:20", "2026-07-15T17:00"),  # British Summer Time
        ("2026-01-15T17:59", "2026-01-15T18:00"),
        ("2026-01-15T19:20", "2026-01-15T19:30"),
        ("2026-01-15T23:50", "2026-01-15T21:00"),
    ],
)
def test_evening(now: str, first: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert evening(moment, LONDON) == datetime.fromisoformat(first).replace(tzinfo=UTC)


# --- the orders -----------------------------------------------------------------------------------


def line_total(item: Any) -> Any:
    """Written here apart from the code under test."""
    sides = sum(side["quantity"] * each(side) for side in item.get("subItems", []))
    return item["quantity"] * (each(item) + sides)


def each(thing: Any) -> Any:
    added = [m["quantity"] * m["amountPerModifier"]["value"] for m in thing.get("modifiers", [])]
    return thing["amountPerItem"]["value"] + sum(added)


async def test_totals_and_vat_add_up(seeded: Database) -> None:
    for order in await rows(seeded, "SELECT * FROM customer_order"):
        content = json.loads(order["content"])
        goods = sum(line_total(item) for item in content["items"])
        goods -= sum(off["amountTotal"]["value"] for off in content.get("discounts", []))
        assert order["total_amount"] == goods + (order["service_charge_amount"] or 0)
        [vat] = content["taxLines"]
        assert vat["amountPercentage"] == 2000
        assert abs(vat["amountTotal"]["value"] - goods / 6) <= 0.5
        if order["service_charge_amount"] is not None:
            assert abs(order["service_charge_amount"] - goods / 8) <= 0.5


async def test_a_till_sees_the_same_tabs(seeded: Database) -> None:
    tabs = build_till_services(seeded, Identifiers()).tabs
    for order in await all_orders(seeded):
        tab = json.loads(to_wire(await tabs.get(order["id"], REQUESTER)))
        check_sums(tab)
        check_order(tab, order)
        sent = {line.get("sentRound") for line in tab["lines"]}
        assert sent == ({None} if tab["status"] == "New" else {1})


async def test_content_is_what_the_contract_accepts(seeded: Database) -> None:
    for order in await rows(seeded, "SELECT content FROM customer_order"):
        content = json.loads(order["content"])
        assert content.keys() <= {"items", "discounts", "taxLines", "customer"}
        assert content["items"]
        models: dict[str, type[BaseModel]] = {
            "items": OrderItem,
            "discounts": Discount,
            "taxLines": TaxLine,
        }
        for name, model in models.items():
            for part in content.get(name, []):
                assert model.model_validate(part).model_dump(exclude_none=True) == part
        if "customer" in content:
            assert Customer.model_validate(content["customer"]).name


async def test_orders_show_all_that_an_order_can_have(seeded: Database) -> None:
    orders = await all_orders(seeded)
    items = [item for order in orders for item in order["items"]]
    assert all(item["plu"] for item in items)
    for name in ("modifiers", "subItems", "note"):
        assert any(name in item for item in items)
    for name in ("discounts", "taxLines", "note", "customer", "serviceChargeAmount"):
        assert any(name in order for order in orders)
    assert all(len(order["displayName"]) <= 24 for order in orders)
    assert len({order["status"] for order in orders}) >= 5


async def test_open_orders_are_tabs_of_the_party_at_their_table(seeded: Database) -> None:
    orders = await rows(seeded, f"SELECT * FROM customer_order WHERE {OPEN}")
    parties = await occupied(seeded)
    assert len(orders) >= 8
    for order in orders:
        assert (order["origin"], order["dojo_order_id"]) == ("till", None)
        assert order["reference_is_ours"]
        assert order["display_name"] is None
        if order["table_id"] is not None:
            assert order["party_id"] == parties[order["table_id"]]
    assert len({order["reference"] for order in orders}) == len(orders)
    fetched = [order for order in orders if order["order_type"] == "Collection"]
    assert fetched
    assert all(order["table_id"] is None and order["party_id"] is None for order in fetched)


async def test_orders_came_after_their_party_and_before_now(seeded: Database) -> None:
    orders = await rows(
        seeded,
        """
        SELECT customer_order.*, start_time, clock_timestamp() AS now
        FROM customer_order
            LEFT JOIN party ON party.venue_id = customer_order.venue_id AND party.id = party_id
        """,
    )
    for order in orders:
        assert order["created_at"] <= order["updated_at"] < order["now"]
        assert order["start_time"] is None or order["start_time"] < order["created_at"]


async def test_some_are_paid_in_part_some_not_at_all_one_in_full(seeded: Database) -> None:
    orders = await all_orders(seeded)
    payable = [order for order in orders if order["payable"]]
    partly = [order for order in payable if order["payments"]]
    assert any(order["tipsAmount"]["value"] > 0 for order in partly)
    assert len(payable) - len(partly) >= 5
    [closed] = [order for order in orders if not order["payable"]]
    assert closed["status"] == "Finalized"
    assert closed["paidAmount"] == closed["totalAmount"]


async def test_payments_are_captured_card_payments(seeded: Database) -> None:
    payments = await rows(
        seeded,
        """
        SELECT payment.*, payment_intent.status AS intent_status FROM payment
            LEFT JOIN payment_intent ON payment_intent.venue_id = payment.venue_id
                AND payment_intent.id = payment_intent_id
        """,
    )
    states = {(row["source"], row["status"], row["intent_status"]) for row in payments}
    assert states == {("dojo", "captured", "Captured")}


# --- once -----------------------------------------------------------------------------------------


async def snapshot(database: Database) -> dict[str, list[str]]:
    """Every row of every table."""
    return {
        table: [row["row"] for row in await rows(database, f"SELECT t::text AS row FROM {table} t")]
        for table in metadata.tables
    }


async def test_seeding_again_changes_nothing(seeded: Database) -> None:
    before = await snapshot(seeded)
    await seeding.seed(seeded)
    assert await snapshot(seeded) == before


@pytest.mark.slow
async def test_processes_that_seed_at_the_same_time_make_one_venue(
    postgresql_url: str, seeded: Database
) -> None:
    made = await asyncio.to_thread(fresh_database, postgresql_url)
    url = await asyncio.to_thread(made.__enter__)
    try:
        await asyncio.gather(*(seed_in_a_process(url) for _ in range(3)))
        database = Database(url, pool_size=2)
        counted = {table: len(found) for table, found in (await snapshot(database)).items()}
        await database.close()
    finally:
        await asyncio.to_thread(made.__exit__, None, None, None)
    assert counted == {table: len(found) for table, found in (await snapshot(seeded)).items()}


async def seed_in_a_process(url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if "EPOS" not in name}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "epos", "seed", "--database-url", url, env=environment
    )
    assert await process.wait() == 0


async def test_connections_that_seed_at_the_same_time_make_one_venue(seeded: Database) -> None:
    before = await snapshot(seeded)
    await asyncio.gather(*(seeding.seed(seeded) for _ in range(4)))
    assert await snapshot(seeded) == before
