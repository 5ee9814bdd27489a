"""Connected to Dojo: no key, no secret and no guest in a log, an error, a list of processes, the trail."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner
from websockets.asyncio.server import Server, ServerConnection, serve

from epos.commands.app import app
from epos.dojo.sealing import new_secret_key
from tests.support import secrets
from tests.support.dojo import DojoAccount, DojoProcess, dojo_account, running_dojo
from tests.support.floor import party, reservation
from tests.support.guests import CUSTOMER, MARK, MARKS, NAME, NOTE
from tests.support.links import heard, is_reached, nothing_waits
from tests.support.orders import order, payment
from tests.support.privacy import leaks
from tests.support.processes import Finished, epos, watched
from tests.support.rows import fetch
from tests.support.server import free_port, running_server
from tests.support.venues import Venue
from tests.support.waiting import until

Json = dict[str, Any]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
GUEST = {"name": NAME, "hostNotes": NOTE, "guestRequests": NOTE}
TRAIL = ("audit_entry", "outbox", "lease", "dojo_link", "payment", "payment_intent", "dojo_event")


@pytest.fixture(scope="module")
async def dojo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DojoProcess]:
    log = tmp_path_factory.mktemp("dojo") / "dojo.log"
    async with running_dojo(log, "--fetch", "--timeout", "20") as process:
        yield process


@pytest.fixture
async def account(dojo: DojoProcess) -> AsyncIterator[DojoAccount]:
    async with dojo_account(dojo) as account:
        yield account


def connecting(account: DojoAccount, venue: Venue, database_url: str, **more: Any) -> Json:
    return {
        "database_url": database_url,
        "dojo_transport": "websocket",
        "dojo_venue": venue.id,
        "dojo_api_key": account.key,
        "dojo_software_house_id": "test-house",
        "dojo_reseller_id": "test-reseller",
        "dojo_api_url": account.dojo.url,
        "dojo_ws_url": account.dojo.socket_url,
        "dojo_verify_payments": "true",
        "log_level": "debug",
        **more,
    }


async def ask(account: DojoAccount, capability: str, body: Any = None, **ids: str) -> Json:
    call = {"capability": capability, "body": body, "ids": ids}
    reply: Json = await account.sim("POST", "call", call)
    return reply


async def guests_come_and_pay(account: DojoAccount) -> str:
    """And are refused now and then; the id of an order."""
    note = {"customer": CUSTOMER, "note": NOTE}
    body = order(1_000, dine_in={"tableId": "t1"}) | note
    order_id = str((await ask(account, "CreateOrder", body))["answer"]["id"])
    await ask(account, "CreateOrder", body | {"note": f"{MARK} other"})
    await ask(account, "CreateOrder", order() | {"customer": CUSTOMER | {"birthday": NOTE}})
    await ask(account, "CreateOrder", order() | {"note": [NOTE]})
    guests = party("t2", **GUEST)
    seated = (await ask(account, "CreateParty", guests))["answer"]["id"]
    await ask(account, "CreateParty", party("t2", **GUEST))
    moved = {**guests, "status": "Seated", "covers": NOTE}
    await ask(account, "UpdateParty", moved, partyId=seated)
    await ask(account, "CreateReservation", reservation("t3") | GUEST)
    await ask(account, "CreateReservation", reservation("t99") | GUEST)
    paid = payment(1_000, None, f"pi_{MARK.lower()}")
    await ask(account, "RecordOrderPaymentById", paid, orderId=order_id)
    await account.sim("POST", "phone/order", {"note": NOTE, "tableId": "t1"})
    await account.sim("POST", "terminal/pay", {"orderId": order_id})
    await account.sim("POST", "desk/evening", {})
    return order_id


async def everything_goes_wrong(account: DojoAccount) -> None:
    """What makes servers talk: refusals and silence of Dojo's, connections that end."""
    for status in (401, 400, 503):
        await account.fault("api", "status", match="POST /epos/events", status=status)
        await account.fault("api", "status", match="GET /payment-intents*", status=status)
        await account.fault("handshake", "status", status=status)
    for way in ("disconnect", "going-away", "disconnect"):
        await account.sim("POST", f"socket/{way}")
        await until(lambda: is_reached(account))


def is_silent(shown: str) -> list[str]:
    """The secrets and guests in it."""
    return [text for text in (*MARKS, *secrets.used) if text in shown]


