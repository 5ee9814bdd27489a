"""The books are safe from our own mistakes: the database itself refuses what must never be."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from epos.store.statements import Connection
from tests.support.cluster import is_citus
from tests.support.orders import event, order, payment
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

Json = dict[str, Any]

PAID, INTENT = 400, "pi_kept"
AT_COMMIT = (
    (
        asyncpg.InternalServerError,
        "could not commit",
    )  # Citus keeps the words of the node as a warning
    if is_citus()
    else (asyncpg.CheckViolationError, "disagrees")
)
INSERT_PAYMENT = """
    INSERT INTO payment (venue_id, id, order_id, position, source, payment_intent_id, paid_amount,
                         tips_amount, status, recorded_at, credential, trace_id)
    VALUES ($1, $2, $3, $4, 'dojo', $5, $6, $7, $8, now(), 'dojo', 't')
"""
INSERT_LOCK = """
    INSERT INTO order_lock (venue_id, order_id, lock_id, holder, expires_at, created_at, credential)
    VALUES ($1, $2, $3, $4, now() + interval '1 minute', now(), 'dojo')
"""


@pytest.fixture
async def order_id(venue: Venue) -> str:
    """An order of 1,000 with a payment of 400 and a tip of 40, captured."""
    body = order(1_000, [payment(PAID, 40, intent=INTENT)], dine_in={"tableId": "t1"})
    made: str = (await venue.ok("POST", "/v1/orders", body))["id"]
    await venue.ok("POST", "/v1/events", event(INTENT, "Captured"))
    return made


@pytest.fixture
async def connection(venue: Venue) -> AsyncIterator[Connection]:
    async with venue.database.connection() as connection:
        yield connection


async def everything(venue: Venue) -> Json:
    tables = "customer_order", "payment", "payment_intent", "payment_transition", "audit_entry"
    return {
        table: sorted(await fetch(venue, f"SELECT * FROM {table} WHERE venue_id = $1"), key=str)
        for table in tables
    }


async def refuses(venue: Venue, error: type[Exception], sql: str, *arguments: Any) -> str:
    """The words with which the database refuses, having changed nothing."""
    before = await everything(venue)
    with pytest.raises(error) as refused:
        await execute(venue, sql, *arguments)
    assert await everything(venue) == before
    return str(refused.value)


class TestTheLedgerAndItsOrder:
    @pytest.mark.parametrize("change", ["paid_amount = 401", "tips_amount = 39", "paid_amount = 0"])
    async def test_an_order_says_what_its_ledger_says(
        self, venue: Venue, order_id: str, change: str
    ) -> None:
        sql = f"UPDATE customer_order SET {change} WHERE venue_id = $1 AND id = $2"
        words = await refuses(venue, asyncpg.CheckViolationError, sql, order_id)
        assert "disagrees with its ledger" in words

    async def test_a_payment_moves_with_its_order(self, venue: Venue, order_id: str) -> None:
        sql = "UPDATE payment SET status = 'reversed' WHERE venue_id = $1 AND order_id = $2"
        words = await refuses(venue, asyncpg.CheckViolationError, sql, order_id)
        assert "disagrees with its ledger" in words

    async def test_a_new_payment_needs_its_sum(self, venue: Venue, order_id: str) -> None:
        values = "pay_new", order_id, 1, None, 100, 0, "recorded"
        words = await refuses(venue, asyncpg.CheckViolationError, INSERT_PAYMENT, *values)
        assert "disagrees with its ledger" in words

    async def test_it_is_asked_at_commit_and_not_before(
        self, venue: Venue, order_id: str, connection: Connection
    ) -> None:
        values = "pay_new", order_id, 1, None, 100, 0, "recorded"
        set_paid = "UPDATE customer_order SET paid_amount = $3 WHERE venue_id = $1 AND id = $2"
        with pytest.raises(AT_COMMIT[0], match=AT_COMMIT[1]):
            async with connection.transaction():
                await connection.execute(INSERT_PAYMENT, venue.id, *values)
                await connection.execute(set_paid, venue.id, order_id, PAID + 99)
        async with connection.transaction():
            await connection.execute(INSERT_PAYMENT, venue.id, *values)
            await connection.execute(set_paid, venue.id, order_id, PAID + 100)
        assert len(await fetch(venue, "SELECT id FROM payment WHERE venue_id = $1")) == 2

    async def test_a_payment_that_does_not_count_needs_no_sum(
        self, venue: Venue, order_id: str
    ) -> None:
        await execute(venue, INSERT_PAYMENT, "pay_new", order_id, 1, None, 100, 0, "canceled")


class TestBounds:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("paid_amount = 1001", "ck_customer_order_paid_amount"),
            ("paid_amount = -1", "ck_customer_order_paid_amount"),
            ("total_amount = 399", "ck_customer_order_paid_amount"),
            ("tips_amount = -1", "ck_customer_order_tips_amount"),
            ("service_charge_amount = -1", "ck_customer_order_service_charge_amount"),
            ("status = 'Paid'", "ck_customer_order_status"),
            ("status = ''", "ck_customer_order_status"),
            ("currency = 'USD'", "ck_customer_order_currency"),
            ("origin = 'other', dojo_order_id = NULL", "ck_customer_order_origin"),
        ],
    )
    async def test_of_orders(
        self, venue: Venue, order_id: str, change: str, constraint: str
    ) -> None:
        sql = f"UPDATE customer_order SET {change} WHERE venue_id = $1 AND id = $2"
        assert constraint in await refuses(venue, asyncpg.CheckViolationError, sql, order_id)

    @pytest.mark.parametrize(
        ("paid", "tips", "status", "constraint"),
        [
            (0, 0, "recorded", "ck_payment_paid_amount"),
            (-1, 0, "recorded", "ck_payment_paid_amount"),
            (1, -1, "recorded", "ck_payment_tips_amount"),
            (1, 0, "Recorded", "ck_payment_status"),
            (1, 0, "lost", "ck_payment_status"),
        ],
    )
    async def test_of_payments(
        self, venue: Venue, order_id: str, paid: int, tips: int, status: str, constraint: str
    ) -> None:
        values = "pay_new", order_id, 1, None, paid, tips, status
        refused = await refuses(venue, asyncpg.CheckViolationError, INSERT_PAYMENT, *values)
        assert constraint in refused

    @pytest.mark.parametrize(
        ("column", "refunded"), [("paid", -1), ("paid", PAID + 1), ("tips", -1), ("tips", 41)]
    )
    async def test_of_parts_that_went_back(
        self, venue: Venue, order_id: str, column: str, refunded: int
    ) -> None:
        sql = (
            f"UPDATE payment SET refunded_{column} = $3, refunded_amount = {PAID + 40}"
            " WHERE venue_id = $1 AND order_id = $2"
        )
        refused = await refuses(venue, asyncpg.CheckViolationError, sql, order_id, refunded)
        forward = "cannot change so" if refunded < 0 else f"ck_payment_went_back_of_{column}"
        assert forward in refused

    @pytest.mark.parametrize("refunded", [-1, PAID + 40 + 1])
    async def test_of_refunds(self, venue: Venue, order_id: str, refunded: int) -> None:
        sql = "UPDATE payment SET refunded_amount = $3 WHERE venue_id = $1 AND order_id = $2"
        refused = await refuses(venue, asyncpg.CheckViolationError, sql, order_id, refunded)
        assert "ck_payment_refunded_amount" in refused

    async def test_of_intents(self, venue: Venue, order_id: str) -> None:
        sql = "UPDATE payment_intent SET status = 'Lost' WHERE venue_id = $1"
        refused = await refuses(venue, asyncpg.CheckViolationError, sql)
        assert "ck_payment_intent_status" in refused


class TestOnlyOnce:
    async def test_an_intent_pays_once(self, venue: Venue, order_id: str) -> None:
        values = "pay_new", order_id, 1, INTENT, 100, 0, "canceled"
        words = await refuses(venue, asyncpg.UniqueViolationError, INSERT_PAYMENT, *values)
        assert "uq_payment_venue_id_payment_intent_id" in words

    async def test_an_intent_is_one_row(self, venue: Venue, order_id: str) -> None:
        sql = "INSERT INTO payment_intent (venue_id, id) VALUES ($1, $2)"
        await refuses(venue, asyncpg.UniqueViolationError, sql, INTENT)

    async def test_an_intent_may_be_the_same_in_another_venue(
        self, venue: Venue, other_venue: Venue, order_id: str
    ) -> None:
        body = order(1_000, [payment(PAID, intent=INTENT)])
        assert await other_venue.ok("POST", "/v1/orders", body)

    @pytest.mark.parametrize("holder", ["dojo", "till"])
    async def test_one_lock_is_unreleased(self, venue: Venue, order_id: str, holder: str) -> None:
        await execute(venue, INSERT_LOCK, order_id, "l1", "dojo")
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_order_lock_unreleased"):
            await execute(venue, INSERT_LOCK, order_id, "l2", holder)
        released = "SET released_at = now(), release_reason = 'released' WHERE venue_id = $1"
        await execute(venue, f"UPDATE order_lock {released}")
        await execute(venue, INSERT_LOCK, order_id, "l2", holder)

    async def test_one_party_sits_at_a_table(self, venue: Venue) -> None:
        make = """INSERT INTO party (venue_id, id, status, start_time, created_at, updated_at)
                  SELECT $1, unnest(ARRAY['first', 'second']), 'Seated', now(), now(), now()"""
        sit = """INSERT INTO party_table (venue_id, party_id, table_id, position, is_live)
                 VALUES ($1, $2, 't1', 0, true)"""
        await execute(venue, make)
        await execute(venue, sit, "first")
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_party_table_live"):
            await execute(venue, sit, "second")
        leave = "UPDATE party SET end_time = now() WHERE venue_id = $1 AND id = 'first'"
        await execute(venue, leave)
        await execute(venue, sit, "second")
        back = "UPDATE party SET end_time = NULL WHERE venue_id = $1 AND id = 'first'"
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_party_table_live"):
            await execute(venue, back)


class TestAnotherVenue:
    """The ids are given by whoever writes the row; the key with the venue in it tells them apart."""

    async def test_its_order_has_no_payment_of_ours(
        self, venue: Venue, other_venue: Venue, order_id: str
    ) -> None:
        values = "pay_new", order_id, 1, None, 100, 0, "canceled"
        words = await refuses(
            other_venue, asyncpg.ForeignKeyViolationError, INSERT_PAYMENT, *values
        )
        assert "fk_payment_venue_id_order_id" in words

    async def test_nor_is_its_intent_ours(
        self, venue: Venue, other_venue: Venue, order_id: str
    ) -> None:
        theirs = (await other_venue.ok("POST", "/v1/orders", order(1_000)))["id"]
        values = "pay_new", theirs, 0, INTENT, 100, 0, "canceled"
        words = await refuses(
            other_venue, asyncpg.ForeignKeyViolationError, INSERT_PAYMENT, *values
        )
        assert "fk_payment_venue_id_payment_intent_id" in words

    async def test_nor_a_lock_or_a_transition(
        self, venue: Venue, other_venue: Venue, order_id: str
    ) -> None:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await execute(other_venue, INSERT_LOCK, order_id, "l1", "dojo")
        move = """INSERT INTO payment_transition (venue_id, payment_id, status, was, at)
                  VALUES ($1, $2, 'captured', 'recorded', now())"""
        (ours,) = await fetch(venue, "SELECT id FROM payment WHERE venue_id = $1")
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await execute(other_venue, move, ours["id"])

    @pytest.mark.parametrize("column", ["table_id", "party_id", "reservation_id", "venue_id"])
    async def test_nor_is_an_order_at_its_table_or_with_its_guests(
        self, venue: Venue, other_venue: Venue, order_id: str, column: str
    ) -> None:
        await execute(
            other_venue,
            "INSERT INTO dining_table (venue_id, id, area_id, name, name_key)"
            " VALUES ($1, 'theirs', 'area_main', 'Theirs', 'theirs')",
        )
        value = other_venue.id if column == "venue_id" else "theirs"
        sql = f"UPDATE customer_order SET {column} = $3 WHERE venue_id = $1 AND id = $2"
        error: type[Exception] = asyncpg.ForeignKeyViolationError
        if is_citus() and column == "venue_id":
            error = asyncpg.FeatureNotSupportedError  # no row goes to another venue
        await refuses(venue, error, sql, order_id, value)


class TestWhatHappenedStays:
    @pytest.mark.parametrize("table", ["audit_entry", "payment_transition"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
    async def test_what_was_written_down(
        self, venue: Venue, order_id: str, table: str, change: str
    ) -> None:
        sql = f"{change.format(table)} WHERE venue_id = $1"
        words = await refuses(venue, asyncpg.RestrictViolationError, sql)
        assert "append-only" in words

    async def test_no_payment_is_deleted(self, venue: Venue, order_id: str) -> None:
        sql = "DELETE FROM payment WHERE venue_id = $1"
        await refuses(venue, asyncpg.RestrictViolationError, sql)

    @pytest.mark.parametrize("table", ["audit_entry", "payment", "payment_transition"])
    async def test_nor_the_whole_table(
        self, venue: Venue, order_id: str, connection: Connection, table: str
    ) -> None:
        before = await everything(venue)
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(f"TRUNCATE {table} CASCADE")
        assert await everything(venue) == before

    @pytest.mark.parametrize(
        "change",
        [
            "paid_amount = 300",
            "tips_amount = 0",
            "order_id = 'ord_other'",
            "payment_intent_id = NULL",
            "status = 'recorded'",
        ],
    )
    async def test_what_a_payment_was(self, venue: Venue, order_id: str, change: str) -> None:
        sql = f"UPDATE payment SET {change} WHERE venue_id = $1 AND order_id = $2"
        words = await refuses(venue, asyncpg.CheckViolationError, sql, order_id)
        assert "cannot change so" in words

    @pytest.mark.parametrize("ended", ["Reversed", "Refunded", "Canceled"])
    @pytest.mark.parametrize(
        "revived", ["recorded", "captured", "reversed", "refunded", "canceled"]
    )
    async def test_that_it_ended(
        self, venue: Venue, order_id: str, ended: str, revived: str
    ) -> None:
        await venue.ok("POST", "/v1/events", event(INTENT, ended))
        sql = "UPDATE payment SET status = $3 WHERE venue_id = $1 AND order_id = $2"
        if revived == ended.lower():
            return await execute(venue, sql, order_id, revived)  # nothing changes
        words = await refuses(venue, asyncpg.CheckViolationError, sql, order_id, revived)
        assert "cannot change so" in words
        return None
