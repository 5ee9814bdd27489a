"""Payments that Dojo itself is asked about, before they are recorded or afterwards."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from epos.connected.runner import Runner
from epos.contract.codec import validate
from epos.contract.events import Event
from epos.contract.orders import Order
from epos.contract.payments import PaymentWithLockId
from epos.dojo.leases import Lease, Leases
from epos.dojo.leaving import leave
from epos.dojo.links import LEASE, Links
from epos.dojo.models import PaymentIntent
from epos.dojo.outbox import Outbox
from epos.dojo.payment_job import PaymentJob
from epos.dojo.sealing import Sealer, new_secret_key
from epos.dojo.source import DojoSource, known_payment
from epos.domain.credentials import SystemActor
from epos.domain.errors import Conflict
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.main import build_services
from epos.services.payment_checks import PaymentChecks
from epos.store import leases
from epos.store.wakeups import Wakeups
from tests.support.links import connect, link
from tests.support.orders import event, order, payment, unique
from tests.support.payment_source import GOOD, FixedSource
from tests.support.rows import execute, fetch
from tests.support.venues import Venue


class Books:
    """One order of 100.00 and the services that write about it."""

    def __init__(self, venue: Venue, order_id: str, dojo_order_id: str) -> None:
        self.venue, self.order_id, self.dojo_order_id = venue, order_id, dojo_order_id
        self.dojo = FixedSource()
        self.requester = Requester(venue.id, "dojo", "trace")
        identifiers = Identifiers()
        services = build_services(venue.database, identifiers, self.dojo)
        self.payments, self.events = services.payments, services.events
        checks = PaymentChecks(venue.database)
        self.job = PaymentJob(self.dojo, checks, self.events, identifiers, venue.id)

    async def record(self, intent: str, paid: int = 4_000, tips: int = 500) -> Order:
        body = validate(PaymentWithLockId, payment(paid, tips, intent))
        return await self.payments.record(self.order_id, body, self.requester)

    async def hear(self, intent: str, status: str) -> None:
        await self.events.handle(validate(Event, event(intent, status)), self.requester)

    async def row(self, intent: str) -> dict[str, Any]:
        (row,) = await fetch(
            self.venue,
            "SELECT * FROM payment WHERE venue_id = $1 AND payment_intent_id = $2",
            intent,
        )
        return row

    async def paid(self) -> int:
        answer = await self.venue.ok("GET", f"/v1/orders/{self.order_id}")
        paid: int = answer["paidAmount"]["value"]
        return paid

    async def total(self) -> int:
        answer = await self.venue.ok("GET", f"/v1/orders/{self.order_id}")
        total: int = answer["totalAmount"]["value"]
        return total

    async def let_a_week_pass(self) -> None:
        """Since the events were heard."""
        await execute(
            self.venue,
            "UPDATE dojo_event SET received_at = statement_timestamp() - interval '8 days' "
            "WHERE venue_id = $1",
        )

    async def make_due(self) -> None:
        await execute(
            self.venue,
            "UPDATE payment SET check_due_at = statement_timestamp() "
            "WHERE venue_id = $1 AND check_due_at IS NOT NULL",
        )
        await execute(
            self.venue,
            "UPDATE dojo_event SET refund_due_at = statement_timestamp() "
            "WHERE venue_id = $1 AND refund_due_at IS NOT NULL",
        )


@pytest.fixture
async def kept(venue: Venue) -> None:
    """Somebody keeps the venue connected, so the server, which has no key, settles no refund of it."""
    async with venue.database.connection() as connection:
        await leases.take(connection, venue.id, LEASE, "test", 600)


@pytest.fixture
async def books(venue: Venue) -> Books:
    dojo_order_id = unique("dojo-order")
    created = await venue.ok("POST", "/v1/orders", order(10_000, dojo_order_id=dojo_order_id))
    await connect(venue)
    return Books(venue, created["id"], dojo_order_id)


@pytest.mark.parametrize("status", ["Authorized", "Captured"])
async def test_what_agrees_is_verified(status: str, books: Books) -> None:
    books.dojo.known = replace(GOOD, status=status)
    intent = unique("pi")
    await books.record(intent)
    row = await books.row(intent)
    assert (row["check_state"], row["check_due_at"]) == ("verified", None)


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "EUR"},
        {"paid": 3_999},
        {"paid": 4_500, "tips": 0},
        {"tips": 501},
        {"status": "Created"},
        {"status": "Reversed"},
        {"status": "Refunded"},
        {"status": "Canceled"},
        {"order_id": "ord_another"},
        {"reference": "ord_another"},
    ],
    ids=lambda change: " ".join(f"{name}={value}" for name, value in change.items()),
)
async def test_what_dojo_contradicts_is_refused_for_ever(
    change: dict[str, Any], books: Books
) -> None:
    books.dojo.known = replace(GOOD, **change)
    intent = unique("pi")
    with pytest.raises(Conflict, match="Dojo has"):
        await books.record(intent)
    books.dojo.known = GOOD
    with pytest.raises(Conflict, match="Dojo has"):
        await books.record(intent)
    assert books.dojo.asked == [intent]
    assert await books.paid() == 0


async def test_the_order_may_be_named_in_every_documented_way(books: Books) -> None:
    namings: tuple[dict[str, Any], ...] = (
        {"order_id": books.order_id},
        {"order_id": books.dojo_order_id},
        {"reference": books.order_id},
        {"reference": "Order 236"},
        {"order_id": "legacy", "reference": books.order_id},
    )
    for named in namings:
        books.dojo.known = replace(GOOD, paid=100, tips=0, **named)
        await books.record(unique("pi"), 100, 0)
    assert await books.paid() == 500


async def test_a_repetition_is_answered_without_asking(books: Books) -> None:
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = replace(GOOD, status="Reversed")
    await books.record(intent)
    assert books.dojo.asked == [intent]


async def test_no_answer_records_it_and_a_job_asks_again(books: Books) -> None:
    books.dojo.known = None
    intent = unique("pi")
    await books.record(intent)
    assert await books.paid() == 4_000
    assert (await books.row(intent))["check_state"] == "unverified"
    await books.make_due()
    await books.job.round()
    assert (await books.row(intent))["check_due_at"] is not None
    books.dojo.known = GOOD
    await books.make_due()
    await books.job.round()
    row = await books.row(intent)
    assert (row["check_state"], row["check_due_at"]) == ("verified", None)


async def test_what_turns_out_wrong_later_stays_and_is_shown(books: Books) -> None:
    books.dojo.known = None
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = replace(GOOD, paid=1)
    await books.make_due()
    await books.job.round()
    assert (await books.row(intent))["check_state"] == "disputed"
    assert await books.paid() == 4_000
    (shown,) = await PaymentChecks(books.venue.database).listed(books.venue.id)
    assert (shown["intent_id"], shown["check_state"]) == (intent, "disputed")
    assert "payment of 1" in shown["check_note"]


@pytest.mark.parametrize("status", ["Reversed", "Canceled", "Refunded"])
async def test_a_payment_that_dojo_has_ended_waits_for_the_event_that_says_so(
    status: str, books: Books
) -> None:
    """The terminal gave the money back before the job had asked about the payment."""
    books.dojo.known = None
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = replace(GOOD, status=status)
    await books.make_due()
    await books.job.round()
    row = await books.row(intent)
    assert (row["check_state"], row["check_note"]) == (
        "unverified",
        f"Dojo has the payment as {status}",
    )
    assert row["check_due_at"] is not None
    await books.hear(intent, status)
    for _ in ("the refund's amount", "the payment"):
        await books.make_due()
        await books.job.round()
    row = await books.row(intent)
    assert (row["check_state"], row["status"]) == ("verified", status.lower())
    assert await books.paid() == 0


async def test_an_ended_payment_of_other_sums_is_disputed_all_the_same(books: Books) -> None:
    books.dojo.known = None
    intent = unique("pi")
    await books.record(intent)
    await books.hear(intent, "Reversed")
    books.dojo.known = replace(GOOD, status="Reversed", paid=1)
    await books.make_due()
    await books.job.round()
    assert (await books.row(intent))["check_state"] == "disputed"


async def test_a_payment_that_was_refunded_in_part_stands(books: Books) -> None:
    books.dojo.known = replace(GOOD, status="Refunded", refunded=1_000)
    intent = unique("pi")
    await books.record(intent)
    assert (await books.row(intent))["check_state"] == "verified"
    assert await books.paid() == 4_000
    for _ in range(2):
        await books.job.round()
        assert await books.paid() == 3_000, "what went back before is taken back here, once"
        assert await books.total() == 9_000, "and nobody is asked for it again"


async def test_a_part_that_the_check_of_a_payment_shows_goes_back(books: Books) -> None:
    intent = unique("pi")
    books.dojo.known = None
    await books.record(intent)
    books.dojo.known = replace(GOOD, refunded=1_000)
    await books.make_due()
    await books.job.round()
    row = await books.row(intent)
    assert (row["check_state"], row["refunded_paid"]) == ("verified", 1_000)
    await books.hear(intent, "Refunded")
    await books.job.round()
    assert await books.paid() == 3_000, "the event tells the same"


async def test_a_refund_waits_for_its_amount_and_a_part_ends_nothing(books: Books) -> None:
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = None
    await books.hear(intent, "Refunded")
    await books.job.round()
    assert await books.paid() == 4_000
    for refunded in (1_000, 700):
        books.dojo.known = replace(GOOD, refunded=refunded)
        await books.hear(intent, "Refunded")
        await books.make_due()
        await books.job.round()
    row = await books.row(intent)
    assert (row["refunded_amount"], row["status"]) == (1_000, "recorded")
    assert (await books.paid(), await books.total()) == (3_000, 9_000)
    books.dojo.known = replace(GOOD, refunded=4_500)
    await books.hear(intent, "Refunded")
    await books.job.round()
    assert (await books.row(intent))["status"] == "refunded"
    assert (await books.paid(), await books.total()) == (0, 10_000)


@pytest.mark.usefixtures("kept")
async def test_after_a_week_without_an_answer_a_refund_counts_as_full(books: Books) -> None:
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = None
    await books.hear(intent, "Refunded")
    await books.let_a_week_pass()
    await books.job.round()
    assert (await books.row(intent))["status"] == "refunded"
    assert await books.paid() == 0


async def test_also_where_no_process_has_the_key_any_more(books: Books, database_url: str) -> None:
    intent, newer = unique("pi"), unique("pi")
    books.dojo.known = None
    await books.record(intent, 400, 0)
    await books.record(newer, 300, 0)
    await books.hear(intent, "Refunded")
    await books.let_a_week_pass()
    await books.hear(newer, "Refunded")

    async def keyless(venue_id: str) -> None:
        requester = Requester(venue_id, SystemActor.DOJO_LINK, "trace")
        await books.events.settle_waiting_refunds(requester, only_old=True)

    database = books.venue.database
    runner = Runner(
        Links(database, Sealer(None)),
        Outbox(database),
        Leases(database, "keyless"),
        Wakeups(database_url),
        lambda _: never,
        keyless,
    )
    running = asyncio.create_task(runner.run())
    async with asyncio.timeout(30):
        while await books.paid() != 300:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait([running])
    assert (await books.row(intent))["status"] == "refunded"
    assert (await books.row(newer))["status"] == "recorded", "Dojo may still be asked"


async def never(lease: Lease) -> None:
    raise AssertionError(f"there is no key, and {lease} is for nothing")


async def test_a_refund_that_dojo_does_not_show_yet_waits(books: Books) -> None:
    """Dojo's record of the payment may be behind its own event."""
    intent = unique("pi")
    await books.record(intent)
    for behind in (None, 0):
        books.dojo.known = replace(GOOD, refunded=behind)
        await books.hear(intent, "Refunded")
        await books.make_due()
        await books.job.round()
        assert await books.paid() == 4_000
    books.dojo.known = replace(GOOD, refunded=4_500)
    await books.make_due()
    await books.job.round()
    assert (await books.row(intent))["status"] == "refunded"
    assert await books.paid() == 0


