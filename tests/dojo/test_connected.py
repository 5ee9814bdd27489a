"""`epos serve` and a simulated Dojo, as two processes: calls come in, events go out."""

import asyncio
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.connected import serving, settings
from tests.support.databases import fresh_database
from tests.support.dojo import DojoAccount
from tests.support.links import connect, heard, is_reached, nothing_waits
from tests.support.orders import payment
from tests.support.processes import epos
from tests.support.recording import open_at_table
from tests.support.rows import fetch
from tests.support.server import RunningServer, free_port, running_server
from tests.support.venues import Venue
from tests.support.waiting import until


@pytest.mark.parametrize("transport", ["websocket", "rest"])
async def test_dojo_calls_and_hears(
    transport: str, account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    log, port = tmp_path / "server.log", free_port()
    more: dict[str, Any] = {
        "dojo_transport": transport,
        "public_url": f"http://127.0.0.1:{port}",
        "port": port,
    }
    async with serving(account, venue, database_url, log, **more):
        order_id = await open_at_table(venue)
        run = await account.sim("POST", "terminal/pay", {"orderId": order_id, "tipPercent": 10})
        assert run["ok"], run
        await until(lambda: nothing_waits(venue))
        assert await heard(account, order_id) >= 1
        assert await account.violations() == []
    paid = await venue.ok("GET", f"/v1/orders/{order_id}")
    assert paid["paidAmount"]["value"] == 10_000
    assert account.key not in log.read_text()


async def test_the_key_is_not_logged_however_much_is(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    async with serving(account, venue, database_url, log, log_level="debug") as server:
        await account.fault("api", "status", match="POST /epos/events", status=401)
        await open_at_table(venue)
        await account.sim("POST", "socket/disconnect")
        await until(lambda: is_reached(account))
        arguments = Path(f"/proc/{server.process.pid}/cmdline").read_text(encoding="utf-8")
    assert account.key not in log.read_text()
    assert account.key not in arguments


@pytest.mark.slow
async def test_it_comes_back_after_every_disconnect(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    async with serving(account, venue, database_url, tmp_path / "server.log"):
        for number in range(10):
            way = ("disconnect", "going-away")[number % 2]
            await account.sim("POST", f"socket/{way}")
            await until(lambda: is_reached(account))


@pytest.mark.slow
async def test_events_wait_for_dojo_to_come_back(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    async with serving(account, venue, database_url, tmp_path / "server.log"):
        await account.fault("api", "status", match="POST /epos/events", status=503, times=3)
        orders = [await open_at_table(venue) for _ in range(5)]
        await until(lambda: nothing_waits(venue))
        counts = [await heard(account, order_id) for order_id in orders]
    assert counts == [1] * 5


@pytest.mark.slow
async def test_another_process_takes_over_when_one_is_killed(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    chosen = settings(account, venue)
    async with (
        serving(account, venue, database_url, tmp_path / "first.log") as first,
        running_server(database_url, tmp_path / "second.log", **chosen),
    ):
        (before,) = await fetch(venue, "SELECT holder, fence FROM lease WHERE venue_id = $1")
        first.kill()
        await first.process.wait()
        order_id = await open_at_table(venue)
        await until(lambda: is_reached(account))
        await until(lambda: nothing_waits(venue))
        (after,) = await fetch(venue, "SELECT holder, fence FROM lease WHERE venue_id = $1")
        assert await heard(account, order_id) == 1
    assert before["holder"] != after["holder"]
    assert after["fence"] == before["fence"] + 1


@pytest.mark.slow
async def test_one_that_stood_still_does_not_do_what_came_meanwhile(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    """Dojo has given the call up, and another process is connected."""
    chosen = settings(account, venue)
    log = tmp_path / "first.log"
    async with (
        serving(account, venue, database_url, log) as first,
        running_server(database_url, tmp_path / "second.log", **chosen),
    ):
        order_id = await open_at_table(venue)
        first.process.send_signal(signal.SIGSTOP)
        try:
            call = {"capability": "CancelOrderById", "ids": {"orderId": order_id}}
            cancelling = asyncio.ensure_future(account.sim("POST", "call", call))
            await until(lambda: is_reached(account))
        finally:
            first.process.send_signal(signal.SIGCONT)
        assert "silence" in await cancelling
        assert await first.stop() == 0
        assert "lease lost" in log.read_text()
    assert (await venue.ok("GET", f"/v1/orders/{order_id}"))["status"] != "Canceled"


@pytest.mark.slow
async def test_it_stays_while_requests_wait_for_every_connection(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    """For longer than a lease lasts: payments of one order that somebody else holds."""
    log = tmp_path / "server.log"
    lease = "SELECT holder, fence FROM lease WHERE venue_id = $1"
    async with serving(account, venue, database_url, log, database_pool_size="1") as server:
        before = await fetch(venue, lease)
        order_id = await open_at_table(venue)
        pay = f"{server.base_url}/v1/orders/{order_id}/record-payment"
        async with venue.database.connection() as another, another.transaction():
            await another.execute(
                "SELECT 1 FROM customer_order WHERE venue_id = $1 AND id = $2 FOR UPDATE",
                venue.id,
                order_id,
            )
            asked = []
            for _ in range(20):
                asked += [
                    asyncio.ensure_future(venue.call("POST", pay, payment(1))) for _ in range(3)
                ]
                await another.execute("SELECT pg_sleep(0.7)")
        answers = {(await answer).status_code for answer in asked}
        after = await fetch(venue, lease)
    assert 503 in answers
    assert "lease lost" not in log.read_text()
    assert after == before


@pytest.mark.slow
async def test_a_venue_of_its_own_is_connected_and_disconnected_while_the_server_runs(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    secret_key = (await epos("dojo", "new-secret-key")).output.strip()
    connecting = {
        "database_url": database_url,
        "secret_key": secret_key,
        "dojo_software_house_id": "test-house",
        "dojo_reseller_id": "test-reseller",
        "dojo_api_url": account.dojo.url,
        "dojo_ws_url": account.dojo.socket_url,
    }
    async with running_server(database_url, tmp_path / "server.log", secret_key=secret_key):
        done = await epos("dojo", "link", "set", venue.id, given=account.key, **connecting)
        assert done.code == 0, done.errors
        await until(lambda: is_reached(account))
        listed = await epos("dojo", "link", "list", **connecting)
        assert f"{venue.id}\twebsocket" in listed.output
        shown = done.output + done.errors + listed.output
        assert account.key not in shown
        removed = await epos("dojo", "link", "remove", venue.id, **connecting)
        assert removed.code == 0, removed.errors
        await until(lambda: is_left(account))
        assert not (await account.sim("POST", "socket/disconnect"))["wasConnected"]


async def is_left(account: DojoAccount) -> bool:
    return not (await account.sim("GET", "account"))["connected"]


async def test_the_operators_commands(
    account: DojoAccount, venue: Venue, database_url: str
) -> None:
    chosen = settings(account, venue) | {"database_url": database_url}
    missing = await epos("dojo", "status", **chosen)
    assert f"venue {venue.id}: no server has connected it yet" in missing.output
    assert re.search(r"CreateOrder +not registered", missing.output)
    assert re.search(r"Order & Pay +missing CreateOrder, GetOrderById", missing.output)
    assert "warning: the set enables none of Dojo's products" in missing.output
    registered = await epos("dojo", "register", **chosen)
    assert "23 capabilities registered for websocket" in registered.output, registered.errors
    status = await epos("dojo", "status", **chosen)
    assert re.search(r"CreateOrder +websocket", status.output)
    for product in ("Pay at Table", "Order & Pay", "QR Pay", "Bookings"):
        assert re.search(rf"{product} +enabled", status.output)
    assert "warning" not in status.output
    wrong = await epos("dojo", "status", **(chosen | {"dojo_api_url": "http://127.0.0.1:9"}))
    assert wrong.code == 2
    assert "Dojo does not answer" in wrong.errors
    assert account.key not in wrong.errors


async def test_what_another_registered_by_older_names_is_shown_beside_ours(
    account: DojoAccount, venue: Venue, database_url: str
) -> None:
    await account.register_socket("SearchOrders", "GetOrderById", "RecordOrderPayment", "OpenTill")
    elsewhere = {"url": "https://elsewhere.example", "username": "u", "password": "p"}
    await account.register("CreateOrderLock", "RecordOrderPaymentById", **elsewhere)
    chosen = settings(account, venue) | {"database_url": database_url}
    shown = (await epos("dojo", "status", **chosen)).output
    assert re.search(r"RecordOrderPaymentById +websocket and rest", shown)
    assert re.search(r"OpenTill +websocket  \(this server does not implement it\)", shown)
    over_socket, over_rest = shown.split("rest at https://elsewhere.example: 2 capabilities")
    assert re.search(r"websocket: 4 capabilities\n  Pay at Table +enabled", over_socket)
    assert "warning: half of the lock trio: DeleteOrderLock, ExtendOrderLock" in over_rest
    assert "warning: the set enables none of Dojo's products" in over_rest


async def test_a_link_whose_key_nobody_has_does_not_gather_in_silence(
    venue: Venue, database_url: str, server: RunningServer
) -> None:
    await connect(venue)
    await open_at_table(venue)
    log = server.log.read_text
    await until(lambda: has_said(log(), "not connected to Dojo by this process", venue.id))
    chosen = {"database_url": database_url, "dojo_venue": venue.id}
    status = await epos("dojo", "status", **chosen)
    waiting = await epos("dojo", "outbox", "list", **chosen)
    for shown in (status.output, waiting.output):
        assert "outbox: 1 changes of 1 things wait since" in shown
        assert f"warning: no server process keeps venue {venue.id} connected" in shown
    assert status.code == 2
    assert "EPOS_DOJO_API_KEY is not set" in status.errors


async def has_said(log: str, words: str, venue_id: str) -> bool:
    return any(words in line and f'"{venue_id}"' in line for line in log.splitlines())


@pytest.mark.slow
def test_a_venue_that_is_not_there_is_named(postgresql_url: str) -> None:
    with fresh_database(postgresql_url) as url:
        chosen = {
            "database_url": url,
            "demo": "false",
            "port": "0",
            "dojo_transport": "websocket",
            "dojo_api_key": "sk_sandbox_x",
            "dojo_software_house_id": "house",
        }
        refused = asyncio.run(epos("serve", **chosen))
    assert refused.code == 2
    assert "EPOS_DOJO_VENUE: Venue demo was not found" in refused.errors


@pytest.mark.slow
async def test_payments_are_checked_at_the_source(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    async with serving(account, venue, database_url, log, dojo_verify_payments="true"):
        order_id = await open_at_table(venue)
        wish = {"orderId": order_id, "tipPercent": 10}
        run = await account.sim("POST", "terminal/pay", wish)
        assert run["ok"], run
        await until(lambda: is_verified(venue, 1))
        (intent_id,) = run["paymentIntentIds"]
        await account.sim("POST", f"intents/{intent_id}/refund", {"amount": 4_000})
        await until(lambda: is_noted(venue, 4_000))
        paid = await venue.ok("GET", f"/v1/orders/{order_id}")
        assert paid["paidAmount"]["value"] == 6_000
        await account.sim("POST", f"intents/{intent_id}/refund", {"amount": 7_000})
        await until(lambda: is_open_again(venue, order_id))

        silent = await open_at_table(venue)
        await account.fault("api", "status", match="GET /payment-intents*", status=503)
        run = await account.sim("POST", "terminal/pay", {"orderId": silent})
        assert run["ok"], run
        await until(lambda: is_verified(venue, 2))


@pytest.mark.slow
async def test_what_a_phone_orders_is_checked_before_the_kitchen_hears_of_it(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    async with serving(account, venue, database_url, log, dojo_verify_payments="true"):
        run = await account.sim("POST", "phone/order", {"tip": 250})
        assert run["ok"], run
        await account.settle()
        (intent_id,), order_id = run["paymentIntentIds"], run["orderId"]
        intent = (await account.api("GET", f"/payment-intents/{intent_id}")).json()
        assert (intent["status"], intent["orderDetails"]["externalId"]) == ("Captured", order_id)
        await until(lambda: is_verified(venue, 1))
        (paid,) = await fetch(venue, "SELECT * FROM payment WHERE venue_id = $1")
        assert (paid["check_state"], paid["status"]) == ("verified", "captured")

        await account.fault("api", "drop", match="GET /payment-intents*", seconds=60)
        run = await account.sim("POST", "phone/order", {})
        assert run["ok"], run  # Dojo itself does not answer: the guest's order is made all the same
        await until(lambda: is_verified(venue, 2))
        assert await account.violations() == []


async def check_states(venue: Venue) -> list[str | None]:
    rows = await fetch(venue, "SELECT check_state FROM payment WHERE venue_id = $1")
    return [row["check_state"] for row in rows]


async def is_verified(venue: Venue, payments: int) -> bool:
    return await check_states(venue) == ["verified"] * payments


async def is_noted(venue: Venue, refunded: int) -> bool:
    rows = await fetch(venue, "SELECT refunded_amount FROM payment WHERE venue_id = $1")
    return [row["refunded_amount"] for row in rows] == [refunded]


async def is_open_again(venue: Venue, order_id: str) -> bool:
    answer = await venue.ok("GET", f"/v1/orders/{order_id}")
    return bool(answer["payable"])
