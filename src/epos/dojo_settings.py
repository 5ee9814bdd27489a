"""The link to Dojo from the settings, and the keys for the links in the database."""

import structlog
from pydantic import SecretStr

from epos.choices import DojoTransport
from epos.dojo.leaving import leave
from epos.dojo.links import Links
from epos.dojo.sealing import Sealer
from epos.domain.credentials import SystemActor
from epos.domain.dojo import Access, DojoLink, Transport
from epos.domain.errors import EposError
from epos.settings import Settings
from epos.store.database import Database


def build_links(settings: Settings, database: Database) -> Links:
    sealer = Sealer(_plain(settings.secret_key))
    return Links(database, sealer, _plain(settings.dojo_api_key), settings.dojo_venue)


async def apply_dojo_settings(settings: Settings, database: Database) -> None:
    """Connect the venue that the settings name. `off` disconnects it if it is set explicitly; as the
    default it changes nothing. Raises NotFound for the venue.
    """
    links = build_links(settings, database)
    if settings.dojo_transport is not DojoTransport.OFF:
        await links.put(settings_link(settings))
        return
    there = await links.find(settings.dojo_venue)
    if there is None or there.api_key_sealed is not None:
        return
    if "dojo_transport" in settings.model_fields_set:
        await leave(links, database, settings.dojo_venue, who=SystemActor.SERVE)
    elif settings.dojo_api_key is None:
        structlog.get_logger("epos.dojo").warning(
            "the venue was connected to Dojo and its changes wait; to disconnect it for good, "
            "set EPOS_DOJO_TRANSPORT=off",
            venue=settings.dojo_venue,
        )


def settings_link(settings: Settings) -> DojoLink:
    """The link from the settings; its key stays in the environment."""
    return DojoLink(
        venue_id=settings.dojo_venue,
        transport=Transport(settings.dojo_transport),
        software_house_id=settings.dojo_software_house_id or "",
        api_url=settings.dojo_api_url,
        ws_url=settings.dojo_ws_url,
        reseller_id=settings.dojo_reseller_id,
        public_url=settings.public_url,
        verifies_payments=settings.dojo_verify_payments,
    )


async def access_to(venue_id: str, settings: Settings, database: Database) -> Access:
    """The link from the database, else from the settings: no server need have run before."""
    links = build_links(settings, database)
    kept = await links.find(venue_id)
    if kept is not None and kept.api_key_sealed is not None:
        return links.unlocked(kept)
    if settings.dojo_transport is not DojoTransport.OFF and venue_id == settings.dojo_venue:
        return links.unlocked(settings_link(settings))
    if kept is not None:
        return links.unlocked(kept)
    raise EposError(f"venue {venue_id} is not connected: set EPOS_DOJO_TRANSPORT and its key")


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
