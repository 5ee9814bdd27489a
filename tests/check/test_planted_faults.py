"""Each fault of a broken EPOS is announced by the right check and by no other; a right one has none."""

import asyncio
from typing import Any

import httpx
import pytest

from epos.check.links import RestLink
from epos.check.registry import CHECKS, Verdict
from epos.check.results import Run
from epos.check.runner import run_checks
from epos.check.world import CheckOptions
from epos.contract.operation import ALL_PRODUCTS
from tests.check.small_epos import FAULTS, PASSWORD, USER, InProcess, SmallEpos

OPTIONS = CheckOptions(
    write=True, products=ALL_PRODUCTS, lock_seconds=1, wait_seconds=2, answer_seconds=30
)
AT_ONCE = 8
"""Runs in one event loop: most of a run's time is waiting for locks to expire."""
GROUPS = [list(FAULTS)[first : first + AT_ONCE] for first in range(0, len(FAULTS), AT_ONCE)]


async def judged(epos: SmallEpos, options: CheckOptions = OPTIONS) -> Run:
    async with httpx.AsyncClient(transport=InProcess(epos), base_url="http://small") as http:
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
    for run in await asyncio.gather(*(judged(SmallEpos()) for _ in range(AT_ONCE))):
        assert [r for r in run.results if r.verdict is not Verdict.PASS] == []
        assert run.left_behind == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults", GROUPS, ids=lambda faults: f"{faults[0]} and {len(faults) - 1} more"
)
async def test_a_fault_is_announced_by_the_right_check_alone(faults: list[str]) -> None:
    """Each in an EPOS of its own, judged by all checks."""
    runs = await asyncio.gather(*(judged(SmallEpos(fault)) for fault in faults))
    for fault, run in zip(faults, runs, strict=True):
        found = announced(run)
        assert set(found) == {FAULTS[fault]}, (fault, found)


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
