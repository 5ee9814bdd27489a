"""At least once, in order, collapsed; nothing for what was rolled back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from epos.dojo.client import DojoAway, DojoRefused
from epos.domain.dojo import Entity
from epos.store import leases
from epos.store import outbox as store
from tests.support.floor import book, party, reservation, seat, seated
from tests.support.links import LEASE, Outbox, ToldDojo
from tests.support.orders import order, payment
from tests.support.recording import open_order
from tests.support.rows import execute, fetch, set_status
from tests.support.venues import Venue


async def test_a_venue_that_is_not_connected_gathers_nothing(venue: Venue) -> None:
    await open_order(venue, 1_000)
    assert await Outbox(venue).waiting() == []


async def test_whoever_changes_an_order_announces_it(venue: Venue, outbox: Outbox) -> None:
    order_id = await open_order(venue, 1_000)
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", payment(400))
    await set_status(venue, order_id, "Ready")  # as at a SQL prompt
    await venue.ok("GET", f"/v1/orders/{order_id}")
    assert await outbox.waiting() == [("order", order_id)] * 3


async def test_parties_and_reservations_are_announced_to_the_end(
    venue: Venue, outbox: Outbox
) -> None:
    created = party("t1")
    party_id = (await venue.ok("POST", "/v1/parties", created))["id"]
    await venue.ok("PUT", f"/v1/parties/{party_id}", seated(created, "t2"))
    await venue.ok("DELETE", f"/v1/parties/{party_id}")
    booked = reservation("t1")
    reservation_id = (await venue.ok("POST", "/v1/reservations", booked))["id"]
    await venue.ok("DELETE", f"/v1/reservations/{reservation_id}")
    heard = await outbox.waiting()
    assert heard.count(("party", party_id)) == 3
    assert heard.count(("reservation", reservation_id)) == 2


async def test_a_change_that_is_rolled_back_or_refused_is_none(
    venue: Venue, outbox: Outbox
) -> None:
    order_id = await open_order(venue, 1_000)
    before = await outbox.waiting()
    await venue.refused(409, "POST", f"/v1/orders/{order_id}/record-payment", payment(9_999))
    async with venue.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "UPDATE customer_order SET note = 'no' WHERE venue_id = $1 AND id = $2",
            venue.id,
            order_id,
        )
        await transaction.rollback()
    assert await outbox.waiting() == before


async def test_an_update_that_changes_nothing_is_no_change(venue: Venue, outbox: Outbox) -> None:
    order_id = await open_order(venue, 1_000)
    await execute(venue, "UPDATE customer_order SET status = status WHERE venue_id = $1")
    assert await outbox.waiting() == [("order", order_id)]


async def test_several_changes_of_one_thing_are_one_event(venue: Venue, outbox: Outbox) -> None:
    dojo, first = ToldDojo(), await open_order(venue, 1_000)
    second = await open_order(venue, 1_000)
    for paid in (100, 200, 300):
        await venue.ok("POST", f"/v1/orders/{first}/record-payment", payment(paid))
    booked = await book(venue, "t1")
    await (await outbox.sender(dojo)).round()
    assert dojo.heard == [
        (Entity.ORDER, first),
        (Entity.ORDER, second),
        (Entity.RESERVATION, booked["id"]),
    ]
    assert await outbox.waiting() == []


async def test_a_change_while_its_event_is_on_its_way_is_another_event(
    venue: Venue, outbox: Outbox
) -> None:
    dojo, order_id = ToldDojo(), await open_order(venue, 1_000)
    sender = await outbox.sender(dojo)
    dojo.gate = asyncio.Event()
    on_its_way = asyncio.create_task(sender.round())
    while not dojo.now[order_id]:
        await asyncio.sleep(0.01)
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", payment(100))
    await sender.round()  # one event of an order at a time
    dojo.gate.set()
    await on_its_way
    assert dojo.times(order_id) == 1
    await sender.round()
    assert dojo.times(order_id) == 2
    assert dojo.most[order_id] == 1
    assert await outbox.waiting() == []


async def test_one_that_dojo_refuses_waits_and_holds_up_no_other(
    venue: Venue, outbox: Outbox
) -> None:
    dojo, bad, good = ToldDojo(), await open_order(venue, 1_000), await open_order(venue, 1_000)
    dojo.failure = lambda entity_id: DojoRefused(400) if entity_id == bad else None
    sender = await outbox.sender(dojo)
    await sender.round()
    assert [heard for _, heard in dojo.heard] == [good]
    (left,) = await outbox.rows()
    assert (left["attempts"], left["last_error"]) == (1, "Dojo answered 400")
    await outbox.put_off()
    await venue.ok("POST", f"/v1/orders/{bad}/record-payment", payment(100))
    await sender.round()
    attempts = [row["attempts"] for row in await outbox.rows()]
    assert attempts == [1, 0], "its next change does not jump the wait"


async def test_while_dojo_is_away_one_event_at_a_time_is_tried(
    venue: Venue, outbox: Outbox
) -> None:
    dojo, orders = ToldDojo(), [await open_order(venue, 1_000) for _ in range(4)]
    dojo.failure = lambda _: DojoAway("Dojo answered 503")
    sender = await outbox.sender(dojo)
    await sender.round()
    await outbox.put_off()
    late = await open_order(venue, 1_000)
    await sender.round()
    await outbox.put_off()
    attempts = {row["entity_id"]: row["attempts"] for row in await outbox.rows()}
    assert attempts == {**dict.fromkeys(orders, 1), late: 1}
    dojo.failure = lambda _: None
    newest = await open_order(venue, 1_000)
    await sender.round()
    assert [heard for _, heard in dojo.heard] == [newest]
    await sender.round()  # it is back, so nobody waits any longer
    assert {heard for _, heard in dojo.heard} == {*orders, late, newest}


async def test_one_that_always_makes_dojo_fail_is_tried_ever_more_rarely(
    venue: Venue, outbox: Outbox
) -> None:
    """Each of its failures looks like an outage, and each other event like the end of one."""
    dojo, poison = ToldDojo(), await open_order(venue, 1_000)
    dojo.failure = lambda entity_id: DojoAway("Dojo answered 500") if entity_id == poison else None
    sender = await outbox.sender(dojo)
    for attempts, wait in ((1, 0), (2, 1), (3, 4)):
        await execute(venue, "UPDATE outbox SET due_at = statement_timestamp() WHERE venue_id = $1")
        await sender.round()
        await outbox.put_off()
        await open_order(venue, 1_000)
        before = await database_time(venue)
        await sender.round()
        after = await database_time(venue)
        (left,) = await outbox.rows()
        assert (left["entity_id"], left["attempts"]) == (poison, attempts)
        assert before <= left["due_at"] - timedelta(seconds=wait) <= after
    assert len(dojo.heard) == 3


async def database_time(venue: Venue) -> datetime:
    (row,) = await fetch(venue, "SELECT clock_timestamp() AS now FROM venue WHERE id = $1")
    now: datetime = row["now"]
    return now


async def test_a_venue_whose_dojo_hangs_delays_no_other(
    venue: Venue,
    other_venue: Venue,
    outbox: Outbox,
    fresh_outbox: Callable[[Venue], Awaitable[Outbox]],
) -> None:
    hanging, dojo = ToldDojo(), ToldDojo()
    hanging.gate = asyncio.Event()
    await open_order(venue, 1_000)
    stuck = asyncio.create_task((await outbox.sender(hanging)).round())
    other = await fresh_outbox(other_venue)
    order_id = await open_order(other_venue, 1_000)
    await (await other.sender(dojo)).round()
    assert dojo.times(order_id) == 1
    hanging.gate.set()
    await stuck


async def test_after_a_week_it_is_parked_until_somebody_decides(
    venue: Venue, outbox: Outbox
) -> None:
    dojo, order_id = ToldDojo(), await open_order(venue, 1_000)
    await execute(
        venue,
        "UPDATE outbox SET created_at = statement_timestamp() - interval '8 days' WHERE venue_id = $1",
    )
    dojo.failure = lambda _: DojoRefused(400)
    sender = await outbox.sender(dojo)
    await sender.round()
    assert (await outbox.rows())[0]["parked_at"] is not None
    dojo.failure = lambda _: None
    await execute(venue, "UPDATE outbox SET due_at = statement_timestamp() WHERE venue_id = $1")
    await sender.round()
    assert dojo.times(order_id) == 0
    async with venue.database.connection() as connection:
        assert await store.retry(connection, venue.id, order_id) == 1
    await sender.round()
    assert dojo.times(order_id) == 1


async def test_a_parked_thing_that_changes_again_is_announced(venue: Venue, outbox: Outbox) -> None:
    dojo, order_id = ToldDojo(), await open_order(venue, 1_000)
    await execute(venue, "UPDATE outbox SET parked_at = statement_timestamp() WHERE venue_id = $1")
    await venue.ok("POST", f"/v1/orders/{order_id}/record-payment", payment(100))
    await (await outbox.sender(dojo)).round()
    assert dojo.times(order_id) == 1
    assert await outbox.waiting() == []


async def test_what_is_discarded_is_never_sent(venue: Venue, outbox: Outbox) -> None:
    dojo, order_id = ToldDojo(), await open_order(venue, 1_000)
    kept = await open_order(venue, 1_000)
    async with venue.database.connection() as connection:
        assert await store.discard(connection, venue.id, order_id) == 1
    await (await outbox.sender(dojo)).round()
    assert [heard for _, heard in dojo.heard] == [kept]


async def test_who_has_lost_the_lease_claims_nothing_and_deletes_nothing(
    venue: Venue, outbox: Outbox
) -> None:
    slow, dojo, order_id = ToldDojo(), ToldDojo(), await open_order(venue, 1_000)
    old = await outbox.sender(slow, "old")
    slow.gate = asyncio.Event()
    on_its_way = asyncio.create_task(old.round())
    while not slow.now[order_id]:
        await asyncio.sleep(0.01)
    await execute(venue, "UPDATE lease SET expires_at = statement_timestamp() WHERE venue_id = $1")
    new = await outbox.sender(dojo, "new")
    await new.round()
    assert dojo.heard == []  # the old one's event is still on its way
    await execute(
        venue, "UPDATE outbox SET claimed_until = statement_timestamp() WHERE venue_id = $1"
    )
    dojo.gate = asyncio.Event()
    again = asyncio.create_task(new.round())
    while not dojo.now[order_id]:
        await asyncio.sleep(0.01)
    slow.gate.set()
    await on_its_way
    assert await outbox.waiting() == [("order", order_id)]
    await old.round()
    assert slow.times(order_id) == 1
    dojo.gate.set()
    await again
    assert await outbox.waiting() == []


async def test_a_lease_has_one_holder_and_a_growing_fence(venue: Venue) -> None:
    async with venue.database.connection() as connection:
        first = await leases.take(connection, venue.id, LEASE, "a", 60)
        assert await leases.take(connection, venue.id, LEASE, "b", 60) is None
        assert await leases.take(connection, venue.id, LEASE, "a", 60) == first == 1
        await leases.release(connection, venue.id, LEASE, "b", 1)
        assert await leases.take(connection, venue.id, LEASE, "b", 60) is None
        await leases.release(connection, venue.id, LEASE, "a", 1)
        assert await leases.take(connection, venue.id, LEASE, "b", 60) == 2
        await leases.release(connection, venue.id, LEASE, "b", 2)
        assert await leases.take(connection, venue.id, LEASE, "b", 60) == 3


async def test_seating_announces_the_orders_it_moves(venue: Venue, outbox: Outbox) -> None:
    created = await venue.ok("POST", "/v1/orders", order(500, dine_in={"tableId": "t1"}))
    guests = await seat(venue, "t1")
    heard = await outbox.waiting()
    assert heard.count(("order", created["id"])) == 2
    assert heard.count(("party", guests["id"])) >= 1


async def test_who_is_told_does_not_wait_for_the_clock(venue: Venue, outbox: Outbox) -> None:
    dojo, told = ToldDojo(), asyncio.Event()
    sender = await outbox.sender(dojo, told=told, poll=3_600)
    sending = asyncio.create_task(sender.run())
    await asyncio.sleep(0.2)  # it has looked once, and waits
    order_id = await open_order(venue, 1_000)
    told.set()
    async with asyncio.timeout(30):
        while not dojo.times(order_id):
            await asyncio.sleep(0.01)
    sending.cancel()
    await asyncio.wait({sending})
