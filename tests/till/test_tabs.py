"""Tabs: opened, and what guests order put on them."""

from tests.support.venues import Venue


async def test_a_new_tab_is_empty_and_owes_nothing(bistro: Venue) -> None:
    tab = await bistro.till.ok(
        "POST", "/till/v1/tabs", {"tableId": "t1", "covers": 2}, waiter_id="anna"
    )
    assert (tab["status"], tab["version"], tab["origin"]) == ("New", 1, "till")
    assert (tab["total"], tab["balance"], tab["payable"]) == (0, 0, False)
    assert (tab["tableId"], tab["waiterId"], tab["covers"]) == ("t1", "anna", 2)
    assert (tab["lines"], tab["payments"], tab["rounds"]) == ([], [], 0)


async def test_price_category_and_vat_come_from_the_menu(bistro: Venue) -> None:
    tab = await bistro.till.ok("POST", "/till/v1/tabs", {"tableId": "t1"})
    body = {
        "version": 1,
        "items": [
            {"plu": "burger", "quantity": 2, "modifiers": [{"plu": "cheese"}], "cover": 1},
            {"plu": "mug", "subItems": [{"plu": "milk", "quantity": 2}], "note": "Warm"},
        ],
    }
    tab = await bistro.till.ok("POST", f"/till/v1/tabs/{tab['id']}/items", body)
    burger, mug = tab["lines"]
    assert (burger["name"], burger["category"], burger["price"]) == ("Burger", "Food", 1250)
    assert (burger["vatRate"], burger["gross"], burger["cover"]) == (2000, 2700, 1)
    assert (mug["gross"], mug["note"], mug["subItems"][0]["vatRate"]) == (1149, "Warm", 0)
    assert (tab["version"], tab["total"], tab["balance"], tab["payable"]) == (2, 3849, 3849, True)
    assert await bistro.till.ok("GET", f"/till/v1/tabs/{tab['id']}") == tab
    order = await bistro.ok("GET", f"/v1/orders/{tab['id']}")
    assert order["totalAmount"]["value"] == 3849
