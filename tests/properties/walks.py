"""How a walk through the days of a venue begins (`tests/properties/day`)."""

from random import Random
from typing import Any

from epos.store.database import Database
from tests.properties.day import menu
from tests.properties.day.walk import Walk
from tests.support.menus import write_menu
from tests.support.refunds import dojo_refunds
from tests.support.rows import execute
from tests.support.venues import Venue

Json = dict[str, Any]


async def start(database: Database, venue: Venue, random: Random) -> Walk:
    """A walk through the days of the venue, which gets what it needs."""
    await write_menu(database, venue.id)
    await menu.write(venue)
    await execute(venue, "UPDATE venue SET has_drawer_per_device = true WHERE id = $1")
    return Walk(venue, random, hear)


async def hear(venue: Venue, heard: Json) -> None:
    await dojo_refunds(venue, {"paymentIntentId": heard["intent"]}, heard["refunded"])
