"""This server, judged by `epos check` over both transports."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from epos.check.registry import Verdict
from epos.check.results import Run
from epos.check.session import Address, check_epos
from epos.check.world import CheckOptions
from epos.contract.operation import ALL_PRODUCTS
from tests.support.dojo import dojo_key
from tests.support.evidence import note_run
from tests.support.server import RunningServer, free_port, running_server
from tests.support.venues import SECRET, Venue

ALL_OF_IT = CheckOptions(write=True, products=ALL_PRODUCTS, lock_seconds=2, answer_seconds=60)


def not_passed(run: Run) -> list[str]:
    return [
        f"{result.check.name}: {result.verdict}, expected {result.expected}, got {result.got}"
        for result in run.results
        if result.verdict is not Verdict.PASS
    ]


def groups(run: Run) -> set[str]:
    return {result.check.group for result in run.results}


async def test_it_passes_over_rest(venue: Venue, server: RunningServer) -> None:
    at = Address("ours", server.base_url, f"{venue.id}.dojo", SECRET)
    run = await check_epos(at, ALL_OF_IT)
    note_run(run)
    assert not_passed(run) == []
    assert run.left_behind == []
    assert "http" in groups(run)


async def test_it_passes_over_the_websocket(
    venue: Venue, server: RunningServer, database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    at = Address("ours", f"ws://127.0.0.1:{port}", "", "")
    checking = asyncio.create_task(check_epos(at, ALL_OF_IT))
    settings: dict[str, Any] = {
        "dojo_transport": "websocket",
        "dojo_venue": venue.id,
        "dojo_api_key": dojo_key(),
        "dojo_software_house_id": "test-house",
        "dojo_reseller_id": "test-reseller",
        "dojo_api_url": f"http://127.0.0.1:{port}",
        "dojo_ws_url": f"ws://127.0.0.1:{port}/epos",
    }
    async with running_server(database_url, tmp_path / "server.log", **settings):
        run = await checking
    assert not_passed(run) == []
    assert run.left_behind == []
    assert "sockets" in groups(run)


async def test_it_writes_nothing_unless_it_may(venue: Venue, server: RunningServer) -> None:
    at = Address("ours", server.base_url, f"{venue.id}.dojo", SECRET)
    run = await check_epos(at, CheckOptions(answer_seconds=60))
    sent = {exchange.capability for exchange in run.exchanges}
    assert not writes(sent)
    assert {result.verdict for result in run.results} == {Verdict.PASS, Verdict.NOT_TRIED}
    page = await venue.ok("POST", "/v1/orders/search", {})
    assert page["data"] == []


def writes(capabilities: Iterable[str]) -> list[str]:
    words = ("Create", "Update", "Delete", "Cancel", "Extend", "Record", "Handle")
    return [name for name in capabilities if name.startswith(words)]
