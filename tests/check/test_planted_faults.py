"""Each fault of a broken EPOS is announced by the right check and by no other; a right one has none."""

from typing import Any

import httpx
import pytest

from epos.check.links import RestLink
from epos.check.registry import CHECKS, Verdict
from epos.check.results import Run
from epos.check.runner import run_checks
from epos.check.world import CheckOptions
from epos.contract.operation import ALL_PRODUCTS
from tests.check.small_epos import FAULTS, PASSWORD, USER, SmallEpos

OPTIONS = CheckOptions(
    write=True, products=ALL_PRODUCTS, lock_seconds=0.25, wait_seconds=0.5, answer_seconds=30
)


async def judged(epos: SmallEpos, options: CheckOptions = OPTIONS) -> Run:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(epos, raise_app_exceptions=True), base_url="http://small"
    ) as http:
        link = RestLink(http, "http://small", USER, PASSWORD)
        return await run_checks(link, options, "small")


def announced(run: Run) -> dict[str, str]:
    return {
        result.check.name: f"{result.verdict}: expected {result.expected}, got {result.got}"
        for result in run.results
        if result.verdict in {Verdict.FAIL, Verdict.LOOSE}
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_right_epos_passes_every_time() -> None:
    for _ in range(20):
        run = await judged(SmallEpos())
        assert [r for r in run.results if r.verdict is not Verdict.PASS] == []
        assert run.left_behind == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_announced_by_the_right_check_alone(fault: str) -> None:
    run = await judged(SmallEpos(fault))
    assert set(announced(run)) == {FAULTS[fault]}, announced(run)


def test_there_are_many_faults_and_their_checks_exist() -> None:
    assert len(FAULTS) >= 40
    assert set(FAULTS.values()) <= set(CHECKS)


class Mock(SmallEpos):
    """Answers from a document: every order is the same one."""

    async def do_GetOrderById(self, order_id: str) -> Any:
        return {"id": "o1", "status": "Accepted", "details": {"orderType": "Collection"}}


async def test_a_mock_is_told_from_an_epos() -> None:
    run = await judged(Mock())
    assert run.is_mock
    verdicts = {result.check.name: result.verdict for result in run.results}
    assert verdicts["payments.sent-again-counts-once"] is Verdict.NOT_TRIED
    assert verdicts["forms.SearchOrders"] is Verdict.PASS


async def test_without_permission_nothing_is_made() -> None:
    epos = SmallEpos()
    run = await judged(epos, CheckOptions())
    assert (epos.orders, epos.parties, epos.reservations) == ({}, {}, {})
    assert announced(run) == {}
