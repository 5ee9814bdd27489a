"""A write whose answer was lost can be sent again: its key answers the first outcome."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from epos.till import app
from epos.till.route import TillRoute
from epos.till_contract.base import KeyedRequest
from epos.web.route_table import contract_routes
from tests.support.counter import pay
from tests.support.days import at
from tests.support.pins import APPROVAL, WAITER_PIN
from tests.support.rows import fetch
from tests.support.tabs import TABS, open_tab
from tests.support.till_writes import WRITES, Sent
from tests.support.venue_settings import AUGUST, change_settings
from tests.support.venues import Venue

Json = dict[str, Any]
ROUTES = {
    route.name: route
    for _, route, _ in contract_routes(app.build_api(), app.PREFIX)
    if route.methods != {"GET"}
}
each_write = pytest.mark.parametrize("name", sorted(WRITES))


def test_every_write_takes_a_key() -> None:
    for name, route in ROUTES.items():
        model = route.arguments.body_model
        assert isinstance(route, TillRoute), name
        assert issubclass(model, KeyedRequest), name


def test_every_write_is_tried() -> None:
    assert ROUTES.keys() == WRITES.keys()


async def entries(venue: Venue) -> int:
    sql = "SELECT count(*) AS many FROM audit_entry WHERE venue_id = $1"
    many: int = (await fetch(venue, sql))[0]["many"]
    return many


async def kept(venue: Venue) -> list[str]:
    sql = "SELECT key FROM till_write WHERE venue_id = $1 ORDER BY key"
    return [row["key"] for row in await fetch(venue, sql)]


async def are_of_one_transaction(venue: Venue) -> bool:
    """Whether the key was taken in the transaction that wrote into the audit trail."""
    sql = """SELECT true FROM till_write w JOIN audit_entry a USING (venue_id)
        WHERE venue_id = $1 AND w.xmin::text = a.xmin::text"""
    return bool(await fetch(venue, sql))


@each_write
async def test_it_happens_once_and_answers_the_same(name: str, bistro: Venue) -> None:
    sent = await WRITES[name](bistro)
    body = sent.body | {"key": "till-1/1"}
    before = await entries(bistro)
    first = await sent.by.call(sent.method, sent.path, body)
    assert first.status_code == 200, first.text
    after = await entries(bistro)
    again = await sent.by.call(sent.method, sent.path, body)
    assert (again.status_code, again.content) == (200, first.content)
    assert await entries(bistro) == after
    assert await kept(bistro) == ["till-1/1"]
    assert after == before or await are_of_one_transaction(bistro)
    await refused_with_other_content(sent, name, body)
    other = {"seconds": 7, "key": "till-1/1"}
    error = await bistro.till.refused(409, "PUT", f"{TABS}/nobody/hold", other)
    assert error["debugMessage"] == f"key has been used for {name} with other content"
    assert await entries(bistro) == after


async def refused_with_other_content(sent: Sent, name: str, body: Json) -> None:
    """Each property of another value is other content; what has no other valid value is passed over."""
    others = [body | {field: value} for field, value in other_values(sent.body)]
    statuses = set()
    for other in others:
        answer = await sent.by.call(sent.method, sent.path, other)
        statuses.add(answer.status_code)
        if answer.status_code != 400:
            refusal = answer.json()["debugMessage"]
            assert refusal == f"key has been used for {name} with other content"
    assert 409 in statuses or not sent.body


def other_values(body: Json) -> Iterator[tuple[str, Any]]:
    for field, value in body.items():
        if isinstance(value, bool):
            yield field, not value
        elif isinstance(value, int):
            yield field, value + 1
        elif isinstance(value, str):
            yield field, f"{value}9"
        elif isinstance(value, list) and value:
            yield field, []
        elif isinstance(value, dict):
            for changed, other in other_values(value):
                yield field, value | {changed: other}


async def test_a_payment_whose_answer_was_lost(bistro: Venue) -> None:
    """Another till's payment of the same sum came between."""
    tab = await open_tab(bistro, "burger", "burger", "burger")
    body = {"version": 2, "type": "cash", "amount": 2_000, "key": "till-1/7"}
    lost = await bistro.till.ok("POST", f"{tab.path}/payments", body)
    await tab.refresh()
    await pay(tab, amount=500)
    assert await bistro.till.ok("POST", f"{tab.path}/payments", body) == lost
    assert [payment["paid"] for payment in (await tab.read())["payments"]] == [2_000, 500]


