"""Keys of venues are sealed; what opens a link is never shown."""

import pytest

from epos.dojo.links import Links
from epos.dojo.sealing import Sealer, new_secret_key
from epos.domain.dojo import Access
from epos.domain.errors import Conflict, NotFound
from epos.settings import SettingsError, load
from tests.support.links import link
from tests.support.rows import fetch
from tests.support.venues import Venue

KEY = "sk_sandbox_never_shown"


async def opened(links: Links, venue: Venue) -> Access:
    kept = await links.find(venue.id)
    assert kept is not None
    return links.unlocked(kept)


async def test_a_key_is_sealed_where_it_lies(venue: Venue) -> None:
    sealer = Sealer(new_secret_key())
    links = Links(venue.database, sealer, "another", venue.id)
    await links.put(link(venue.id), KEY)
    (row,) = await fetch(venue, "SELECT * FROM dojo_link WHERE venue_id = $1")
    assert KEY not in str(row)
    access = await opened(links, venue)
    assert access.api_key == KEY
    assert KEY not in repr(access)


async def test_without_a_key_of_its_own_the_environments_counts(venue: Venue) -> None:
    links = Links(venue.database, Sealer(None), KEY, venue.id)
    await links.put(link(venue.id))
    assert (await opened(links, venue)).api_key == KEY
    with pytest.raises(Conflict, match="EPOS_DOJO_VENUE"):
        await opened(Links(venue.database, Sealer(None), KEY, "another"), venue)
    with pytest.raises(Conflict, match="EPOS_DOJO_API_KEY"):
        await opened(Links(venue.database, Sealer(None), None), venue)


async def test_a_sealed_key_needs_the_key_that_sealed_it(venue: Venue) -> None:
    old, new = new_secret_key(), new_secret_key()
    await Links(venue.database, Sealer(old), None).put(link(venue.id), KEY)
    assert (
        await opened(Links(venue.database, Sealer(f"{new}, {old}"), None), venue)
    ).api_key == KEY
    for sealer in (Sealer(new), Sealer(None)):
        with pytest.raises(Conflict, match="EPOS_SECRET_KEY"):
            await opened(Links(venue.database, sealer, KEY), venue)
    with pytest.raises(Conflict, match="EPOS_SECRET_KEY"):
        await Links(venue.database, Sealer(None), None).put(link(venue.id), KEY)


async def test_a_link_that_goes_takes_its_outbox_along(venue: Venue) -> None:
    links = Links(venue.database, Sealer(None), KEY)
    await links.put(link(venue.id))
    await venue.ok(
        "POST",
        "/v1/reservations",
        {
            "dojoReservationId": "r",
            "name": "Ada",
            "covers": 2,
            "tableIds": ["t1"],
            "startTime": "2026-12-01T19:00:00Z",
            "endTime": "2026-12-01T21:00:00Z",
        },
    )
    assert await fetch(venue, "SELECT 1 FROM outbox WHERE venue_id = $1")
    await links.remove(venue.id)
    assert not await fetch(venue, "SELECT 1 FROM outbox WHERE venue_id = $1")
    with pytest.raises(NotFound):
        await links.remove(venue.id)
    with pytest.raises(NotFound):
        await links.put(link("nobody"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("TRANSPORT", "API_KEY", "SOFTWARE_HOUSE_ID", "VENUE", "VERIFY_PAYMENTS"):
        monkeypatch.delenv(f"EPOS_DOJO_{name}", raising=False)
    for name in ("PUBLIC_URL", "SECRET_KEY"):
        monkeypatch.delenv(f"EPOS_{name}", raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"DOJO_TRANSPORT": "websocket"}, "EPOS_DOJO_API_KEY and EPOS_DOJO_SOFTWARE_HOUSE_ID"),
        (
            {"DOJO_TRANSPORT": "rest", "DOJO_API_KEY": KEY, "DOJO_SOFTWARE_HOUSE_ID": "house"},
            "EPOS_PUBLIC_URL",
        ),
        ({"DOJO_TRANSPORT": "pigeon"}, "EPOS_DOJO_TRANSPORT"),
        ({"DOJO_API_KEY": f"{KEY}\n"}, "EPOS_DOJO_API_KEY"),
        ({"DOJO_API_URL": "ftp://dojo"}, "EPOS_DOJO_API_URL"),
        ({"DOJO_WS_URL": "https://dojo"}, "EPOS_DOJO_WS_URL"),
        ({"DOJO_VERIFY_PAYMENTS": "true"}, "EPOS_DOJO_TRANSPORT"),
        ({"SECRET_KEY": f"{KEY}"}, "EPOS_SECRET_KEY"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_shown(
    given: dict[str, str], named: str, environment: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        environment.setenv(f"EPOS_{name}", value)
    with pytest.raises(SettingsError, match=named) as refused:
        load()
    assert KEY not in str(refused.value)


def test_settings_do_not_show_their_secrets(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EPOS_DOJO_API_KEY", KEY)
    environment.setenv("EPOS_SECRET_KEY", new_secret_key())
    settings = load()
    assert KEY not in f"{settings!r} {settings.model_dump(mode='json')}"
