"""One tab into two: what Dojo knows stays, and the two come to what the one came to."""

from typing import Any

import pytest

from tests.support.clock import MINUTE, NOW, freeze, wire
from tests.support.floor import seat
from tests.support.journal import sold, total_sold
from tests.support.orders import payment
from tests.support.recording import record
from tests.support.rows import execute
from tests.support.tabs import TillTab, open_tab
from tests.support.venues import Venue

Json = dict[str, Any]

TABLE = [
    {"plu": "burger", "quantity": 3, "modifiers": [{"plu": "cheese"}], "cover": 1},
    {"plu": "wine", "quantity": 2, "cover": 2},
    {"plu": "cake", "subItems": [{"plu": "milk"}], "cover": 2},
    {"plu": "chips"},
]
TOTAL = 3 * 1_350 + 2 * 795 + 333 + 125 + 450


@pytest.fixture
async def tab(bistro: Venue) -> TillTab:
    """A table that has eaten; a charge of 12.5% is on it."""
    await execute(bistro, "UPDATE venue SET service_charge_rate = 1250 WHERE id = $1")
    tab = await open_tab(bistro, tableId="t1", waiterId="anna", note="Nut allergy", covers=4)
    await tab.do("items", items=TABLE)
    assert tab.shown["total"] == TOTAL + 819
    return tab


def lines(tab: TillTab, **quantities: int) -> list[Json]:
    ids = {line["plu"]: line["id"] for line in tab.shown["lines"]}
    return [{"lineId": ids[plu], "quantity": count} for plu, count in quantities.items()]


def shown(tab: Json) -> list[tuple[str, int]]:
    return [(line["plu"], line["quantity"]) for line in tab["lines"]]


async def test_by_items(tab: TillTab) -> None:
    known, before = tab.shown, await sold(tab.venue)
    parted = await tab.do("split", lines=lines(tab, burger=1, chips=1))
    kept, taken = parted["tab"], parted["taken"]
    assert shown(kept) == [("burger", 2), ("wine", 2), ("cake", 1)]
    assert shown(taken) == [("burger", 1), ("chips", 1)]
    assert kept["id"] == known["id"] != taken["id"]
    for name in ("total", "balance"):
        assert kept[name] + taken[name] == known[name]
    charges = [part["serviceCharge"]["amount"] for part in (kept, taken)]
    assert sum(charges) == known["serviceCharge"]["amount"]
    assert await sold(tab.venue) == before
    assert await tab.read() == kept
    assert await tab.venue.till.ok("GET", f"/till/v1/tabs/{taken['id']}") == taken


async def test_by_covers(tab: TillTab) -> None:
    parted = await tab.do("split", covers=[2, 7])
    assert shown(parted["tab"]) == [("burger", 3), ("chips", 1)]
    assert shown(parted["taken"]) == [("wine", 2), ("cake", 1)]


async def test_the_new_tab_is_of_the_same_guests(tab: TillTab) -> None:
    await tab.do("send")
    party = await seat(tab.venue, "t1")
    known = await tab.refresh()
    taken = (await tab.do("split", covers=[2]))["taken"]
    same = ("tableId", "partyId", "waiterId", "note", "status", "openedAt", "rounds")
    assert {name: taken[name] for name in same} == {name: known[name] for name in same}
    assert taken["partyId"] == party["id"]
    assert [line["sentRound"] for line in taken["lines"]] == [1, 1]
    assert (taken["version"], taken["payments"]) == (1, [])
    assert taken["reference"] != known["reference"]


async def test_or_of_those_at_another_table_with_another_waiter(tab: TillTab) -> None:
    party = await seat(tab.venue, "t2")
    taken = (await tab.do("split", covers=[2], tableId="t2", waiterId="ben"))["taken"]
    assert (taken["tableId"], taken["partyId"]) == ("t2", party["id"])
    assert taken["waiterId"] == "ben"
    assert (tab.shown["tableId"], tab.shown["waiterId"]) == ("t1", "anna")


async def test_dojo_pays_either_by_itself(tab: TillTab) -> None:
    parted = await tab.do("split", covers=[2])
    for part in (parted["tab"], parted["taken"]):
        order = await tab.venue.ok("GET", f"/v1/orders/{part['id']}")
        assert order["totalAmount"]["value"] == part["total"]
        await record(tab.venue, part["id"], payment(part["total"]))
        read = await tab.venue.till.ok("GET", f"/till/v1/tabs/{part['id']}")
        assert read["status"] == "Finalized"
    assert await total_sold(tab.venue) == TOTAL + 819


async def test_what_is_paid_stays_where_it_was_paid(tab: TillTab) -> None:
    await record(tab.venue, tab.id, payment(1_000, 50))
    await tab.refresh()
    parted = await tab.do("split", covers=[1])
    assert (parted["tab"]["paid"], parted["tab"]["tips"]) == (1_000, 50)
    assert (parted["taken"]["paid"], parted["taken"]["payments"]) == (0, [])