async def test_two_copies_at_one_moment(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    body = {"version": 2, "type": "cash", "amount": 100, "key": "till-1/8"}
    answers = await asyncio.gather(
        *(bistro.till.call("POST", f"{tab.path}/payments", body) for _ in range(6))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (await tab.read())["paid"] == 100


@pytest.mark.parametrize(
    "other",
    [{"amount": 200}, {"tip": 1}, {"version": 1}],
)
async def test_other_content_is_a_conflict(bistro: Venue, other: Json) -> None:
    tab = await open_tab(bistro, "burger")
    body = {"version": 2, "type": "cash", "amount": 100, "key": "till-1/9"}
    await bistro.till.ok("POST", f"{tab.path}/payments", body)
    error = await bistro.till.refused(409, "POST", f"{tab.path}/payments", body | other)
    assert error["debugMessage"] == "key has been used for take-payment with other content"
    second = await open_tab(bistro, "burger")
    await bistro.till.refused(409, "POST", f"{second.path}/payments", body)


@pytest.mark.parametrize("other", [{"device_id": "till-2"}, {"waiter_id": "ben"}, {}])
async def test_another_sender_is_a_conflict(bistro: Venue, other: Json) -> None:
    """Two tills count their keys from 1: the milk of the second is not taken for the first one's."""
    await at(bistro, "2026-11-23 20:00")
    path, who = "/till/v1/days/2026-11-23/cash", {"device_id": "till-1", "waiter_id": "anna"}
    body = {"type": "paid-out", "amount": 350, "reason": "Milk", "key": "1"}
    first = await bistro.till.ok("POST", path, body, **who)
    sender = who | other if other else {}
    error = await bistro.till.refused(409, "POST", path, body, **sender)
    assert error["debugMessage"].startswith("key has been used for ")
    assert await bistro.till.ok("POST", path, body, **who) == first
    await bistro.till.ok("POST", path, body | {"key": "till-2/1"}, **sender)


async def test_a_refused_request_frees_its_key(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    body = {"version": 2, "type": "cash", "amount": 9_999, "key": "till-1/3"}
    await bistro.till.refused(409, "POST", f"{tab.path}/payments", body)
    assert await kept(bistro) == []
    await bistro.till.ok("POST", f"{tab.path}/payments", body | {"amount": 100})


async def test_another_pin_is_other_content(bistro: Venue) -> None:
    body = {"waiterId": "anna", "pin": WAITER_PIN, "key": "till-1/4"}
    await bistro.till.ok("POST", "/till/v1/sign-in", body)
    await bistro.till.refused(409, "POST", "/till/v1/sign-in", body | {"pin": "975318"})
    await bistro.till.refused(403, "POST", "/till/v1/sign-in", body | {"pin": "97531", "key": "x"})


async def test_no_pin_is_kept_that_is_quick_to_guess(bistro: Venue) -> None:
    """The same key and content have the same fingerprint, and the PIN is in it."""
    tab = await open_tab(bistro, "burger")
    body = {"name": "Regular", "percentage": 1_000, "approval": APPROVAL, "key": "till-1/5"}
    await bistro.till.ok("POST", f"{tab.path}/discount", body | {"version": 2})
    rows = await fetch(bistro, "SELECT * FROM till_write WHERE venue_id = $1")
    assert APPROVAL["pin"] not in str(rows)


async def test_a_key_is_kept_for_a_week(bistro: Venue) -> None:
    await change_settings(bistro, clock_frozen_at=AUGUST)
    tab = await open_tab(bistro, "burger")
    body = {"version": 2, "covers": 3, "key": "till-1/6"}
    await bistro.till.ok("PUT", tab.path, body)
    await change_settings(bistro, clock_frozen_at=AUGUST + timedelta(days=6, hours=23))
    await bistro.till.ok("PUT", tab.path, body)
    await change_settings(bistro, clock_frozen_at=AUGUST + timedelta(days=7, minutes=1))
    await bistro.till.refused(409, "PUT", tab.path, body)  # it is new, and its version is outdated
    await bistro.till.ok("PUT", tab.path, {"version": 3, "covers": 4, "key": "till-1/10"})
    assert await kept(bistro) == ["till-1/10"]


async def test_a_key_is_the_venues_own(bistro: Venue, other_venue: Venue) -> None:
    body = {"openingFloat": 5_000, "key": "till-1/1"}
    await bistro.till.ok("POST", "/till/v1/days/open", body)
    await other_venue.till.ok("POST", "/till/v1/days/open", body | {"openingFloat": 7_000})


async def test_an_outdated_version_names_the_present_one(bistro: Venue) -> None:
    tab = await open_tab(bistro, "burger")
    await tab.add("chips")
    error = await bistro.till.refused(409, "POST", f"{tab.path}/send", {"version": 2})
    assert error["currentVersion"] == 3
    error = await bistro.till.refused(
        409, "POST", f"{tab.path}/payments", {"version": 3, "type": "cash", "amount": 99_999}
    )
    assert "currentVersion" not in error
