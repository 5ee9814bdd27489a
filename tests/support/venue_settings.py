"""A venue's settings: what its bills print, its clock, its rules."""

from datetime import UTC, datetime
from typing import Any

from tests.support.venues import Venue

AUGUST = datetime(2024, 8, 12, 18, 30, tzinfo=UTC)  # summer time: the clock says 19:30


async def change_settings(venue: Venue, **columns: Any) -> None:
    """Set columns of the venue's row."""
    names = list(columns)
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(names, start=2))
    async with venue.database.connection() as connection:
        sql = f"UPDATE venue SET {sets} WHERE id = $1"
        await connection.execute(sql, venue.id, *columns.values())


async def fill_settings(venue: Venue) -> None:
    await change_settings(
        venue,
        address_lines=["12 Mill Lane", "Barton-under-Weir"],
        postcode="GL7 3QX",
        phone_number="01632 960 144",
        email_address="hello@kitchen.example",
        tax_number="GB 123 4567 89",
        website="https://kitchen.example",
        bill_message="Merci à tous\nand come again",
        clock_frozen_at=AUGUST,
    )