async def test_less_than_is_paid_cannot_stay(tab: TillTab) -> None:
    await record(tab.venue, tab.id, payment(4_000))
    await tab.refresh()
    words = await tab.refused(409, "split", covers=[1])
    assert "4000 of it is paid" in words


async def test_what_is_left_is_finished_if_it_was_paid(tab: TillTab) -> None:
    """Each has their own: whoever paid is done, and whoever did not has a tab."""
    probe = (await tab.do("split", covers=[1]))["tab"]
    await tab.do("merge", otherTabId=(await other_open(tab))["id"], otherVersion=1)
    await record(tab.venue, tab.id, payment(probe["total"]))
    await tab.refresh()
    parted = await tab.do("split", covers=[1])
    assert (parted["tab"]["status"], parted["tab"]["balance"]) == ("Finalized", 0)
    assert parted["taken"]["status"] == "New"


async def other_open(tab: TillTab) -> Json:
    listed = (await tab.venue.till.ok("GET", "/till/v1/tabs"))["data"]
    (found,) = [one for one in listed if one["id"] != tab.id]
    summary: Json = found
    return summary


async def test_split_again_and_again_and_joined_it_is_the_same(tab: TillTab) -> None:
    known, before = tab.shown, await sold(tab.venue)
    parts = [
        (await tab.do("split", lines=lines(tab, burger=1)))["taken"],
        (await tab.do("split", lines=lines(tab, burger=1)))["taken"],
        (await tab.do("split", covers=[2]))["taken"],
    ]
    assert sum(part["total"] for part in parts) + tab.shown["total"] == known["total"]
    assert await sold(tab.venue) == before
    for part in parts:
        await tab.do("merge", otherTabId=part["id"], otherVersion=1)
    assert tab.shown["total"] == known["total"]
    assert await sold(tab.venue) == before


async def test_the_pennies_of_a_split_stay_exact_while_nothing_is_added(tab: TillTab) -> None:
    taken = (await tab.do("split", lines=lines(tab, burger=1)))["taken"]
    version = tab.shown["version"]
    await tab.do("send")
    assert (tab.shown["version"], tab.shown["total"]) == (
        version + 1,
        TOTAL + 819 - taken["total"],
    )


class TestRefused:
    async def test_all_of_it(self, tab: TillTab) -> None:
        everything = lines(tab, burger=3, wine=2, cake=1, chips=1)
        assert "Nothing would stay" in await tab.refused(409, "split", lines=everything)

    async def test_more_than_there_is(self, tab: TillTab) -> None:
        words = "quantity of Burger must be from 1 to 3"
        assert words in await tab.refused(400, "split", lines=lines(tab, burger=4))
        assert "quantity" in await tab.refused(400, "split", lines=lines(tab, burger=0))

    async def test_what_is_not_on_it(self, tab: TillTab) -> None:
        foreign = await open_tab(tab.venue, "mug")
        for line_id in ("nothing", foreign.shown["lines"][0]["id"]):
            wanted = [{"lineId": line_id, "quantity": 1}]
            assert line_id in await tab.refused(400, "split", lines=wanted)
        assert "covers" in await tab.refused(400, "split", covers=[7])

    async def test_what_is_void(self, tab: TillTab) -> None:
        wanted = lines(tab, chips=1)
        await tab.do("void", lineId=wanted[0]["lineId"], reason="Cold")
        assert "Chips is void" in await tab.refused(409, "split", lines=wanted)

    async def test_the_same_line_twice(self, tab: TillTab) -> None:
        twice = lines(tab, burger=1) * 2
        assert "lines[1].lineId" in await tab.refused(400, "split", lines=twice)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"lines": []},
            {"covers": []},
            {"lines": [{"lineId": "x", "quantity": 1}], "covers": [1]},
        ],
    )
    async def test_nothing_and_both(self, tab: TillTab, body: Json) -> None:
        assert "lines" in (words := await tab.refused(400, "split", body)) or "covers" in words

    async def test_to_what_is_not_there(self, tab: TillTab) -> None:
        assert "tableId" in await tab.refused(400, "split", covers=[1], tableId="nowhere")
        assert "waiterId" in await tab.refused(400, "split", covers=[1], waiterId="nobody")

    async def test_under_a_terminals_lock(self, tab: TillTab) -> None:
        await freeze(tab.venue, NOW)
        body = {"lockId": "terminal", "expiry": wire(NOW + MINUTE)}
        await tab.venue.ok("POST", f"/v1/orders/{tab.id}/lock", body)
        assert "locked by Dojo" in await tab.refused(409, "split", covers=[1])

    async def test_a_version_that_is_not_the_newest(self, tab: TillTab) -> None:
        seen = TillTab(tab.venue, tab.shown)
        await tab.do("split", covers=[2])
        assert "version" in await seen.refused(409, "split", covers=[1])
        listed = (await tab.venue.till.ok("GET", "/till/v1/tabs"))["data"]
        assert len(listed) == 2, "a request that is sent again makes no second tab"
