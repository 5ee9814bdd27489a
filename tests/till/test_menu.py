"""The menu, as it is set up, and as the till sells from it."""

import asyncio
from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.tabs import open_tab
from tests.support.venues import Venue

MENU = "/till/v1/menu"
CATEGORIES, ITEMS = f"{MENU}/categories", f"{MENU}/items"
Json = dict[str, Any]


@pytest.fixture
async def food(venue: Venue) -> Venue:
    """A venue with one category, `food`, and nothing in it."""
    await venue.admin.ok("POST", CATEGORIES, {"id": "food", "name": "Food"})
    return venue


def item(plu: str = "1001", **fields: Any) -> Json:
    return {
        "plu": plu,
        "categoryId": "food",
        "name": "Pie",
        "price": 1250,
        "vatRate": 2000,
    } | fields


def without_plu(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name != "plu"}


async def menu(venue: Venue) -> list[tuple[str, list[str]]]:
    """Names of the categories, and the PLUs in each."""
    found = await venue.till.ok("GET", MENU)
    return [
        (category["name"], [item["plu"] for item in category["items"]])
        for category in found["categories"]
    ]


async def test_a_menu_is_made_and_sold_from(food: Venue) -> None:
    modifiers = [
        {"plu": "gravy", "name": "Gravy", "price": 150, "available": True},
        {"plu": "no-peas", "name": "No Peas", "price": -50, "available": True},
    ]
    made = await food.admin.ok("POST", ITEMS, item(modifiers=modifiers))
    assert made == item(modifiers=modifiers, available=True, position=0)
    tab = await open_tab(food, tableId="t1")
    ordered = {"plu": "1001", "quantity": 2, "modifiers": [{"plu": "gravy"}]}
    await tab.do("items", items=[ordered])
    [line] = tab.lines
    assert (line["name"], line["price"], line["gross"]) == ("Pie", 1250, 2800)


async def test_the_menu_has_an_order_of_its_own(food: Venue) -> None:
    await food.admin.ok("POST", CATEGORIES, {"id": "drinks", "name": "Drinks"})
    await food.admin.ok("POST", CATEGORIES, {"id": "snacks", "name": "Snacks", "position": 0})
    for plu in ("b", "a", "c"):
        await food.admin.ok("POST", ITEMS, item(plu))
    await food.admin.ok("POST", ITEMS, item("first", position=0))
    assert await menu(food) == [
        ("Food", ["b", "first", "a", "c"]),
        ("Snacks", []),
        ("Drinks", []),
    ]
    await food.admin.ok("PUT", f"{CATEGORIES}/food", {"name": "Food", "position": 9})
    await food.admin.ok("PUT", f"{ITEMS}/b", without_plu(item(categoryId="drinks")))
    assert await menu(food) == [
        ("Snacks", []),
        ("Drinks", ["b"]),
        ("Food", ["first", "a", "c"]),
    ]


async def test_what_was_sold_stays_as_it_was_sold(food: Venue) -> None:
    await food.admin.ok("POST", ITEMS, item())
    tab = await open_tab(food, tableId="t1")
    await tab.do("items", items=[{"plu": "1001", "quantity": 1}])
    change = without_plu(item(name="Fish Pie", price=1500, vatRate=500))
    changed = await food.admin.ok("PUT", f"{ITEMS}/1001", change)
    assert changed == item(name="Fish Pie", price=1500, vatRate=500) | {
        "available": True,
        "position": 0,
        "modifiers": [],
    }
    await food.admin.ok("DELETE", f"{ITEMS}/1001")
    kept = await food.till.ok("GET", tab.path)
    assert (kept["lines"][0]["name"], kept["total"]) == ("Pie", 1250)
    words = "items[0].plu is not on the menu"
    assert words in await tab.refused(400, "items", items=[{"plu": "1001", "quantity": 1}])


async def test_an_item_without_a_price_has_an_open_one(food: Venue) -> None:
    made = await food.admin.ok("POST", ITEMS, without_price(item()))
    assert "price" not in made
    tab = await open_tab(food, tableId="t1")
    await tab.do("items", items=[{"plu": "1001", "quantity": 1, "price": 777}])
    assert tab.shown["total"] == 777


def without_price(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name != "price"}


