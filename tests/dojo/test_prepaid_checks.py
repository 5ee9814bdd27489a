"""Payments inside CreateOrder that Dojo itself is asked about, before the order is made."""

from dataclasses import replace
from typing import Any

import pytest

from epos.contract.codec import validate
from epos.contract.orders import CreateOrderRequest
from epos.contract.payments import PaymentWithLockId
from epos.dojo.payment_job import PaymentJob
from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.main import build_services
from epos.services.payment_checks import PaymentChecks
from tests.support.orders import order, payment, unique
from tests.support.payment_source import GOOD, FixedSource
from tests.support.rows import execute, fetch
from tests.support.venues import Venue

Json = dict[str, Any]
HELD = replace(GOOD, status="Authorized")
"""What Dojo knows when it asks for the order: the money is held, and the venue has no id for it yet."""


class Kitchen:
    """What a venue that checks its payments does with orders from phones."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.dojo = FixedSource(HELD)
        self.requester = Requester(venue.id, "dojo", "trace")
        identifiers = Identifiers()
        services = build_services(venue.database, identifiers, self.dojo)
        self.creating, self.payments = services.orders, services.payments
        checks = PaymentChecks(venue.database)
        self.job = PaymentJob(self.dojo, checks, services.events, identifiers, venue.id)

    async def create(self, body: Json) -> str:
        """The id of the order."""
        request = validate(CreateOrderRequest, body)
        return (await self.creating.create(request, self.requester)).id

    async def record(self, order_id: str, body: Json) -> None:
        request = validate(PaymentWithLockId, body)
        await self.payments.record(order_id, request, self.requester)

    async def read(self, order_id: str) -> Json:
        answer: Json = await self.venue.ok("GET", f"/v1/orders/{order_id}")
        return answer

    async def checks(self) -> list[tuple[str | None, bool]]:
        """Of each payment, what is known, and whether Dojo is to be asked again."""
        sql = "SELECT check_state, check_due_at FROM payment WHERE venue_id = $1 ORDER BY position"
        rows = await fetch(self.venue, sql)
        return [(row["check_state"], row["check_due_at"] is not None) for row in rows]

    async def orders(self) -> list[Json]:
        return await fetch(self.venue, "SELECT id FROM customer_order WHERE venue_id = $1")

    async def make_due(self) -> None:
        await execute(
            self.venue,
            "UPDATE payment SET check_due_at = statement_timestamp() "
            "WHERE venue_id = $1 AND check_due_at IS NOT NULL",
        )


@pytest.fixture
def kitchen(venue: Venue) -> Kitchen:
    return Kitchen(venue)


def prepaid(*intents: str, total: int = 4_000, dojo_order_id: str | None = None) -> Json:
    paid = [payment(4_000, 500, intent) for intent in intents or (unique("pi"),)]
    return order(total, paid, dojo_order_id)


async def test_money_that_is_held_pays_an_order_that_dojo_has_no_id_of_yet(
    kitchen: Kitchen,
) -> None:
    created = await kitchen.read(await kitchen.create(prepaid()))
    assert (created["paidAmount"]["value"], created["tipsAmount"]["value"]) == (4_000, 500)
    assert await kitchen.checks() == [("verified", False)]


async def test_the_waiter_whom_dojo_names_took_the_money(kitchen: Kitchen, venue: Venue) -> None:
    kitchen.dojo.known = replace(HELD, waiter_id="anna")
    await kitchen.create(prepaid())
    rows = await fetch(venue, "SELECT waiter_id FROM payment WHERE venue_id = $1")
    assert [row["waiter_id"] for row in rows] == ["anna"]


@pytest.mark.parametrize("named", ["reference", "order_id"])
async def test_dojos_own_order_id_is_the_only_one_it_can_know_it_by(
    named: str, kitchen: Kitchen
) -> None:
    dojo_order_id = unique("dojo-order")
    names: dict[str, Any] = {named: dojo_order_id}
    kitchen.dojo.known = replace(HELD, **names)
    await kitchen.create(prepaid(dojo_order_id=dojo_order_id))
    assert await kitchen.checks() == [("verified", False)]


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "EUR"},
        {"paid": 3_999},
        {"tips": 0},
        {"status": "Created"},
        {"status": "Reversed"},
        {"order_id": "ord_another"},
        {"reference": "ord_another"},
    ],
    ids=lambda change: " ".join(f"{name}={value}" for name, value in change.items()),
)
async def test_what_dojo_contradicts_makes_no_order_for_ever(
    change: dict[str, Any], kitchen: Kitchen, venue: Venue
) -> None:
    intent = unique("pi")
    body = prepaid(intent)
    kitchen.dojo.known = replace(HELD, **change)
    with pytest.raises(Conflict, match="Dojo has"):
        await kitchen.create(body)
    kitchen.dojo.known = None  # and who cannot be asked does not let it through either
    with pytest.raises(Conflict, match="refused before"):
        await kitchen.create(body)
    assert await kitchen.orders() == []
    another = await venue.ok("POST", "/v1/orders", order(10_000))
    with pytest.raises(Conflict, match="refused before"):
        await kitchen.record(another["id"], payment(4_000, 500, intent))


async def test_one_wrong_payment_of_two_makes_no_order(kitchen: Kitchen) -> None:
    good, bad = unique("pi"), unique("pi")
    kitchen.dojo.of[bad] = replace(HELD, paid=1)
    body = prepaid(good, bad, total=8_000)
    with pytest.raises(Conflict, match=f"{bad}: Dojo has a payment of 1 "):
        await kitchen.create(body)
    assert await kitchen.orders() == []
    assert await kitchen.checks() == []
    created = await kitchen.read(await kitchen.create(prepaid(good)))
    assert [one["paymentIntentId"] for one in created["payments"]] == [good]


async def test_an_order_that_can_never_be_is_refused_as_such(kitchen: Kitchen) -> None:
    kitchen.dojo.known = replace(HELD, status="Reversed")
    intent = unique("pi")
    with pytest.raises(InvalidRequest, match="sum to more"):
        await kitchen.create(prepaid(intent, total=100))
    rows = await fetch(kitchen.venue, "SELECT id FROM payment_intent WHERE venue_id = $1")
    assert rows == []


async def test_a_repetition_is_answered_without_asking(kitchen: Kitchen) -> None:
    intent = unique("pi")
    body = prepaid(intent)
    created = await kitchen.create(body)
    kitchen.dojo.known = replace(HELD, status="Reversed")
    assert await kitchen.create(body) == created
    assert kitchen.dojo.asked == [intent]


async def test_a_payment_without_an_intent_has_nobody_to_ask_about(kitchen: Kitchen) -> None:
    cash = {"paidAmount": {"value": 4_000, "currencyCode": "GBP"}}
    await kitchen.create(order(4_000, [cash]))
    assert kitchen.dojo.asked == []
    assert await kitchen.checks() == [(None, False)]


async def test_no_answer_makes_the_order_and_a_job_asks_again(kitchen: Kitchen) -> None:
    kitchen.dojo.known = None
    created = await kitchen.create(prepaid())
    assert await kitchen.checks() == [("unverified", True)]
    kitchen.dojo.known = replace(GOOD, order_id=created)  # captured, and it knows our id by now
    await kitchen.make_due()
    await kitchen.job.round()
    assert await kitchen.checks() == [("verified", False)]


async def test_what_turns_out_wrong_later_is_shown_and_stays(kitchen: Kitchen) -> None:
    kitchen.dojo.known = None
    await kitchen.create(prepaid())
    kitchen.dojo.known = replace(GOOD, order_id="ord_another")
    await kitchen.make_due()
    await kitchen.job.round()
    assert await kitchen.checks() == [("disputed", False)]


async def test_nothing_is_held_while_dojo_thinks(kitchen: Kitchen, venue: Venue) -> None:
    """The same request comes a second time meanwhile: it waits for no lock, and one order is made."""
    body, ids = prepaid(), []

    async def meanwhile() -> None:
        ids.append((await venue.ok("POST", "/v1/orders", body))["id"])

    kitchen.dojo.meanwhile = meanwhile
    ids.append(await kitchen.create(body))
    assert len(set(ids)) == 1
    assert len(await kitchen.orders()) == 1
