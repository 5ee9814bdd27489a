"""Signing in with a PIN, a manager's approval, and what becomes of whoever guesses."""

import asyncio
import json
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher

from epos.domain.errors import Forbidden, TooManyAttempts
from epos.domain.requester import Requester
from epos.services.till.pins import Pins, hash_of
from epos.services.till.staff import Approvals
from epos.store.database import Database
from epos.till_contract.staff import Approval
from tests.support.menus import write_menu
from tests.support.pins import APPROVAL, MANAGER_PIN, WAITER_PIN
from tests.support.refusals import Refusal, logged
from tests.support.rows import execute, fetch
from tests.support.server import RunningServer
from tests.support.tabs import open_tab
from tests.support.venues import Venue

SIGN_IN = "/till/v1/sign-in"
ANNAS_ON_DEVICE = "WHERE venue_id = $1 AND waiter_id = 'anna' AND credential <> ''"
WORDS = "The waiter or the PIN is wrong, or the waiter may not do this"


async def sign_in(venue: Venue, waiter_id: str, pin: str) -> Refusal:
    body = {"waiterId": waiter_id, "pin": pin}
    return Refusal.of(await venue.till.call("POST", SIGN_IN, body))


async def sign_in_with(venue: Venue, pin: str) -> int:
    """The status of the answer to Anna."""
    body = {"waiterId": "anna", "pin": pin}
    return (await venue.till.call("POST", SIGN_IN, body)).status_code


@pytest.fixture
async def frozen(venue: Venue) -> Venue:
    """A venue whose clock stands still: waiting is over when the test says so."""
    await execute(venue, "UPDATE venue SET clock_frozen_at = statement_timestamp() WHERE id = $1")
    return venue


async def let_wait(venue: Venue, seconds: int) -> None:
    [row] = await fetch(venue, "SELECT clock_frozen_at FROM venue WHERE id = $1")
    later = row["clock_frozen_at"] + timedelta(seconds=seconds)
    await execute(venue, "UPDATE venue SET clock_frozen_at = $2 WHERE id = $1", later)


async def test_a_waiter_signs_in_with_his_pin(venue: Venue) -> None:
    anna = await venue.till.ok("POST", SIGN_IN, {"waiterId": "anna", "pin": WAITER_PIN})
    assert anna == {"id": "anna", "name": "Anna", "isManager": False}
    manager = await venue.till.ok("POST", SIGN_IN, APPROVAL)
    assert manager["isManager"] is True


async def test_whatever_is_wrong_is_refused_in_the_same_words(venue: Venue) -> None:
    await execute(
        venue,
        "UPDATE waiter SET removed_at = statement_timestamp() WHERE venue_id = $1 AND id = 'max'",
    )
    wrong = [("anna", MANAGER_PIN), ("nobody", MANAGER_PIN), ("ben", "0000"), ("max", MANAGER_PIN)]
    for waiter_id, pin in wrong:
        (await sign_in(venue, waiter_id, pin)).check(403, "InvalidRequest", WORDS)


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "１２３４", "", 1234, None])
async def test_what_is_no_pin_is_not_repeated(venue: Venue, pin: object) -> None:
    words = {"pin must be text of 4 to 12 digits", "pin is required and must not be null"}
    answer = await venue.till.refused(400, "POST", SIGN_IN, {"waiterId": "anna", "pin": pin})
    assert answer["debugMessage"] in words