@pytest.mark.parametrize("transport", ["websocket", "rest"])
async def test_of_a_whole_evening(
    transport: str, account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    chosen = connecting(
        account,
        venue,
        database_url,
        dojo_transport=transport,
        public_url=f"http://127.0.0.1:{port}",
        workers="2",
    )
    log, server = tmp_path / "server.log", {k: v for k, v in chosen.items() if k != "database_url"}
    with watched() as command_lines:
        async with running_server(database_url, log, port=port, **server):
            await until(lambda: is_reached(account), 60)
            if transport == "websocket":
                await everything_goes_wrong(account)
            order_id = await guests_come_and_pay(account)
            await account.settle()
            await until(lambda: nothing_waits(venue), 60)
            assert await heard(account, order_id)
            shown = [
                await epos("dojo", *command, **chosen)
                for command in (["status"], ["register"], ["payments"])
            ]
    assert [done.code for done in shown] == [0] * 3, shown
    assert not is_silent("".join(done.output + done.errors for done in shown))
    assert any("epos serve" in line for line in command_lines), "it has looked"
    assert not is_silent("\n".join(command_lines))
    assert '"request"' in log.read_text()
    assert not leaks(tmp_path, secrets.used)
    assert not is_silent(await trail(venue))


async def trail(venue: Venue) -> str:
    """All that is kept about requests and connections."""
    rows = [
        await fetch(venue, f"SELECT t::text AS row FROM {table} AS t WHERE venue_id = $1")
        for table in TRAIL
    ]
    return "\n".join(row["row"] for found in rows for row in found)


def test_of_keys_that_are_given_sealed_or_wrong(
    account: DojoAccount, venue: Venue, database_url: str
) -> None:
    """Errors name the setting, never its value. The commands run in this process, which is quicker."""
    key, sealing = account.key, new_secret_key()
    secrets.used.add(sealing)
    whole = connecting(account, venue, database_url, secret_key=sealing)
    of_the_link = {"dojo_transport", "dojo_api_key", "dojo_verify_payments"}
    chosen = {name: value for name, value in whole.items() if name not in of_the_link}
    setting, listing = ("dojo", "link", "set", venue.id), ("dojo", "link", "list")
    shown = [
        run(*setting, given=key, **chosen),
        run(*listing, **chosen),
        run("dojo", "status", **chosen),
        run("dojo", "status", **(chosen | {"secret_key": new_secret_key()})),
        run(*setting, given=f"{key} with a space", **chosen),
        run("dojo", "status", **(chosen | {"secret_key": key})),
        run("serve", **(whole | {"dojo_api_key": f"{key}\n{key}"})),
        run("dojo", "link", "remove", venue.id, **chosen),
    ]
    assert [done.code for done in shown] == [0, 0, 0, 2, 2, 2, 2, 0], shown
    assert not is_silent("".join(done.output + done.errors for done in shown))


def run(*arguments: str, given: str | None = None, **settings: str) -> Finished:
    variables = {f"EPOS_{name.upper()}": text for name, text in settings.items()}
    typed = None if given is None else f"{given}\n"
    result = CliRunner().invoke(app, arguments, env=variables, input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Finished(result.exit_code, result.stdout, result.stderr)


@asynccontextmanager
async def impolite(frames: list[str | bytes]) -> AsyncIterator[tuple[str, list[Json]]]:
    """A WebSocket endpoint that sends these; its address, and what it was answered."""
    answers: list[Json] = []

    async def talk(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
            answers.append(json.loads(await connection.recv()))
        await connection.wait_closed()

    async with serve(talk, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{port_of(server)}/epos", answers


def port_of(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


def framed(method: str, params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": MARK, "method": method, "params": params})


async def test_of_frames_that_are_none(
    account: DojoAccount, venue: Venue, database_url: str, tmp_path: Path
) -> None:
    frames: list[str | bytes] = [
        MARK,
        f'{{"id": "{MARK}", "method": ',
        json.dumps({"id": [NOTE], "method": NOTE}),
        json.dumps({"id": MARK, "method": NOTE}),
        framed("CreateOrderV1", NOTE),
        framed("CreateOrderV1", {"note": NOTE, "headers": NOTE}),
        framed("CreateOrderV1", {MARK: NOTE, "headers": {}}),
        framed("GetOrderByIdV1", {"orderId": f"{MARK}\0", "headers": {"waiterId": NOTE * 20}}),
        NOTE.encode("latin-1", "replace"),
    ]
    log = tmp_path / "server.log"
    async with impolite(frames) as (url, answers):
        chosen = connecting(account, venue, database_url, dojo_ws_url=url)
        del chosen["database_url"]
        async with running_server(database_url, log, **chosen):
            await until(all_are_answered(answers, len(frames)))
    assert {answer["error"]["errorType"] for answer in answers} == {"InvalidRequest"}
    assert not any(MARK in answer["error"]["debugMessage"] for answer in answers)
    assert log.read_text().count('"request"') >= len(frames)
    assert not leaks(tmp_path, secrets.used)


def all_are_answered(answers: list[Json], count: int) -> Callable[[], Any]:
    async def condition() -> bool:
        return len(answers) == count

    return condition
