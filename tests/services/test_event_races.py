"""What Dojo says and what a terminal or a host does, at the same instant: the same books whichever
commits first.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any

import httpx
import pytest

from tests.support.floor import order as order_at
from tests.support.floor import party
from tests.support.orders import event, order, payment, unique
from tests.support.rows import fetch, make_orders
from tests.support.venues import Venue

Json = dict[str, Any]
Answer = Awaitable[httpx.Response]
AT_ONCE = 50


async def race(
    pairs: Iterable[tuple[Answer, Answer]], *, at_once: int = AT_ONCE
) -> list[tuple[int, int, Json, Json]]:
    """Both of every pair at the same time, many pairs at a time; every other pair the other way
    round. Answers the statuses and the bodies.
    """
    room = asyncio.Semaphore(at_once)

    async def run(one: Answer, other: Answer, turned: bool) -> tuple[int, int, Json, Json]:
        async with room:
            if turned:
                second, first = await asyncio.gather(other, one)
            else:
                first, second = await asyncio.gather(one, other)
        bodies = [answer.json() if answer.content else {} for answer in (first, second)]
        return first.status_code, second.status_code, bodies[0], bodies[1]

    return await asyncio.gather(
        *(run(one, other, bool(number % 2)) for number, (one, other) in enumerate(pairs))
    )


async def books(venue: Venue) -> list[Json]:
    return await fetch(
        venue,
        """SELECT i.id AS intent, i.status AS heard, i.refused_at IS NOT NULL AS refused,
                  p.status AS payment, o.status, o.paid_amount, o.tips_amount,
                  (SELECT count(*) FROM payment_transition t
                   WHERE t.venue_id = p.venue_id AND t.payment_id = p.id) AS transitions
           FROM payment_intent i
           LEFT JOIN payment p ON p.venue_id = i.venue_id AND p.payment_intent_id = i.id
           LEFT JOIN customer_order o ON o.venue_id = p.venue_id AND o.id = p.order_id
           WHERE i.venue_id = $1 ORDER BY i.id""",
    )


async def nothing_is_paid(venue: Venue) -> bool:
    rows = await fetch(
        venue,
        "SELECT id FROM customer_order WHERE venue_id = $1 AND (paid_amount, tips_amount) <> (0, 0)",
    )
    return rows == []


RACES = 1_000


async def test_a_payment_against_its_own_reversal(venue: Venue) -> None:
    orders = await make_orders(venue, RACES)
    intents = [unique("pi") for _ in orders]
    answers = await race(
        (
            venue.call(
                "POST", f"/v1/orders/{to}/record-payment", payment(1_000, 100, intent=intent)
            ),
            venue.call("POST", "/v1/events", event(intent, "Reversed")),
        )
        for to, intent in zip(orders, intents, strict=True)
    )
    outcomes = Counter(answer[:2] for answer in answers)
    assert outcomes.keys() == {(200, 200), (409, 200)}, "both came first now and then"
    assert await nothing_is_paid(venue)

    ends = {row["intent"]: row for row in await books(venue)}
    assert ends.keys() == {*intents}
    for intent, (paid, *_) in zip(intents, answers, strict=True):
        end = ends[intent]
        assert end["heard"] == "Reversed"
        assert end["refused"] is (paid == 409)
        assert end["payment"] == ("reversed" if paid == 200 else None)
        assert end["transitions"] == (1 if paid == 200 else 0)

    again = await race(
        (
            venue.call(
                "POST", f"/v1/orders/{to}/record-payment", payment(1_000, 100, intent=intent)
            ),
            venue.call("POST", "/v1/events", event(intent, "Captured")),
        )
        for to, intent in zip(orders[:100], intents[:100], strict=True)
    )
    assert [one[0] for one in again] == [one[0] for one in answers[:100]], "a retry hears the same"
    assert await nothing_is_paid(venue)


async def test_an_order_with_a_payment_against_its_reversal(venue: Venue) -> None:
    """A prepaid order that is refused is not made."""
    intents = [unique("pi") for _ in range(200)]
    answers = await race(
        (
            venue.call("POST", "/v1/orders", order(1_000, [payment(1_000, 100, intent=intent)])),
            venue.call("POST", "/v1/events", event(intent, "Reversed")),
        )
        for intent in intents
    )
    outcomes = Counter(answer[:2] for answer in answers)
    assert outcomes.keys() <= {(200, 200), (409, 200)}
    assert await nothing_is_paid(venue)
    made = await fetch(venue, "SELECT status FROM customer_order WHERE venue_id = $1")
    assert len(made) == outcomes[200, 200]
    ended = [row["payment"] for row in await books(venue)]
    assert Counter(ended) == {"reversed": outcomes[200, 200], None: outcomes[409, 200]}


@pytest.mark.parametrize("others", [("Captured", "Refunded"), ("Reversed", "Canceled")])
async def test_a_payment_against_many_events_of_its_own(
    venue: Venue, others: tuple[str, str]
) -> None:
    """Whatever ends it first stays; its sums are taken out once."""
    orders = await make_orders(venue, 50)

    async def storm(to: str) -> list[int]:
        body = payment(1_000, 100)
        told = [event(body["paymentIntentId"], status) for status in others]
        calls = [venue.call("POST", f"/v1/orders/{to}/record-payment", body) for _ in range(2)]
        calls += [venue.call("POST", "/v1/events", one) for one in told * 2]
        return [answer.status_code for answer in await asyncio.gather(*calls)]

    statuses = await asyncio.gather(*(storm(to) for to in orders))
    for codes in statuses:
        assert codes[0] == codes[1]
        assert {*codes[:2]} <= {200, 409}
        assert {*codes[2:]} == {200}
    assert await nothing_is_paid(venue)
    ends = {"Refunded", "Reversed", "Canceled"}
    for row in await books(venue):
        assert row["heard"] in ends
        assert row["payment"] in (None, row["heard"].lower())
    kept = await fetch(venue, "SELECT id FROM dojo_event WHERE venue_id = $1")
    assert len(kept) == 2 * len(orders)


async def test_part_payments_of_one_order_against_their_reversals(venue: Venue) -> None:
    """Half the payments of an order end while the other half arrive."""
    (order_id,) = await make_orders(venue, 1)
    path = f"/v1/orders/{order_id}/record-payment"
    gone = [payment(10, 1) for _ in range(50)]
    for body in gone:
        await venue.ok("POST", path, body)
    answers = await race(
        (
            venue.call("POST", path, payment(10, 1)),
            venue.call("POST", "/v1/events", event(body["paymentIntentId"], "Reversed")),
        )
        for body in gone
    )
    assert {answer[:2] for answer in answers} == {(200, 200)}
    shown = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert (shown["paidAmount"]["value"], shown["tipsAmount"]["value"]) == (500, 50)
    assert len(shown["payments"]) == 50


async def make_tables(venue: Venue, count: int) -> list[str]:
    rows = await fetch(
        venue,
        """INSERT INTO dining_table (venue_id, id, area_id, name, name_key)
           SELECT $1, 'x' || n, 'area_main', 'X ' || n, 'x' || to_char(n, 'FM0000')
           FROM generate_series(1, $2::int) AS n RETURNING id""",
        count,
    )
    return [row["id"] for row in rows]


async def test_an_order_against_the_seating_of_its_table(venue: Venue) -> None:
    tables = await make_tables(venue, 250)
    answers = await race(
        (
            venue.call("POST", "/v1/orders", order_at(tableId=table)),
            venue.call("POST", "/v1/parties", party(table)),
        )
        for table in tables
    )
    assert {answer[:2] for answer in answers} == {(200, 200)}
    knew = Counter(
        made["details"]["dineIn"].get("partyId") == seated["id"] for *_, made, seated in answers
    )
    assert knew.keys() == {True, False}, "both came first now and then"
    rows = await fetch(venue, "SELECT id, party_id FROM customer_order WHERE venue_id = $1")
    belongs = {row["id"]: row["party_id"] for row in rows}
    assert belongs == {made["id"]: seated["id"] for *_, made, seated in answers}


async def test_orders_of_two_tables_against_one_party_that_takes_both(venue: Venue) -> None:
    tables = await make_tables(venue, 100)
    pairs = list(zip(tables[::2], tables[1::2], strict=True))
    calls: list[Answer] = []
    for one, other in pairs:
        calls += [
            venue.call("POST", "/v1/orders", order_at(tableId=other)),
            venue.call("POST", "/v1/parties", party(other, one)),
            venue.call("POST", "/v1/orders", order_at(tableId=one)),
        ]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    strays = await fetch(
        venue,
        """SELECT o.id FROM customer_order o
           JOIN party_table t ON t.venue_id = o.venue_id AND t.table_id = o.table_id AND t.is_live
           WHERE o.venue_id = $1 AND o.party_id IS DISTINCT FROM t.party_id""",
    )
    assert strays == []