async def test_guessing_is_slowed_more_and_more(frozen: Venue) -> None:
    for _ in range(3):
        (await sign_in(frozen, "anna", "0000")).check(403, "InvalidRequest", WORDS)
    waits = []
    for _ in range(10):
        (await sign_in(frozen, "anna", "0000")).check(403, "InvalidRequest", WORDS)
        slowed = await sign_in(frozen, "anna", WAITER_PIN)
        slowed.check(429, "InvalidRequest", "The PIN was wrong too often; try again in")
        waits.append(int(slowed.headers["retry-after"]))
        await let_wait(frozen, waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert (await frozen.till.ok("POST", SIGN_IN, APPROVAL))["id"] == "max"


async def test_a_right_pin_forgets_the_wrong_ones(frozen: Venue) -> None:
    for _ in range(3):
        for _ in range(3):
            (await sign_in(frozen, "anna", "0000")).check(403, "InvalidRequest", WORDS)
        await frozen.till.ok("POST", SIGN_IN, {"waiterId": "anna", "pin": WAITER_PIN})
    sql = f"SELECT tried - forgiven AS wrong, pending, next_at FROM pin_attempts {ANNAS_ON_DEVICE}"
    assert await fetch(frozen, sql) == [{"wrong": 0, "pending": 0, "next_at": None}]


async def test_many_guesses_at_once_are_no_more_than_in_turn(frozen: Venue) -> None:
    answers = await asyncio.gather(*(sign_in(frozen, "anna", f"{pin:04}") for pin in range(40)))
    assert Counter(answer.status for answer in answers) == {403: 4, 429: 36}


async def test_eight_discounts_on_eight_tabs_at_one_moment(
    frozen: Venue, database: Database
) -> None:
    """A manager who approves at eight tills is nobody who guesses."""
    await write_menu(database, frozen.id)
    tabs = [await open_tab(frozen, "burger") for _ in range(8)]
    body = {"name": "Regular", "percentage": 1_000, "approval": APPROVAL}
    answers = await asyncio.gather(*(tab.call("discount", body) for tab in tabs))
    assert Counter(answer.status_code for answer in answers) == {200: 8}
    assert {(await tab.refresh())["total"] for tab in tabs} == {1_125}


async def test_right_pins_at_one_moment_all_pass(frozen: Venue) -> None:
    together = (frozen.till.call("POST", SIGN_IN, APPROVAL) for _ in range(8))
    answers = await asyncio.gather(*together)
    assert Counter(answer.status_code for answer in answers) == {200: 8}


async def test_a_clock_that_is_set_back_makes_no_wait_longer(frozen: Venue) -> None:
    for _ in range(4):
        await sign_in(frozen, "anna", "0000")
    await let_wait(frozen, -3_600)
    slowed = await sign_in(frozen, "anna", WAITER_PIN)
    assert (slowed.status, slowed.headers["retry-after"]) == (429, "1")
    await let_wait(frozen, 1)
    assert await sign_in_with(frozen, WAITER_PIN) == 200


async def test_the_first_delay_is_in_the_audit_trail(frozen: Venue) -> None:
    sql = "SELECT action, subject_id, credential FROM audit_entry WHERE venue_id = $1"
    for _ in range(3):
        await sign_in(frozen, "anna", "0000")
    assert await fetch(frozen, sql) == []
    await sign_in(frozen, "anna", "0000")
    await let_wait(frozen, 1)
    await sign_in(frozen, "anna", "0000")
    (entry,) = await fetch(frozen, sql)
    assert (entry["action"], entry["subject_id"]) == ("waiter.pin_delayed", "anna")


@pytest.mark.slow
async def test_a_right_pin_forgets_no_guess_that_came_while_it_was_looked_at(frozen: Venue) -> None:
    """Whoever signs in all day would else give somebody beside them as many guesses as they like."""
    slow = PasswordHasher(time_cost=8, memory_cost=65_536, parallelism=1).hash(WAITER_PIN)
    await execute(
        frozen, "UPDATE waiter SET pin_hash = $2 WHERE venue_id = $1 AND id = 'anna'", slow
    )
    sql = f"SELECT tried, forgiven FROM pin_attempts {ANNAS_ON_DEVICE}"

    async def counted(attempts: int) -> None:
        while [row["tried"] for row in await fetch(frozen, sql)] != [attempts]:
            await asyncio.sleep(0.01)

    # Two processes: in one, they would come one after the other.
    here, there = Pins(frozen.database), Pins(frozen.database)
    async with asyncio.timeout(60):
        right = asyncio.create_task(here.check(requester(frozen), "anna", WAITER_PIN))
        await counted(1)
        wrong = asyncio.create_task(there.check(requester(frozen), "anna", "0000"))
        await counted(2)
        assert (await right).id == "anna"
        with pytest.raises(Forbidden, match=WORDS):
            await wrong
    assert await fetch(frozen, sql) == [{"tried": 2, "forgiven": 1}]


async def test_a_wrong_pin_is_logged_without_the_pin(venue: Venue, server: RunningServer) -> None:
    answer = await sign_in(venue, "anna", "98765432101")
    trace_id = answer.error["traceId"]
    await logged(server.log, trace_id)
    text = server.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if trace_id in line]
    wrong = [line for line in lines if line["event"] == "wrong PIN"]
    assert [(line["waiter_id"], line["venue"]) for line in wrong] == [("anna", venue.id)]
    assert "98765432101" not in text


