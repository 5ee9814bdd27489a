"""The accreditation loop: list the flows, start one, and look how far it is."""

from collections.abc import AsyncIterator

import httpx
import pytest

from epos.check.tester import build_tester
from tests.check.conftest import listening
from tests.check.small_epos import PASSWORD, USER, SmallEpos
from tests.support.waiting import until


@pytest.fixture
async def tester() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build_tester())
    async with httpx.AsyncClient(transport=transport, base_url="http://tester") as client:
        yield client


async def finished(tester: httpx.AsyncClient, flow: str, **params: str) -> dict[str, object]:
    flow_id = (await tester.post("/flows", json={"flow": flow, "params": params})).json()

    async def done() -> bool:
        return bool((await tester.get(f"/flows/{flow_id}")).json()["status"] != "IN_PROGRESS")

    await until(done)
    shown: dict[str, object] = (await tester.get(f"/flows/{flow_id}")).json()
    return shown


@pytest.mark.parametrize(("fault", "status"), [((), "SUCCESS"), (("two-locks",), "FAILURE")])
async def test_a_flow_runs_to_its_end(
    fault: tuple[str, ...], status: str, tester: httpx.AsyncClient
) -> None:
    async with listening(SmallEpos(*fault)) as url:
        account = {"username": USER, "password": PASSWORD}
        shown = await finished(tester, "Pay at Table", url=url, only="locks.s", **account)
    assert (shown["flowName"], shown["status"]) == ("Pay at Table", status)
    steps = shown["steps"]
    assert isinstance(steps, list)
    assert [step["name"] for step in steps] == [
        "locks.second-is-refused",
        "locks.same-again-is-granted",
    ]
    assert steps[0]["status"] == status
    assert steps[0]["finishedAt"] >= steps[0]["startedAt"]


async def test_the_flows_are_the_products(tester: httpx.AsyncClient) -> None:
    flows = (await tester.get("/flows")).json()
    assert [one["name"] for one in flows] == ["Pay at Table", "Order & Pay", "QR Pay", "Bookings"]
    assert flows[0]["params"][0]["name"] == "url"


async def test_what_cannot_be_reached_is_a_failure(tester: httpx.AsyncClient) -> None:
    shown = await finished(tester, "QR Pay", url="http://127.0.0.1:9")
    assert shown["status"] == "FAILURE"
    assert (await tester.post("/flows", json={"flow": "None", "params": {}})).status_code == 400
    assert (await tester.get("/flows/none")).status_code == 404
