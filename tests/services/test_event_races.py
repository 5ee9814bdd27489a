"""Two requests that decide about one another, a thousand times: the same books whichever is first.

A payment against the event that reverses it, and an order for a table against guests who sit down
there. Every answer is one that a rule gives: no deadlock and no other failure reaches a client.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine, Iterable
from typing import Any

import httpx
import pytest

from tests.support.floor import party
from tests.support.orders import event, order, payment
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

Json = dict[str, Any]
RACES = 1_000
AT_ONCE = 50

# On a machine that is busy with other things a thousand races take minutes.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


async def race(pairs: Iterable[list[Coroutine[Any, Any, httpx.Response]]]) -> list[list[int]]:
    """The statuses of each race; its members start together, in turn the one or the other first."""
    statuses = []
    for turn, runners in enumerate(await asyncio.gather(*(_started(pair) for pair in pairs))):
        assert max(runners) < 500, f"race {turn} ended {runners}"
        statuses.append(runners)
    return statuses


async def _started(runners: list[Coroutine[Any, Any, httpx.Response]]) -> list[int]:
    return [answer.status_code for answer in await asyncio.gather(*runners)]


class Bills:
    """Orders that are paid in races, each with room for everything that is sent for it."""

    def __init__(self, venue: Venue, order_ids: list[str]) -> None:
        self.venue = venue
        self.order_ids = order_ids
        self.sent: list[tuple[str, Json]] = []

    @classmethod
    async def open(cls, venue: Venue, count: int) -> "Bills":
        made = [await venue.ok("POST", "/v1/orders", order(10**9)) for _ in range(count)]
        return cls(venue, [one["id"] for one in made])

    def new(self) -> tuple[str, Json]:
        """A payment of an intent of its own, and the order that it is for."""
        number = len(self.sent)
        self.sent.append((self.order_ids[number % len(self.order_ids)], payment(100 + number, 7)))
        return self.sent[-1]

    def record(self, order_id: str, body: Json) -> Coroutine[Any, Any, httpx.Response]:
        return self.venue.call("POST", f"/v1/orders/{order_id}/record-payment", body)

    def hear(self, body: Json, status: str) -> Coroutine[Any, Any, httpx.Response]:
        return self.venue.call("POST", "/v1/events", event(body["paymentIntentId"], status))

    async def announce(self, sent: Iterable[tuple[str, Json]]) -> None:
        """Dojo tells that these payments have begun, so that a row of their intents is there."""
        answers = await asyncio.gather(*(self.hear(body, "Created") for _, body in sent))
        assert {answer.status_code for answer in answers} == {200}

    async def ledger(self) -> dict[str, str]:
        """The status of each intent's row."""
        sql = "SELECT payment_intent_id, status FROM payment WHERE venue_id = $1"
        rows = await fetch(self.venue, sql)
        assert len(rows) == len({row["payment_intent_id"] for row in rows})
        return {row["payment_intent_id"]: row["status"] for row in rows}

    async def check_all_owed(self) -> None:
        """No order shows that anything was ever paid."""
        for order_id in self.order_ids:
            shown = await self.venue.ok("GET", f"/v1/orders/{order_id}")
            assert shown["paidAmount"]["value"] == shown["tipsAmount"]["value"] == 0
            assert (shown["payments"], shown["payable"]) == ([], True)

    async def check_trails(self, ended: set[str]) -> None:
        """Each payment that had been recorded ended once, and says so in both trails."""
        sql = """SELECT p.payment_intent_id AS intent, t.status
                 FROM payment_transition t JOIN payment p ON p.venue_id = t.venue_id AND p.id = t.payment_id
                 WHERE t.venue_id = $1 AND t.status = 'reversed'"""
        moved = await fetch(self.venue, sql)
        assert sorted(row["intent"] for row in moved) == sorted(ended)
        sql = "SELECT details FROM audit_entry WHERE venue_id = $1 AND action = 'payment.reversed'"
        said = [json.loads(row["details"])["intent"] for row in await fetch(self.venue, sql)]
        assert sorted(said) == sorted(ended)