async def test_the_till_says_what_has_run_out(food: Venue) -> None:
    gravy = {"plu": "gravy", "name": "Gravy", "price": 150}
    await food.admin.ok("POST", ITEMS, item(modifiers=[gravy]))
    gone = await food.till.ok("PUT", f"{ITEMS}/1001/availability", {"available": False})
    assert gone["available"] is False
    tab = await open_tab(food, tableId="t1")
    gone_words = "Pie (PLU 1001) is not available"
    assert gone_words in await tab.refused(409, "items", items=[{"plu": "1001", "quantity": 1}])
    await food.admin.ok("PUT", f"{ITEMS}/1001/availability", {"available": True})
    path = f"{ITEMS}/1001/modifiers/gravy/availability"
    gone = await food.till.ok("PUT", path, {"available": False}, waiter_id="anna")
    assert gone["modifiers"][0]["available"] is False
    ordered = {"plu": "1001", "quantity": 1, "modifiers": [{"plu": "gravy"}]}
    assert "Gravy (PLU gravy) is not available" in await tab.refused(409, "items", items=[ordered])
    await food.till.refused(404, "PUT", f"{ITEMS}/9/availability", {"available": True})
    missing = f"{ITEMS}/1001/modifiers/peas/availability"
    await food.till.refused(404, "PUT", missing, {"available": True})


async def test_a_category_with_items_stays(food: Venue) -> None:
    await food.admin.ok("POST", ITEMS, item())
    error = await food.admin.refused(409, "DELETE", f"{CATEGORIES}/food")
    assert error["debugMessage"] == "The category cannot be removed: item 1001 is in it"
    await food.admin.ok("DELETE", f"{ITEMS}/1001")
    await food.admin.ok("DELETE", f"{CATEGORIES}/food")
    assert await menu(food) == []
    for method, path, body in [
        ("DELETE", f"{CATEGORIES}/food", None),
        ("PUT", f"{CATEGORIES}/food", {"name": "Food"}),
        ("DELETE", f"{ITEMS}/1001", None),
        ("PUT", f"{ITEMS}/1001", without_plu(item())),
    ]:
        await food.admin.refused(404, method, path, body)


async def test_names_of_categories_and_plus_are_used_once(food: Venue) -> None:
    error = await food.admin.refused(409, "POST", CATEGORIES, {"name": "Food"})
    assert error["debugMessage"] == "Category food is called Food already"
    error = await food.admin.refused(409, "POST", CATEGORIES, {"id": "food", "name": "Other"})
    assert error["debugMessage"] == "There is a category food already"
    answers = await asyncio.gather(*(food.admin.call("POST", ITEMS, item()) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price": 12.5}, "price must be a whole number between 0 and"),
        ({"categoryId": "drinks"}, "categoryId is not a category of the menu"),
        (
            {"modifiers": [{"plu": "gravy", "name": "Gravy"}, {"plu": "gravy", "name": "Jus"}]},
            "modifiers[1].plu appears twice",
        ),
    ],
)
async def test_what_is_wrong_with_an_item_is_named(food: Venue, fields: Json, words: str) -> None:
    error = await food.admin.refused(400, "POST", ITEMS, item(**fields))
    assert error["debugMessage"].startswith(words)
    assert await menu(food) == [("Food", [])]


async def test_the_till_sets_nothing_else(food: Venue) -> None:
    await food.till.refused(403, "POST", ITEMS, item())
    await food.till.refused(403, "POST", CATEGORIES, {"name": "Drinks"})
    await food.refused(403, "GET", MENU)


async def test_another_venues_menu_does_not_exist(food: Venue, other_venue: Venue) -> None:
    await food.admin.ok("POST", ITEMS, item())
    assert await menu(other_venue) == []
    path = f"{ITEMS}/1001/availability"
    await other_venue.till.refused(404, "PUT", path, {"available": False})
    await other_venue.admin.refused(404, "DELETE", f"{ITEMS}/1001")
    await other_venue.admin.refused(400, "POST", ITEMS, item())


async def test_every_change_is_in_the_audit_trail(food: Venue) -> None:
    await food.admin.ok("POST", ITEMS, item())
    await food.till.ok("PUT", f"{ITEMS}/1001/availability", {"available": False}, waiter_id="ben")
    entries = await trail(food)
    assert [(entry["action"], entry["subject_id"], entry["waiter_id"]) for entry in entries] == [
        ("menu.category_created", "food", None),
        ("menu.item_created", "1001", None),
        ("menu.availability", "1001", "ben"),
    ]
