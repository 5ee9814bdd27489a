"""What guests say and who they are is in the database, and in nothing that is kept about requests."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cluster import run, through_coordinator
from tests.support.floor import party, reservation, seated
from tests.support.guests import CUSTOMER, MARK, NAME, NOTE, PHONE_DIGITS, sent
from tests.support.orders import gbp, item, order, payment
from tests.support.privacy import leaks
from tests.support.rows import fetch
from tests.support.server import RunningServer
from tests.support.venues import Venue

Json = dict[str, Any]
NUL = f"{NOTE}\0"
JSON = {"content-type": "application/json"}
SURROGATE = "\ud800" + MARK
DEPOSIT = {"totalAmount": gbp(500), "description": NOTE, "paymentIntentIds": ["pi_1"]}
GUEST = {"name": NAME, "hostNotes": NOTE, "guestRequests": NOTE}


def marked_order(**more: Any) -> Json:
    line = item(name=NOTE) | {"note": NOTE, "extras": {MARK: NOTE}}
    customer = CUSTOMER | {"phoneNumber": PHONE_DIGITS}
    return order(1_000) | {"customer": customer, "note": NOTE, "items": [line]} | more


def marked_party(*tables: str, **more: Any) -> Json:
    return party(*tables, **GUEST, deposit=DEPOSIT, **more)


def marked_reservation(*tables: str, **more: Any) -> Json:
    return reservation(*tables) | GUEST | more


BAD_ORDERS: dict[str, Json] = {
    "a customer's e-mail that is no text": {"customer": CUSTOMER | {"emailAddress": [NOTE]}},
    "one that is too long": {"customer": CUSTOMER | {"emailAddress": NOTE * 20}},
    "a phone number that is too long": {"customer": CUSTOMER | {"phoneNumber": MARK * 20}},
    "one beyond 64 bits": {"customer": CUSTOMER | {"phoneNumber": PHONE_DIGITS * 10**9}},
    "an unknown property": {"customer": CUSTOMER | {"birthday": NOTE}},
    "a NUL in a note": {"note": NUL},
    "a NUL in unknown content": {"items": [item() | {"extra": NUL}]},
    "an amount that is a guest": {"totalAmount": {"value": NOTE, "currencyCode": MARK}},
    "a type that is a guest": {"details": {"orderType": MARK}},
    "a time that is a guest": {"details": {"orderType": "DineIn", "dineIn": {"readyAt": MARK}}},
    "another currency": {"totalAmount": gbp(1_000, "EUR")},
    "payments beyond the total": {"payments": [payment(9_999)]},
    "an unknown table": {"details": {"orderType": "DineIn", "dineIn": {"tableId": "x"}}},
}
BAD_GUESTS: dict[str, Json] = {
    "notes that are no text": {"hostNotes": [NOTE]},
    "a NUL in the notes": {"hostNotes": NUL},
    "a NUL in the requests": {"guestRequests": NUL},
    "a NUL in the name": {"name": NUL},
    "covers that are a guest": {"covers": NOTE},
    "a time that is a guest": {"startTime": NOTE},
    "a deposit that is a guest": {"deposit": {"totalAmount": NOTE, "description": NUL}},
    "an unknown table": {"tableIds": ["unknown"]},
}


async def refuse(venue: Venue, method: str, path: str, body: Json) -> None:
    """The server refuses, and does not quote what it refuses."""
    response = await venue.call(method, path, body)
    assert 400 <= response.status_code < 500, response.text
    assert MARK not in response.text


@pytest.fixture
def quiet_log(server: RunningServer) -> Path:
    """The server's log, which so far quotes nobody."""
    assert not leaks(server.log.parent, sent)
    return server.log


async def logged(log: Path, trace_id: str) -> list[Json]:
    """What the log says of a request. Its last line is written after the answer has left."""
    while True:
        lines = [json.loads(line) for line in log.read_text().splitlines() if trace_id in line]
        if lines and lines[-1]["event"] == "request":
            return lines
        await asyncio.sleep(0.02)