async def test_a_part_that_comes_before_its_payment_is_noted_when_that_is_there(
    books: Books,
) -> None:
    intent = unique("pi")
    books.dojo.known = replace(GOOD, refunded=1_000)
    await books.hear(intent, "Refunded")
    await books.job.round()
    await books.record(intent)
    await books.make_due()
    await books.job.round()
    row = await books.row(intent)
    assert (row["refunded_amount"], row["status"]) == (1_000, "recorded")
    assert await books.paid() == 3_000
    before = len(books.dojo.asked)
    await books.make_due()
    await books.job.round()
    assert len(books.dojo.asked) == before, "it is settled"


@pytest.mark.usefixtures("kept")
async def test_a_part_of_a_payment_that_never_came_is_forgotten_after_a_week(books: Books) -> None:
    intent = unique("pi")
    books.dojo.known = replace(GOOD, refunded=1_000)
    await books.hear(intent, "Refunded")
    await books.let_a_week_pass()
    for _ in range(2):
        await books.job.round()
    assert books.dojo.asked == [intent]
    await books.record(intent)
    assert await books.paid() == 4_000


async def test_refunds_that_wait_when_the_venue_leaves_dojo_count_as_full(books: Books) -> None:
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = None
    await books.hear(intent, "Refunded")
    await books.job.round()
    assert await books.paid() == 4_000
    await books.events.settle_waiting_refunds(books.requester)
    assert await books.paid() == 0
    assert (await books.row(intent))["status"] == "refunded"


