"""One venue sends a storm of PINs; another on the same server goes on working, and its staff sign in."""

import pytest

from tests.support.neighbours import undisturbed
from tests.support.pins import WAITER_PIN
from tests.support.server import RunningServer
from tests.support.storm import request, storm
from tests.support.venues import Venue

pytestmark = pytest.mark.slow
SIGN_IN = "/till/v1/sign-in"
BEN, NEW_PIN = "ben", "864209"
DEVICES = 300
_REFUSED = {403, 429, 503}


@pytest.fixture
async def guessed(venue: Venue) -> Venue:
    """Ben's hash costs as much as any: that of the others is cheap, for tests."""
    await venue.admin.ok("PUT", f"/till/v1/waiters/{BEN}/pin", {"pin": NEW_PIN})
    return venue


async def test_wrong_ones_on_many_devices(
    server: RunningServer, guessed: Venue, other_venue: Venue
) -> None:
    body = {"waiterId": BEN, "pin": "482913"}
    guesses = [
        request(guessed, "POST", SIGN_IN, body, role="till", device_id=f"d{number}")
        for number in range(DEVICES)
    ]

    async def attack() -> None:
        statuses = await storm(server, guesses)
        assert statuses[403] > 0
        assert statuses.keys() <= _REFUSED

    await undisturbed(other_venue, attack, staff_of(other_venue))
    right = {"waiterId": "anna", "pin": WAITER_PIN}
    others = await guessed.till.call("POST", SIGN_IN, right, device_id="of-anna")
    assert others.status_code in (200, 429), (
        "at the caps of credential and venue the waits are short"
    )


async def test_right_ones_as_fast_as_they_can_be_sent(
    server: RunningServer, guessed: Venue, other_venue: Venue
) -> None:
    body = {"waiterId": BEN, "pin": NEW_PIN}
    signing_in = [
        request(guessed, "POST", SIGN_IN, body, role="till", device_id=f"d{number}")
        for number in range(DEVICES)
    ]

    async def attack() -> None:
        statuses = await storm(server, signing_in)
        assert statuses[200] > 0
        assert statuses.keys() <= {200, 503}

    await undisturbed(other_venue, attack, staff_of(other_venue))


def staff_of(neighbour: Venue) -> tuple[str, str, object, str]:
    return ("POST", SIGN_IN, {"waiterId": "anna", "pin": WAITER_PIN}, "till")