class TestLogs:
    async def test_of_what_is_accepted(self, venue: Venue, quiet_log: Path) -> None:
        body = marked_order()
        created = await venue.ok("POST", "/v1/orders", body)
        assert created["customer"]["phoneNumber"] == str(PHONE_DIGITS)
        await venue.ok("GET", f"/v1/orders/{created['id']}")
        await venue.ok("GET", f"/v1/orders/{created['id']}/bill")
        await refuse(venue, "POST", "/v1/orders", body | {"note": f"{MARK} other"})
        guests = marked_party("t1")
        path = f"/v1/parties/{(await venue.ok('POST', '/v1/parties', guests))['id']}"
        await venue.ok("PUT", path, seated(guests, hostNotes=f"{NOTE} again"))
        await refuse(venue, "POST", "/v1/parties", marked_party("t1"))
        await refuse(venue, "POST", "/v1/parties", guests | {"hostNotes": f"{MARK} other"})
        booked = marked_reservation("t2")
        await venue.ok("POST", "/v1/reservations", booked)
        await refuse(venue, "POST", "/v1/reservations", booked | {"name": f"{MARK} other"})
        assert not leaks(quiet_log.parent, sent)

    @pytest.mark.parametrize("why", BAD_ORDERS)
    async def test_of_an_order_that_is_refused(
        self, venue: Venue, quiet_log: Path, why: str
    ) -> None:
        await refuse(venue, "POST", "/v1/orders", marked_order(**BAD_ORDERS[why]))
        assert not leaks(quiet_log.parent, sent)

    @pytest.mark.parametrize("why", BAD_GUESTS)
    async def test_of_guests_that_are_refused(
        self, venue: Venue, quiet_log: Path, why: str
    ) -> None:
        guests = marked_party("t1")
        path = f"/v1/parties/{(await venue.ok('POST', '/v1/parties', guests))['id']}"
        await refuse(venue, "POST", "/v1/parties", marked_party("t2") | BAD_GUESTS[why])
        await refuse(venue, "PUT", path, seated(guests) | BAD_GUESTS[why])
        if "deposit" not in BAD_GUESTS[why]:
            bad = marked_reservation("t2") | BAD_GUESTS[why]
            await refuse(venue, "POST", "/v1/reservations", bad)
        assert not leaks(quiet_log.parent, sent)

    @pytest.mark.parametrize(
        "broken",
        [
            json.dumps(marked_order())[:-1],
            json.dumps(marked_order(note=SURROGATE)),
            json.dumps([NOTE]),
            f'{{"note": "{MARK}", "note": }}',
            MARK,
            json.dumps(marked_order()) + MARK,
            "[" * 5_000 + MARK,
        ],
        ids=["cut", "surrogate", "list", "syntax", "no JSON", "more behind", "deep"],
    )
    async def test_of_what_is_not_even_json(
        self, venue: Venue, quiet_log: Path, broken: str
    ) -> None:
        response = await venue.client.post("/v1/orders", content=broken, headers=JSON)
        assert response.status_code == 400, response.text
        assert MARK not in response.text
        assert not leaks(quiet_log.parent, sent)

    async def test_of_an_error_that_nobody_expected(
        self, venue: Venue, database_url: str, quiet_log: Path
    ) -> None:
        """PostgreSQL quotes the row that it refuses; the log has where it happened, not the words."""
        rule = "ALTER TABLE customer_order ADD CONSTRAINT refuse_all CHECK (false) NOT VALID"
        await run(through_coordinator(database_url), rule)
        try:
            response = await venue.call("POST", "/v1/orders", marked_order())
        finally:
            await run(
                through_coordinator(database_url),
                "ALTER TABLE customer_order DROP CONSTRAINT refuse_all",
            )
        assert response.status_code == 500
        assert MARK not in response.text
        told = await logged(quiet_log, response.headers["x-trace-id"])
        assert told[0]["event"] == "unexpected error"
        assert "CheckViolationError" in told[0]["exception"]
        assert not leaks(quiet_log.parent, sent)


async def test_the_audit_trail_has_ids_and_amounts_only(venue: Venue) -> None:
    created = await venue.ok("POST", "/v1/orders", marked_order())
    guests, booked = marked_party("t1"), marked_reservation("t2")
    seated_path = f"/v1/parties/{(await venue.ok('POST', '/v1/parties', guests))['id']}"
    booked_path = f"/v1/reservations/{(await venue.ok('POST', '/v1/reservations', booked))['id']}"
    await venue.ok("PUT", seated_path, seated(guests, "t1", "t3"))
    await venue.ok("PUT", booked_path, booked | {"covers": 3})
    for path in (seated_path, booked_path, f"/v1/orders/{created['id']}"):
        await venue.ok("DELETE", path)
    entries = await fetch(
        venue, "SELECT audit_entry::text AS row FROM audit_entry WHERE venue_id = $1"
    )
    assert len(entries) == 8
    assert not [entry["row"] for entry in entries if MARK in entry["row"]]
    assert not [entry["row"] for entry in entries if str(PHONE_DIGITS) in entry["row"]]


class TestTheSearchItself:
    def test_finds_what_a_log_quotes(self, tmp_path: Path) -> None:
        log = tmp_path / "server.log"
        for quoted in (f"x {MARK} y", f"tel {PHONE_DIGITS}", "a note — café", 'a \\"quoted\\" one'):
            log.write_text(quoted)
            assert len(leaks(tmp_path, ["a note — café", 'a "quoted" one'])) == 1, quoted
        log.unlink()

    def test_tells_a_number_from_a_part_of_an_id(self, tmp_path: Path) -> None:
        log = tmp_path / "server.log"
        log.write_text('{"trace_id": "0af123456b"}')
        assert leaks(tmp_path, ["123456"]) == []
        log.write_text('{"trace_id": "0af123456b", "said": "123456"}')
        assert len(leaks(tmp_path, ["123456"])) == 1
        log.write_text(f"key_{'0af1' * 16}b")
        assert len(leaks(tmp_path, ["0af1" * 16])) == 1, "no secret is that by chance"

    async def test_knows_what_the_tests_send(self, venue: Venue) -> None:
        nested = {"a": [{"hostNotes": "no salt at all", "name": "Ada"}], "phoneNumber": 1234567}
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(lambda _: httpx.Response(200)),
            event_hooks={"request": venue.client.event_hooks["request"]},
        ) as client:
            await client.post("http://test/", json=nested)
        assert {"no salt at all", "1234567"} <= sent
