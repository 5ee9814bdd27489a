"""What is registered, what is read back, and what is odd about it."""

import json
from typing import Any

import httpx
import pytest

from epos.contract.operations import OPERATIONS
from epos.dojo.client import DojoAway, DojoClient, DojoRefused
from epos.dojo.models import newest
from epos.dojo.products import products, warnings
from epos.dojo.registration import Registrar, implemented
from epos.domain.dojo import Access, DojoLink, Entity, Transport
from epos.domain.identifiers import Identifiers
from epos.services.venues import Venues
from tests.support.links import link
from tests.support.venues import Venue

KEY = "sk_sandbox_raw"
URL = "https://epos.example/base"
SERVED = [operation.capability for operation in OPERATIONS]
ALL = frozenset(implemented(SERVED))


class RecordedDojo(httpx.AsyncBaseTransport):
    """Keeps what it is told; `held` overrides what it answers."""

    def __init__(self, held: list[str] | None = None, status: int = 200) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[Any] = []
        self.registered: dict[str, Any] = {}
        self.held = held
        self.status = status

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.status != 200:
            return httpx.Response(self.status, json={"errors": {}})
        if request.method == "PUT":
            kind = request.url.path.rsplit("/", 1)[-1]
            self.registered[kind] = json.loads(request.content)
        return httpx.Response(200, json=self.answer())

    def answer(self) -> Any:
        return {
            f"{kind}Integrations": [self.integration(body)]
            for kind, body in self.registered.items()
        }

    def integration(self, body: Any) -> Any:
        names = self.held or [one["name"] for one in body["capabilities"]]
        held = [{"name": name, "version": "v1", "updatedAt": "x"} for name in names]
        auth = {"authType": "basic", "basic": {"username": self.username(body)}}
        return {"capabilities": held, "url": body.get("url"), "auth": auth}

    def username(self, body: Any) -> str | None:
        auth = body.get("auth")
        return auth["basic"]["username"] if auth else None


def client(dojo: RecordedDojo, venue_id: str = "demo", **more: Any) -> DojoClient:
    return DojoClient(Access(link(venue_id, **more), KEY), dojo)


def registrar(venue: Venue) -> Registrar:
    return Registrar(Venues(venue.database, Identifiers()), SERVED)


def rest(venue: Venue) -> DojoLink:
    return link(venue.id, transport=Transport.REST, public_url=URL)


def test_23_names_stand_for_22_operations() -> None:
    assert len(SERVED) == 22
    assert len(ALL) == 23
    assert {name for name in ALL if name.startswith("HandleEvent")} == {
        "HandleEvent:payment_intent.created",
        "HandleEvent:payment_intent.status_updated",
    }


async def test_every_request_carries_the_raw_key_the_version_and_the_house(venue: Venue) -> None:
    dojo = RecordedDojo()
    async with client(dojo, reseller_id="reseller") as http:
        await registrar(venue).register(link(venue.id), http)
        await http.announce(Entity.PARTY, "pty_1")
        await http.payment_intent("pi/../1")
    for request in dojo.requests:
        assert request.headers["authorization"] == f"Basic {KEY}"
        assert request.headers["version"] == "2026-02-27"
        assert request.headers["software-house-id"] == "test-house"
        assert request.headers["reseller-id"] == "reseller"
    assert json.loads(dojo.requests[-2].content) == {
        "eventType": "PartyUpdated",
        "event": {"partyId": "pty_1"},
    }
    assert dojo.requests[-1].url.raw_path == b"/payment-intents/pi%2F..%2F1"


async def test_the_websocket_registers_the_whole_set_and_nothing_else(venue: Venue) -> None:
    dojo = RecordedDojo()
    async with client(dojo) as http:
        done = await registrar(venue).register(link(venue.id), http)
    assert [request.method for request in dojo.requests] == ["PUT", "GET"]
    (registered,) = dojo.registered.values()
    assert {one["name"] for one in registered["capabilities"]} == ALL
    assert {one["version"] for one in registered["capabilities"]} == {"v1"}
    assert registered.keys() == {"capabilities"}
    assert done.registered == ALL
    assert done.warnings == []


async def test_older_spellings_are_understood(venue: Venue) -> None:
    older = {
        "GetOrderBillById": "GetOrderBill",
        "RecordOrderPaymentById": "RecordOrderPayment",
        "UpdateParty": "UpdatePartyById",
        "UpdateReservation": "UpdateReservationById",
    }
    dojo = RecordedDojo([older.get(name, name) for name in ALL])
    async with client(dojo) as http:
        done = await registrar(venue).register(link(venue.id), http)
    assert done.warnings == []
    assert newest("SomethingNewer") == "SomethingNewer"