async def test_another_venues_waiters_do_not_exist(venue: Venue, other_venue: Venue) -> None:
    await execute(
        other_venue, "UPDATE waiter SET pin_hash = NULL WHERE venue_id = $1 AND id = 'max'"
    )
    await venue.till.ok("POST", SIGN_IN, APPROVAL)
    await other_venue.till.refused(403, "POST", SIGN_IN, APPROVAL)


# --- many devices ---------------------------------------------------------------------------------


async def on(venue: Venue, device: str, waiter_id: str, pin: str) -> httpx.Response:
    """Sign in on a device."""
    body = {"waiterId": waiter_id, "pin": pin}
    return await venue.till.call("POST", SIGN_IN, body, device_id=device)


async def sign_in_max(venue: Venue) -> int:
    """The status of the answer to Max, whose request names no device."""
    return (await venue.till.call("POST", SIGN_IN, APPROVAL)).status_code


async def test_guesses_on_one_device_delay_nobody_on_another(frozen: Venue) -> None:
    guesses = await asyncio.gather(*(on(frozen, "bar", "max", f"{pin:04}") for pin in range(40)))
    assert Counter(guess.status_code for guess in guesses) == {403: 4, 429: 36}
    assert (await on(frozen, "bar", "max", MANAGER_PIN)).status_code == 429
    for device in ("terrace", "kitchen"):
        assert (await on(frozen, device, "max", MANAGER_PIN)).status_code == 200
    # Requests without a device are one device of their credential.
    assert await sign_in_with(frozen, WAITER_PIN) == 200
    assert await sign_in_max(frozen) == 200
    # Nobody has forgotten what happened at the bar.
    assert (await on(frozen, "bar", "max", MANAGER_PIN)).status_code == 429


async def test_a_device_is_one_of_its_credential(frozen: Venue) -> None:
    """Else whoever has another credential could delay this till, in its name."""
    pins = Pins(frozen.database)
    there = Requester(frozen.id, "another", "trace-of-a-test", device_id="bar")
    for _ in range(4):
        with pytest.raises(Forbidden):
            await pins.check(there, "max", "0000")
    with pytest.raises(TooManyAttempts):
        await pins.check(there, "max", MANAGER_PIN)
    assert (await on(frozen, "bar", "max", MANAGER_PIN)).status_code == 200


async def tried_everywhere(venue: Venue, waiter_id: str, guesses: int) -> Counter[type[Exception]]:
    """Guess each PIN on a device of its own, sixteen at once, with two processes. What became of it."""
    processes = [Pins(venue.database), Pins(venue.database)]
    outcomes = Counter[type[Exception]]()
    pins = iter(range(guesses))

    async def guesser(process: Pins) -> None:
        for pin in pins:
            asks = Requester(venue.id, "till", "trace-of-a-test", device_id=f"device {pin}")
            with pytest.raises((Forbidden, TooManyAttempts)) as refused:
                await process.check(asks, waiter_id, f"{pin:04}")
            outcomes[refused.type] += 1

    async with asyncio.TaskGroup() as together:
        for number in range(16):
            together.create_task(guesser(processes[number % 2]))
    return outcomes


@pytest.mark.slow
async def test_every_pin_on_a_device_of_its_own_is_stopped_by_the_caps(frozen: Venue) -> None:
    """Of 1,000 guesses at one waiter and 200 at another, 101 are looked at."""
    assert await tried_everywhere(frozen, "max", 1_000) == {Forbidden: 51, TooManyAttempts: 949}
    assert await tried_everywhere(frozen, "anna", 200) == {Forbidden: 50, TooManyAttempts: 150}
    await let_wait(frozen, 1)
    scopes = await fetch(
        frozen,
        """SELECT subject_id, details ->> 'scope' AS scope, details ->> 'attempts' AS attempts
           FROM audit_entry WHERE venue_id = $1 AND action = 'waiter.pin_delayed' ORDER BY id
        """,
    )
    assert [tuple(entry.values()) for entry in scopes] == [
        ("max", "waiter", "51"),
        ("anna", "credential", "101"),
    ]


