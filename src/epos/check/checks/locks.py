"""Locks: while a guest pays, nobody else changes the order."""

import asyncio
import time

from epos.check import bodies
from epos.check.exchanges import Exchange
from epos.check.registry import Obligation, check, docs, inferred, schema, spec
from epos.check.subject import Epos, NotTried
from epos.simulator.formats import in_seconds

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_LOCK = "CreateOrderLock"
_TRIES = 4
_POLL_SECONDS = 0.25


async def _locked(epos: Epos, seconds: float = 60.0) -> tuple[str, str]:
    """A locked order and its lock. Raises NotTried."""
    order_id, lock_id = await epos.order(), epos.new_id("lock")
    epos.ready(await epos.lock(order_id, lock_id, seconds), _LOCK)
    return order_id, lock_id


async def _need_exclusive(epos: Epos, order_id: str) -> None:
    """Raises NotTried where a second lock is given: another check tells of it."""
    if (await epos.lock(order_id)).ok:
        raise NotTried("a second lock is given: see locks.second-is-refused")


@check(
    _MUST,
    _LOCK,
    source=spec(_LOCK, "409"),
    not_proved="That staff cannot change the order at the till.",
)
async def second_is_refused(epos: Epos) -> None:
    """While one lock is live, another is refused: two machines must not pay one order."""
    order_id, _ = await _locked(epos)
    epos.refused(await epos.lock(order_id), "Conflict", "another lock is live")


@check(
    _MUST,
    _LOCK,
    source=spec(_LOCK, "409"),
    not_proved="That no other interleaving gives two: few were tried.",
)
async def one_of_two_at_one_moment(epos: Epos) -> None:
    """Two locks asked for at one moment: exactly one is given."""
    await _need_exclusive(epos, (await _locked(epos))[0])
    for _ in range(_TRIES):
        order_id = await epos.order()
        answers = await asyncio.gather(*(epos.lock(order_id) for _ in range(2)))
        given = sum(answer.ok for answer in answers)
        epos.expect(given == 1, "exactly one lock", f"{given} locks", answers[1])


@check(
    _SHOULD,
    _LOCK,
    source=inferred("Dojo's lock id is unique, and an answer may get lost"),
    not_proved="What happens once the lock was released.",
)
async def same_again_is_granted(epos: Epos) -> None:
    """The same lock asked for again is granted: Dojo holds it already."""
    order_id, lock_id = await _locked(epos)
    epos.granted(await epos.lock(order_id, lock_id), "the order, as for the first time")


@check(
    _SHOULD,
    _LOCK,
    source=schema(
        "CreateOrderLockRequest", "expiry: the lock can be considered stale and released"
    ),
    not_proved="That it ends to the second: clocks differ.",
)
async def ends_at_its_expiry(epos: Epos) -> None:
    """After its expiry a lock holds no one: a lost card machine must not keep a table for ever."""
    seconds = epos.world.options.lock_seconds
    order_id, _ = await _locked(epos, seconds)
    await _need_exclusive(epos, order_id)
    answer = await _first_grant(epos, order_id, seconds)
    epos.granted(answer, "another lock, once the first has expired")


@check(
    _MUST,
    "ExtendOrderLock",
    _LOCK,
    source=spec("ExtendOrderLock"),
    not_proved="That it can be extended for ever.",
)
async def extended_lasts_longer(epos: Epos) -> None:
    """An extended lock is live after its first expiry: the guest is still typing a PIN."""
    seconds = epos.world.options.lock_seconds
    order_id, lock_id = await _locked(epos, seconds)
    await _need_exclusive(epos, order_id)
    longer = {"expiry": in_seconds(seconds + 60)}
    answer = await epos.ask("ExtendOrderLock", longer, orderId=order_id, lockId=lock_id)
    epos.ready(answer, "ExtendOrderLock")
    await asyncio.sleep(seconds + 0.1)
    epos.refused(await epos.lock(order_id), "Conflict", "the lock was extended")


