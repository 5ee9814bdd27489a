"""What guests order: put on a tab, put right, made void, sent to the kitchen."""

from typing import Any

import pytest

from tests.support.audit import trail
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.rows import execute, fetch
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

DINNER: list[Any] = [
    {"plu": "burger", "quantity": 2, "modifiers": [{"plu": "cheese", "quantity": 2}], "cover": 1},
    {"plu": "mug", "note": "Warm", "subItems": [{"plu": "milk", "quantity": 2, "note": "Oat"}]},
    {"plu": "market-fish", "price": 2345, "modifiers": [{"plu": "small"}]},
    "wine",
]
CHEAP_FISH = {"plu": "market-fish", "price": 1999, "modifiers": [{"plu": "small"}]}


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    return await open_tab(bistro, who={"waiter_id": "anna"}, tableId="t1")


async def test_price_category_and_vat_rate_come_from_the_menu(tab: TillTab) -> None:
    burger, mug, fish, wine = await tab.add(*DINNER)
    assert (burger["name"], burger["category"], burger["vatRate"]) == ("Burger", "Food", 2000)
    assert (burger["price"], burger["gross"], burger["cover"]) == (1250, 2 * (1250 + 200), 1)
    assert (mug["gross"], mug["note"]) == (899 + 2 * 125, "Warm")
    [milk] = mug["subItems"]
    assert (milk["category"], milk["vatRate"], milk["note"]) == ("Drinks", 0, "Oat")
    assert (fish["price"], fish["gross"]) == (2345, 345)
    assert (wine["name"], wine["quantity"]) == ("Wine", 1)
    assert tab.shown["total"] == 2900 + 1149 + 345 + 795
    zero = {"vatRate": 0, "gross": 250, "vat": 0}
    assert tab.shown["taxes"] == [{"vatRate": 2000, "gross": 4939, "vat": 823}, zero]


async def test_what_was_sold_stays_as_it_was_sold(bistro: Venue, tab: TillTab) -> None:
    await tab.add(*DINNER)
    before = tab.shown
    await execute(
        bistro, "UPDATE menu_item SET name = 'X', price = 1, vat_rate = 0 WHERE venue_id = $1"
    )
    await execute(bistro, "UPDATE menu_modifier SET name = 'X', price = 1 WHERE venue_id = $1")
    await execute(bistro, "UPDATE menu_category SET name = name || ' (old)' WHERE venue_id = $1")
    assert await tab.read() == before
    [later] = await tab.add("burger")
    assert (later["price"], later["category"], later["vatRate"]) == (1, "Food (old)", 0)
    assert tab.shown["lines"][:-1] == before["lines"]


@pytest.mark.parametrize(
    ("status", "item", "words"),
    [
        (400, {"plu": "pizza"}, "items[1].plu is not on the menu"),
        (409, {"plu": "oysters"}, "Oysters (PLU oysters) is not available"),
        (400, {"plu": "burger", "price": 1}, "items[1].price must not be sent: Burger has a price"),
        (400, {"plu": "market-fish"}, "items[1].price is required: Fish of the Day has an open"),
        (400, {"plu": "market-fish", "price": -1}, "items[1].price must be a whole number between 0"),
        (
            400,
            CHEAP_FISH,
            "items[1].price of Fish of the Day is less than 0 with its modifiers",
        ),
        (
            400,
            {"plu": "chips", "modifiers": [{"plu": "cheese"}, {"plu": "no-bun"}]},
            "items[1].modifiers[1].plu is not a modifier of Chips",
        ),
        (409, {"plu": "burger", "modifiers": [{"plu": "truffle"}]}, "Truffle (PLU truffle) is not"),
        (400, {"plu": "mug", "subItems": [{"plu": "?"}]}, "items[1].subItems[0].plu is not on the"),
        (
            400,
            {"plu": "mug", "subItems": [CHEAP_FISH]},
            "items[1].subItems[0].price of Fish of the Day is less than 0",
        ),
        (400, {"plu": "mug", "subItems": [{"plu": "milk", "price": 1}]}, "items[1].subItems[0].price"),
    ],
)  # fmt: skip
async def test_what_cannot_be_added_leaves_nothing(
    tab: TillTab, status: int, item: Any, words: str
) -> None:
    """Neither does the item before it."""
    assert words in await tab.refused(status, "items", items=[{"plu": "chips"}, item])