async def test_at_the_cap_of_a_waiter_the_right_pin_waits_shortly(frozen: Venue) -> None:
    assert await tried_everywhere(frozen, "max", 60) == {Forbidden: 51, TooManyAttempts: 9}
    slowed = await on(frozen, "terrace", "max", MANAGER_PIN)
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "1")
    assert (await on(frozen, "terrace", "anna", WAITER_PIN)).status_code == 200
    await let_wait(frozen, 1)
    assert (await on(frozen, "terrace", "max", MANAGER_PIN)).status_code == 200
    await let_wait(frozen, 86_400)
    assert await tried_everywhere(frozen, "max", 60) == {Forbidden: 51, TooManyAttempts: 9}


async def test_eight_right_pins_at_once_pass_in_two_processes(
    frozen: Venue, database_url: str
) -> None:
    """With three wrong ones before, only the first has a free attempt: the others wait for it."""
    other = Database(database_url, pool_size=4)
    processes = [Pins(frozen.database), Pins(other)]
    try:
        for _ in range(3):
            with pytest.raises(Forbidden):
                await processes[0].check(requester(frozen), "max", "0000")
        checks = (processes[n % 2].check(requester(frozen), "max", MANAGER_PIN) for n in range(8))
        assert [waiter.id for waiter in await asyncio.gather(*checks)] == ["max"] * 8
    finally:
        await other.close()


async def test_a_process_that_was_killed_leaves_a_wrong_attempt_at_most(frozen: Venue) -> None:
    assert await sign_in_max(frozen) == 200
    await execute(
        frozen, "UPDATE pin_attempts SET tried = tried + 4, pending = 4 WHERE venue_id = $1"
    )
    await let_wait(frozen, 31)
    assert await sign_in_max(frozen) == 200


async def test_old_counts_are_removed(frozen: Venue) -> None:
    for device in ("a", "b"):
        await on(frozen, device, "max", "0000")
    await let_wait(frozen, 86_401)
    await on(frozen, "c", "anna", "0000")
    sql = "SELECT device_id FROM pin_attempts WHERE venue_id = $1 AND device_id <> ''"
    assert await fetch(frozen, sql) == [{"device_id": "c"}]


async def test_a_new_pin_has_no_wrong_attempts(frozen: Venue) -> None:
    for _ in range(4):
        await on(frozen, "bar", "max", "0000")
    await frozen.admin.ok("PUT", "/till/v1/waiters/max/pin", {"pin": "864297"})
    assert (await on(frozen, "bar", "max", "864297")).status_code == 200


# --- approvals ------------------------------------------------------------------------------------


def requester(venue: Venue) -> Requester:
    return Requester(venue.id, "till", "trace-of-a-test")


async def test_a_manager_approves(venue: Venue) -> None:
    approvals = Approvals(Pins(venue.database))
    approval = Approval.model_validate(APPROVAL)
    assert await approvals.check(requester(venue), approval) == "max"
    assert MANAGER_PIN not in repr(approval)


async def test_a_waiter_who_is_no_manager_approves_nothing(venue: Venue) -> None:
    approvals = Approvals(Pins(venue.database))
    for waiter_id, pin in [("anna", WAITER_PIN), ("max", WAITER_PIN), ("nobody", WAITER_PIN)]:
        with pytest.raises(Forbidden, match=WORDS):
            await approvals.check(requester(venue), Approval(waiterId=waiter_id, pin=pin))


async def test_approvals_and_sign_ins_are_slowed_together(frozen: Venue) -> None:
    approvals = Approvals(Pins(frozen.database))
    for _ in range(4):
        await sign_in(frozen, "max", "0000")
    with pytest.raises(TooManyAttempts):
        await approvals.check(requester(frozen), Approval.model_validate(APPROVAL))


async def test_a_pin_is_kept_as_argon2id() -> None:
    kept = await hash_of("4711")
    assert kept.startswith("$argon2id$")
    assert kept != await hash_of("4711")