@check(
    _SHOULD,
    "ExtendOrderLock",
    source=inferred("what is not locked cannot be extended"),
    not_proved="What happens with a lock of another order.",
)
async def extend_unknown_is_not_found(epos: Epos) -> None:
    """A lock that nobody holds cannot be extended: Dojo must know that it has lost it."""
    order_id = await epos.order()
    body, lock_id = {"expiry": in_seconds(60)}, epos.new_id("lock")
    answer = await epos.ask("ExtendOrderLock", body, orderId=order_id, lockId=lock_id)
    if answer.kind == "Conflict":
        epos.loose("Conflict, not NotFound")
    else:
        epos.refused(answer, "NotFound", "there is no such lock")


@check(
    _MUST,
    "DeleteOrderLock",
    _LOCK,
    source=spec("DeleteOrderLock", "200: the state after the lock has been released"),
    not_proved="That the till sees it at once.",
)
async def released_is_free(epos: Epos) -> None:
    """After a release the next lock is given."""
    order_id, lock_id = await _locked(epos)
    answer = await epos.ask("DeleteOrderLock", orderId=order_id, lockId=lock_id)
    epos.ready(answer, "DeleteOrderLock")
    epos.granted(await epos.lock(order_id), "another lock")


@check(
    _MUST,
    "DeleteOrderLock",
    _LOCK,
    source=schema("CreateOrderLockRequest", "only Dojo can write, until its UnlockOrder"),
    not_proved="Whether the answer should be a success or a refusal: it is not documented.",
)
async def other_cannot_release(epos: Epos) -> None:
    """Who releases another lock does not release the live one."""
    order_id, _ = await _locked(epos)
    await _need_exclusive(epos, order_id)
    await epos.ask("DeleteOrderLock", orderId=order_id, lockId=epos.new_id("lock"))
    epos.refused(await epos.lock(order_id), "Conflict", "the first lock is live still")


@check(
    _MUST,
    "GetOrderById",
    _LOCK,
    source=docs("core-concepts/partials/lock-capabilities: fetching should always be possible"),
    not_proved="That searches and bills are open too.",
)
async def reading_stays_open(epos: Epos) -> None:
    """A locked order can be read."""
    order_id, _ = await _locked(epos)
    epos.granted(await epos.ask("GetOrderById", orderId=order_id), "the order")


@check(
    _SHOULD,
    _LOCK,
    source=inferred("the answer to the lock is the order that the terminal then pays"),
    not_proved="What the terminal does with an order that is not payable.",
)
async def answer_is_payable(epos: Epos) -> None:
    """The answer to a lock is an order that can be paid."""
    order = epos.ready(await epos.lock(await epos.order()), _LOCK)
    payable = order.get("payable")
    epos.expect(payable is not False, "payable: true", "payable: false")


@check(
    _MUST,
    _LOCK,
    source=spec(_LOCK, "4XX"),
    not_proved="What happens with ids of another venue.",
)
async def unknown_order(epos: Epos) -> None:
    """What does not exist cannot be locked."""
    answer = await epos.ask(
        _LOCK, bodies.lock(epos.new_id("lock"), 60), orderId="no-such-order-epos-check"
    )
    epos.refused(answer, "NotFound", "there is no such order")


@check(
    _SHOULD,
    _LOCK,
    "CancelOrderById",
    source=spec(_LOCK, "409: order currently cannot be locked"),
    not_proved="The same for orders that were finished at the till.",
)
async def cancelled_cannot_be_locked(epos: Epos) -> None:
    """A cancelled order cannot be locked: nobody may pay it."""
    order_id = await epos.order()
    epos.ready(await epos.ask("CancelOrderById", orderId=order_id), "CancelOrderById")
    answer = await epos.lock(order_id)
    if answer.kind == "NotFound":
        epos.loose("NotFound, not Conflict")
    else:
        epos.refused(answer, "Conflict", "the order is cancelled")


async def _first_grant(epos: Epos, order_id: str, seconds: float) -> Exchange:
    """Ask until it is granted, or long enough after the expiry."""
    until = time.monotonic() + seconds + epos.world.options.wait_seconds
    while True:
        await asyncio.sleep(min(_POLL_SECONDS, seconds / 4))
        answer = await epos.lock(order_id)
        if answer.ok or time.monotonic() > until:
            return answer