async def test_a_request_adds_something_but_not_everything(tab: TillTab) -> None:
    assert "items must not be empty" in await tab.refused(400, "items", items=[])
    hundred_and_one = [{"plu": "chips"}] * 101
    assert "items must have at most 100 elements" in await tab.refused(
        400, "items", items=hundred_and_one
    )


@pytest.mark.slow
async def test_a_tab_has_at_most_a_thousand_lines(tab: TillTab) -> None:
    for _ in range(10):
        await tab.do("items", items=[{"plu": "chips"}] * 100)
    assert tab.shown["total"] == 450_000
    assert "at most 1000 lines" in await tab.refused(409, "items", items=[{"plu": "chips"}])
    await tab.void(tab.lines[500])
    await tab.do("send")
    await tab.discount(percentage=1000)
    assert tab.shown["total"] == 999 * 450 * 9 // 10


async def test_a_tab_has_at_most_two_thousand_pieces(tab: TillTab) -> None:
    """As large as it may be, it is read, changed and summed as a small one is."""
    line = {"plu": "mug", "subItems": [{"plu": "milk", "note": "Oat"}] * 49}
    for _ in range(4):
        await tab.add(*[line] * 10)
    assert "at most 2000 lines, sub-items" in await tab.refused(
        409, "items", items=[{"plu": "chips"}]
    )
    assert tab.shown["total"] == 40 * (899 + 49 * 125)
    await tab.void(tab.lines[0])
    await tab.do("send")
    assert tab.shown["total"] == 39 * (899 + 49 * 125)


async def test_a_tab_comes_to_no_more_than_an_amount_can_be(tab: TillTab) -> None:
    much = {"plu": "market-fish", "price": 10**12}
    await tab.add(much)
    assert "comes to at most" in await tab.refused(409, "items", items=[{"plu": "milk"}])
    assert "comes to at most" in await tab.refused(
        409, "items", items=[{**much, "quantity": 10**6}], confirm=True
    )


# --- putting right --------------------------------------------------------------------------------


async def test_a_line_is_put_right_until_the_kitchen_knows_it(tab: TillTab) -> None:
    burger, chips = await tab.add({"plu": "burger", "note": "Rare"}, "chips")
    await tab.do(f"items/{burger['id']}", method="PUT", quantity=3, cover=2)
    changed = tab.line("burger")
    assert (changed["quantity"], changed["cover"], changed["gross"]) == (3, 2, 3750)
    assert "note" not in changed
    await tab.do("send")
    for body in ({"quantity": 2, "cover": 2}, {"quantity": 3, "note": "Rare"}):
        assert "sent to the kitchen" in await tab.refused(
            409, f"items/{burger['id']}", method="PUT", **body
        )
    await tab.do(f"items/{burger['id']}", method="PUT", quantity=3, cover=1)
    assert tab.line("burger")["cover"] == 1
    await tab.void(tab.line("chips"), approval=APPROVAL)
    assert "Chips is void" in await tab.refused(
        409, f"items/{chips['id']}", method="PUT", quantity=1
    )
    assert "lineId lin_x is not on this tab" in await tab.refused(
        400, "items/lin_x", method="PUT", quantity=1
    )


# --- void -----------------------------------------------------------------------------------------


async def test_a_slip_is_made_void_without_a_manager(tab: TillTab) -> None:
    burger, _ = await tab.add("burger", "chips")
    shown = await tab.void(burger)
    assert shown["total"] == 450
    void = shown["lines"][0]["void"]
    assert (void["reason"], void["by"]) == ("A slip", "anna")
    assert "Burger is void" in await tab.refused(409, "void", lineId=burger["id"], reason="Again")


async def test_what_was_sent_is_made_void_by_a_manager(tab: TillTab) -> None:
    [burger] = await tab.add("burger")
    await tab.do("send")
    body: dict[str, Any] = {"lineId": burger["id"], "reason": "Sent back"}
    assert "a manager must approve" in await tab.refused(403, "void", **body)
    by_anna = {"waiterId": "anna", "pin": WAITER_PIN}
    assert "may not do this" in await tab.refused(403, "void", **body, approval=by_anna)
    await tab.void(burger, reason="Sent back", approval=APPROVAL)
    assert tab.shown["total"] == 0
    assert tab.lines[0]["void"]["by"] == "max"
    assert tab.shown["status"] == "Confirmed"