async def test_a_refund_that_is_heard_as_the_venue_leaves_dojo_waits_for_nobody(
    books: Books,
) -> None:
    """The process that hears it may still remember the link, and two may do both at once."""
    books.dojo.known = None
    intents = [unique("pi") for _ in range(10)]
    for intent in intents:
        await books.record(intent, 400, 0)
    links = Links(books.venue.database, Sealer(None))
    before, after = intents[:8], intents[8:]
    await asyncio.gather(
        *(books.hear(intent, "Refunded") for intent in before),
        leave(links, books.venue.database, books.venue.id, who=SystemActor.CLI),
    )
    for intent in after:
        await books.hear(intent, "Refunded")
    assert await books.paid() == 0
    assert {(await books.row(intent))["status"] for intent in intents} == {"refunded"}


async def test_a_refund_that_is_settled_while_dojo_is_asked_waits_no_more(books: Books) -> None:
    intent = unique("pi")
    await books.record(intent)
    books.dojo.known = None
    await books.hear(intent, "Refunded")
    books.dojo.meanwhile = lambda: books.events.settle_waiting_refunds(books.requester)
    await books.job.round()
    waiting = "SELECT FROM dojo_event WHERE venue_id = $1 AND refund_due_at IS NOT NULL"
    assert await fetch(books.venue, waiting) == []
    assert (await books.row(intent))["status"] == "refunded"