async def test_a_payment_against_its_own_reversal(venue: Venue) -> None:
    """Half of the intents are known already: there a row has to be locked, where the others are kept
    apart by the insert of a new one.
    """
    bills, outcomes = await Bills.open(venue, 20), Counter[tuple[int, ...]]()

    def pair(turn: int) -> list[Coroutine[Any, Any, httpx.Response]]:
        order_id, body = bills.new()
        runners = [bills.hear(body, "Reversed"), bills.record(order_id, body)]
        return runners if turn % 2 else runners[::-1]

    recorded = set[str]()
    for start in range(0, RACES, AT_ONCE):
        pairs = [pair(turn) for turn in range(AT_ONCE)]
        await bills.announce(bills.sent[start + turn] for turn in range(AT_ONCE) if turn % 4 < 2)
        for turn, found in enumerate(await race(pairs)):
            heard, paid = found if turn % 2 else found[::-1]
            outcomes[heard, paid] += 1
            if paid == 200:
                recorded.add(bills.sent[start + turn][1]["paymentIntentId"])
    assert outcomes.keys() == {(200, 200), (200, 409)}, outcomes
    assert await bills.ledger() == dict.fromkeys(recorded, "reversed")
    await bills.check_all_owed()
    await bills.check_trails(recorded)
    again = await asyncio.gather(*(bills.record(*sent) for sent in bills.sent[:100]))
    for (_, body), answer in zip(bills.sent, again, strict=False):
        assert answer.status_code == (200 if body["paymentIntentId"] in recorded else 409)
    await bills.check_all_owed()


async def test_a_payment_sent_twice_against_all_that_is_heard_of_it(venue: Venue) -> None:
    bills, recorded = await Bills.open(venue, 5), set[str]()

    def storm(turn: int) -> list[Coroutine[Any, Any, httpx.Response]]:
        order_id, body = bills.new()
        runners = [bills.record(order_id, body), bills.record(order_id, body)]
        runners += [bills.hear(body, status) for status in ("Captured", "Reversed", "Authorized")]
        return runners[turn % 5 :] + runners[: turn % 5]

    for start in range(0, 150, AT_ONCE):
        for turn, found in enumerate(await race(storm(turn) for turn in range(AT_ONCE))):
            first, second = sorted(found)[-2:]
            assert first == second, "a repeat is answered as the first was"
            if first == 200:
                recorded.add(bills.sent[start + turn][1]["paymentIntentId"])
    assert await bills.ledger() == dict.fromkeys(recorded, "reversed")
    await bills.check_all_owed()
    await bills.check_trails(recorded)


async def test_an_order_against_the_guests_who_sit_down(venue: Venue) -> None:
    """Whoever is first, the order is theirs."""
    await execute(
        venue,
        """INSERT INTO dining_table (venue_id, id, area_id, name, name_key)
           SELECT $1, 'race' || n, 'area_main', 'Race ' || n, 'Race ' || n
           FROM generate_series(0, $2::int - 1) AS n""",
        RACES,
    )
    first_seen = Counter[bool]()

    async def sit(table_id: str) -> httpx.Response:
        return await venue.call("POST", "/v1/parties", party(table_id))

    async def open_order(table_id: str) -> httpx.Response:
        answer = await venue.call("POST", "/v1/orders", order(dine_in={"tableId": table_id}))
        first_seen["partyId" in answer.json()["details"]["dineIn"]] += 1
        return answer

    for start in range(0, RACES, AT_ONCE):
        ways = [(sit, open_order), (open_order, sit)]
        tables = [f"race{number}" for number in range(start, start + AT_ONCE)]
        found = await race(
            [way(table_id) for way in ways[turn % 2]] for turn, table_id in enumerate(tables)
        )
        assert found == [[200, 200]] * AT_ONCE
    assert first_seen.keys() == {True, False}, "both came first now and then"
    rows = await fetch(
        venue,
        """SELECT o.table_id, o.party_id, s.party_id AS seated
           FROM customer_order o LEFT JOIN party_table s
               ON s.venue_id = o.venue_id AND s.table_id = o.table_id AND s.is_live
           WHERE o.venue_id = $1""",
    )
    assert len(rows) == len({row["table_id"] for row in rows}) == RACES
    assert [row for row in rows if row["party_id"] != row["seated"] or row["seated"] is None] == []
