"""Venues that a till works in."""

import pytest

from epos.store.database import Database
from tests.support.menus import write_menu
from tests.support.venues import Venue


@pytest.fixture
async def bistro(database: Database, venue: Venue) -> Venue:
    """A venue with a menu."""
    await write_menu(database, venue.id)
    return venue