async def test_some_of_a_line_is_made_void(tab: TillTab) -> None:
    burgers, _ = await tab.add({"plu": "burger", "quantity": 3}, "chips")
    await tab.discount(burgers, amount=500)
    await tab.void(burgers, quantity=1)
    left, void, chips = tab.lines
    assert (left["id"], left["quantity"], left["total"]) == (burgers["id"], 2, 2500 - 333)
    assert (void["quantity"], void["void"]["reason"]) == (1, "A slip")
    assert chips["plu"] == "chips"
    assert tab.shown["total"] == 2167 + 450
    body: dict[str, Any] = {"lineId": burgers["id"], "reason": "A slip"}
    assert "quantity of Burger must be from 1 to 2" in await tab.refused(
        400, "void", **body, quantity=3
    )
    await tab.void(left, quantity=2)
    assert tab.shown["total"] == 450


async def test_voids_are_entered_beside_the_sales(bistro: Venue, tab: TillTab) -> None:
    burger, _ = await tab.add({"plu": "burger", "quantity": 2}, "milk")
    await tab.void(burger, quantity=1)
    entries = await fetch(
        bistro,
        """SELECT kind, category, sum(amount)::int AS amount, sum(count)::int AS count
           FROM sale_entry WHERE venue_id = $1 AND kind <> 'vat'
           GROUP BY kind, category HAVING sum(count) <> 0 ORDER BY kind, category""",
    )
    assert [tuple(entry.values()) for entry in entries] == [
        ("item", "Drinks", 125, 1),
        ("item", "Food", 1250, 1),
        ("void", "Food", 1250, 1),
    ]


async def test_a_tab_with_nothing_left_on_it_stays_open(tab: TillTab) -> None:
    [line] = await tab.add("burger")
    await tab.void(line)
    assert (tab.shown["status"], tab.shown["total"], tab.shown["payable"]) == ("New", 0, False)


# --- the kitchen ----------------------------------------------------------------------------------


async def test_each_round_tells_the_kitchen_what_is_new(bistro: Venue, tab: TillTab) -> None:
    assert "nothing new to send to the kitchen" in await tab.refused(409, "send")
    slip, *_ = await tab.add("chips", "burger", "wine")
    await tab.void(slip)
    await tab.do("send")
    assert (tab.shown["status"], tab.shown["rounds"]) == ("Confirmed", 1)
    assert [line.get("sentRound") for line in tab.lines] == [None, 1, 1]
    assert "nothing new to send to the kitchen" in await tab.refused(409, "send")
    await execute(
        bistro, "UPDATE customer_order SET status = 'Ready' WHERE venue_id = $1 AND id = $2", tab.id
    )
    await tab.add("cake")
    await tab.do("send")
    assert (tab.shown["status"], tab.shown["rounds"]) == ("Ready", 2)
    assert tab.line("cake")["sentRound"] == 2


async def test_a_tab_says_what_it_is_told_to_say(tab: TillTab) -> None:
    await tab.do("", method="PUT", covers=4, note="Birthday", displayName="The Smiths")
    shown = tab.shown
    assert (shown["covers"], shown["note"]) == (4, "Birthday")
    assert shown["displayName"] == "The Smiths"
    await tab.do("", method="PUT")
    assert not {"covers", "note"} & tab.shown.keys()


async def test_the_trail_has_ids_and_amounts_and_nobodys_words(bistro: Venue, tab: TillTab) -> None:
    burger, _ = await tab.add({"plu": "burger", "note": "Ada's allergy"}, "chips")
    await tab.void(burger, reason="Ada left")
    entries = await trail(bistro, tab.id)
    actions = [entry["action"] for entry in entries]
    assert actions == ["tab.opened", "tab.items_added", "tab.line_voided"]
    assert burger["id"] in str(entries[1]["details"])
    assert entries[2]["details"]["total"] == 450
    assert not any("Ada" in str(entry["details"]) for entry in entries)