async def test_what_dojo_holds_otherwise_is_shown(venue: Venue) -> None:
    dojo = RecordedDojo([*(ALL - {"CancelOrderById", "ExtendOrderLock"}), "OpenTheTill"])
    async with client(dojo) as http:
        done = await registrar(venue).register(link(venue.id), http)
    assert done.missing == ["CancelOrderById", "ExtendOrderLock"]
    assert done.unexpected == ["OpenTheTill"]
    assert len(done.warnings) == 3


async def test_rest_gets_a_credential_that_works_and_the_last_one_stops(venue: Venue) -> None:
    dojo = RecordedDojo()
    async with client(dojo, venue.id) as http:
        await registrar(venue).register(rest(venue), http)
        first = dojo.registered["rest"]["auth"]["basic"]
        await registrar(venue).register(rest(venue), http)
        assert dojo.registered["rest"]["auth"]["basic"] == first  # Dojo has it already
        await registrar(venue).register(rest(venue), http, renew=True)
    second = dojo.registered["rest"]["auth"]["basic"]
    assert dojo.registered["rest"]["url"] == URL
    assert second["username"] == f"{venue.id}.dojo-link-2"
    states = {}
    for basic in (first, second):
        answer = await venue.client.get("/v1/areas", auth=(basic["username"], basic["password"]))
        states[basic["username"]] = answer.status_code
    assert states == {first["username"]: 401, second["username"]: 200}


async def test_tries_that_fail_make_one_credential_between_them(venue: Venue) -> None:
    class DislikesTheUrl(RecordedDojo):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT" and self.dislikes:
                return httpx.Response(400, json={"errors": {}})
            return await super().handle_async_request(request)

        dislikes = True

    dojo, tries = DislikesTheUrl(), registrar(venue)
    async with client(dojo, venue.id) as http:
        for _ in range(3):
            with pytest.raises(DojoRefused):
                await tries.register(rest(venue), http)
        dojo.dislikes = False
        await tries.register(rest(venue), http)
    made = await Venues(venue.database, Identifiers()).credentials(venue.id)
    assert [row["name"] for row in made if row["name"].startswith("dojo-link")] == ["dojo-link-1"]
    basic = dojo.registered["rest"]["auth"]["basic"]
    answer = await venue.client.get("/v1/areas", auth=(basic["username"], basic["password"]))
    assert answer.status_code == 200


async def test_the_last_credential_stays_until_dojo_holds_the_new_one(venue: Venue) -> None:
    class Stubborn(RecordedDojo):
        def username(self, body: Any) -> str | None:
            return f"{venue.id}.dojo-link-1"

    dojo = Stubborn()
    async with client(dojo, venue.id) as http:
        await registrar(venue).register(rest(venue), http)
        first = dojo.registered["rest"]["auth"]["basic"]
        await registrar(venue).register(rest(venue), http, renew=True)
    answer = await venue.client.get("/v1/areas", auth=(first["username"], first["password"]))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("names", "enabled"),
    [
        (ALL, {"Pay at Table", "Order & Pay", "QR Pay", "Bookings"}),
        ({"SearchOrders", "GetOrderById", "RecordOrderPaymentById"}, {"Pay at Table"}),
        ({"SearchOrders", "GetOrderById"}, set()),
        (ALL - {"CreateOrder", "CreateParty"}, {"Pay at Table", "QR Pay"}),
    ],
)
def test_products_that_a_set_enables(names: frozenset[str], enabled: set[str]) -> None:
    assert {product.name for product in products(names) if product.is_enabled} == enabled
    warned = any("none of Dojo's products" in one for one in warnings(names))
    assert warned is not bool(enabled)


@pytest.mark.parametrize(
    ("missing", "warns"),
    [
        (set(), False),
        ({"CreateOrderLock", "ExtendOrderLock", "DeleteOrderLock"}, False),
        ({"ExtendOrderLock"}, True),
        ({"DeleteOrderLock"}, True),
    ],
)
def test_half_of_the_lock_trio_is_odd(missing: set[str], warns: bool) -> None:
    assert any("lock trio" in one for one in warnings(ALL - missing)) is warns


@pytest.mark.parametrize(
    ("status", "kind"), [(401, DojoAway), (429, DojoAway), (503, DojoAway), (400, DojoRefused)]
)
async def test_what_an_answer_says_about_the_others(status: int, kind: type[Exception]) -> None:
    async with client(RecordedDojo(status=status)) as http:
        with pytest.raises(kind) as caught:
            await http.announce(Entity.ORDER, "ord_1")
    assert KEY not in str(caught.value)


async def test_an_intent_that_dojo_does_not_know_is_none() -> None:
    async with client(RecordedDojo(status=404)) as http:
        assert await http.payment_intent("pi_1") is None
        assert await http.payment_intent("..") is None