async def test_a_full_refund_that_comes_before_its_payment_decides_about_it(books: Books) -> None:
    intent = unique("pi")
    books.dojo.known = replace(GOOD, status="Refunded", refunded=4_500)
    await books.hear(intent, "Refunded")
    await books.job.round()
    books.dojo.known = GOOD
    with pytest.raises(Conflict, match="Refunded"):
        await books.record(intent)


def test_an_intent_pays_its_amount_and_its_service_charge() -> None:
    gbp = {"currencyCode": "GBP"}
    intent = PaymentIntent.model_validate(
        {
            "id": "pi",
            "status": "Captured",
            "amount": {"value": 3_600, **gbp},
            "serviceChargeAmount": {"value": 400, **gbp},
            "tipsAmount": {"value": 500, **gbp},
            "orderDetails": {"externalId": "ord_1", "id": "dojo"},
            "cardDetails": {"number": "never read"},
        }
    )
    assert known_payment(intent) == replace(GOOD, order_id="ord_1")
    assert known_payment(PaymentIntent(status="Captured")) is None


@pytest.mark.parametrize(
    ("metadata", "waiter"),
    [
        ({"waiterId": "anna"}, "anna"),
        ({"waiterId": 12}, "12"),
        ({"waiterId": "0"}, None),
        ({"waiterId": "a\nb"}, None),
        ({"waiterId": ["anna"]}, None),
        ({}, None),
        (None, None),
        ([], None),
        ("anna", None),
    ],
    ids=str,
)
def test_the_metadata_may_name_the_waiter(metadata: Any, waiter: str | None) -> None:
    amount = {"value": 1, "currencyCode": "GBP"}
    intent = PaymentIntent.model_validate(
        {"status": "Captured", "amount": amount, "metadata": metadata}
    )
    known = known_payment(intent)
    assert known is not None
    assert known.waiter_id == waiter


