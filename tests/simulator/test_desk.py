"""A booking desk at the real EPOS, over REST."""

from tests.support.dojo import DojoAccount
from tests.support.venues import Venue


async def test_an_evening(dojo: DojoAccount, venue: Venue) -> None:
    run = await dojo.sim("POST", "desk/evening", {"reservations": 4})

    assert run["ok"], run
    names = [step["name"] for step in run["steps"]]
    assert names.count("reserved") == 4
    assert names.count("seated") == 4
    assert "reservation deleted" in names
    left = await venue.ok("POST", "/v1/parties/search", {"completedOnly": True})
    assert len(left["data"]) == 4
    assert await dojo.violations() == []


async def test_step_by_step(dojo: DojoAccount, venue: Venue) -> None:
    booked = await dojo.sim("POST", "desk/reservations", {"tableIds": ["t1"], "hostNotes": "VIP"})
    reservation_id = booked["reservationId"]
    path = f"desk/reservations/{reservation_id}"
    assert (await dojo.sim("PUT", path, {"covers": 4, "tableIds": ["t1", "t2"]}))["ok"]

    seated = await dojo.sim("POST", "desk/parties", {"reservationId": reservation_id})
    assert seated["ok"], seated
    party = f"desk/parties/{seated['partyId']}"
    found = await venue.ok("GET", f"/v1/parties/{seated['partyId']}")
    assert (found["covers"], found["tableIds"]) == (4, ["t1", "t2"])
    assert found["reservationId"] == reservation_id

    assert (await dojo.sim("POST", f"{party}/move", {"tableIds": ["t3"]}))["ok"]
    assert (await dojo.sim("PUT", party, {"hostNotes": "Birthday"}))["ok"]
    assert (await dojo.sim("POST", f"{party}/finish"))["ok"]
    assert (await dojo.sim("DELETE", party))["ok"]
    assert (await dojo.sim("DELETE", path))["ok"]
    assert await dojo.violations() == []


async def test_a_taken_table_is_a_refusal(dojo: DojoAccount) -> None:
    assert (await dojo.sim("POST", "desk/parties", {"tableIds": ["t1"]}))["ok"]
    second = await dojo.sim("POST", "desk/parties", {"tableIds": ["t1"]})
    assert second["outcome"] == "refused"
    assert second["steps"][0]["says"].startswith("Conflict")
