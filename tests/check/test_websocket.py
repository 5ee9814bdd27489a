"""The same checks, where the checker plays Dojo and the EPOS connects to it."""

import asyncio
from dataclasses import replace

import pytest

from epos.check.bodies import order
from epos.check.registry import Verdict
from epos.check.results import Run
from epos.check.runner import CannotReach
from epos.check.session import Address, check_epos
from epos.check.world import CheckOptions
from epos.contract.operation import PAY_AT_TABLE
from tests.check.conftest import connect_to_dojo
from tests.check.small_epos import FAULTS, SOCKET_FAULTS, Input, SmallEpos
from tests.check.test_planted_faults import OPTIONS, announced
from tests.support.server import free_port

pytestmark = pytest.mark.slow


async def judged(
    epos: SmallEpos, options: CheckOptions = OPTIONS, without: frozenset[str] = frozenset()
) -> Run:
    port = free_port()
    at = Address("small", f"ws://127.0.0.1:{port}", "", "")
    answering = asyncio.create_task(connect_to_dojo(epos, port, without))
    run = await check_epos(at, options, connect_seconds=60)
    await answering
    return run


async def test_a_right_epos_passes() -> None:
    run = await judged(SmallEpos())
    assert [one.check.name for one in run.results if one.verdict is not Verdict.PASS] == []
    assert run.left_behind == []
    assert "sockets.many-at-once" in [one.check.name for one in run.results]


@pytest.mark.parametrize(
    "fault", [*SOCKET_FAULTS, "float-amounts", "same-payment-race", "two-locks"]
)
async def test_a_fault_is_announced(fault: str) -> None:
    run = await judged(SmallEpos(fault))
    assert set(announced(run)) == {(FAULTS | SOCKET_FAULTS)[fault]}, announced(run)


async def test_what_is_not_registered_is_not_claimed() -> None:
    locks = frozenset({"CreateOrderLock", "ExtendOrderLock", "DeleteOrderLock"})
    run = await judged(SmallEpos(), without=locks)
    verdicts = {one.check.name: one.verdict for one in run.results}
    assert verdicts["locks.second-is-refused"] is Verdict.NOT_CLAIMED
    assert verdicts["claims.pay-at-table"] is Verdict.PASS
    assert announced(run) == {}


async def test_what_a_product_needs_must_be_registered() -> None:
    options = CheckOptions(write=True, products=frozenset({PAY_AT_TABLE}), only="claims.")
    run = await judged(SmallEpos(), options, frozenset({"RecordOrderPaymentById"}))
    assert set(announced(run)) == {"claims.pay-at-table"}


async def test_orders_that_are_given_where_none_can_be_made() -> None:
    epos = SmallEpos()
    bodies = [order(f"d{number}", "GBP", 2000 + 1000 * (number == 2), None) for number in range(4)]
    made = [await epos.do_CreateOrder(Input(epos, body)) for body in bodies]
    options = replace(OPTIONS, only="payments.", orders=tuple(one["id"] for one in made))
    run = await judged(epos, options, frozenset({"CreateOrder", "CancelOrderById"}))
    assert [one.verdict for one in run.results[:3]] == [
        Verdict.PASS,
        Verdict.PASS,
        Verdict.NOT_TRIED,  # that order costs 30.00
    ]
    assert {one.verdict for one in run.results[4:]} == {Verdict.NOT_TRIED}
    assert len(run.left_behind) == 3


async def test_nobody_connects() -> None:
    at = Address("nobody", f"ws://127.0.0.1:{free_port()}", "", "")
    with pytest.raises(CannotReach, match=r"no EPOS has connected within 0\.2 s"):
        await check_epos(at, OPTIONS, connect_seconds=0.2)