async def test_the_waiter_is_the_headers_else_the_one_whom_dojo_names(books: Books) -> None:
    intent, again = unique("pi"), unique("pi")
    books.dojo.known = replace(GOOD, waiter_id="anna")
    await books.record(intent)
    assert (await books.row(intent))["waiter_id"] == "anna"
    books.requester = replace(books.requester, waiter_id="ben")
    await books.record(again)
    assert (await books.row(again))["waiter_id"] == "ben"


SECRET = new_secret_key()


async def linked(venue: Venue, *, verifies: bool) -> None:
    links = Links(venue.database, Sealer(SECRET))
    await links.put(link(venue.id, verifies_payments=verifies), "sk_sandbox_key")


async def test_a_process_without_the_key_leaves_the_question_to_another(venue: Venue) -> None:
    """A payment is then unverified until a job has asked; a refund waits only if somebody will ask."""
    await linked(venue, verifies=True)
    without = DojoSource(Links(venue.database, Sealer(None)))
    assert await without.verifies(venue.id)
    assert await without.look_up(venue.id, "pi") is None
    assert not await without.can_be_asked(venue.id)
    async with venue.database.connection() as connection:
        await leases.take(connection, venue.id, LEASE, "another", 60)
    later = DojoSource(Links(venue.database, Sealer(None)))
    assert await later.can_be_asked(venue.id)
    assert not await later.verifies("nobody")


async def test_who_has_the_key_can_ask(venue: Venue) -> None:
    await linked(venue, verifies=False)
    source = DojoSource(Links(venue.database, Sealer(SECRET)))
    assert await source.can_be_asked(venue.id)
    assert not await source.verifies(venue.id)
    assert await source.look_up(venue.id, "pi") is None  # nobody listens there
    await source.close()


async def test_a_dojo_that_says_nothing_holds_up_one_payment_not_each(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payments after it are unverified at once, until the job has asked."""
    asked = 0

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(30)
        writer.close()

    monkeypatch.setattr("epos.dojo.source._ANSWER_SECONDS", 0.2)
    listener = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    links = Links(venue.database, Sealer(SECRET))
    await links.put(link(venue.id, verifies_payments=True, api_url=url), "sk_sandbox_key")
    source = DojoSource(links)
    try:
        for intent in ("pi_1", "pi_2", "pi_3"):
            assert await source.look_up(venue.id, intent) is None
        assert asked == 1
    finally:
        await source.close()
        listener.close()
