"""The venue's settings as its manager changes them, and what all set-up has in common."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import bindparam, exists, select, update

from epos.domain.limits import Limits
from epos.store.statements import Record, Statement
from epos.store.tables import customer_order, venue
from epos.store.turns import Turns
from epos.store.venues import KNOWS_ZONE
from epos.store.visibility import VENUE

_HERE = venue.c.id == bindparam("venue_id")
_NOT_SHOWN = {"id", "clock_offset", "clock_frozen_at", "last_account_id", "created_at"}
_PROFILE = Statement(select(*(c for c in venue.c if c.name not in _NOT_SHOWN)).where(_HERE))
_COLUMNS = [c for c in venue.c if c.name not in {*_NOT_SHOWN, "version"}]
_SET_PROFILE = Statement(
    update(venue)
    .where(_HERE)
    .values({c.name: bindparam(f"new_{c.name}", type_=c.type) for c in _COLUMNS})
)
_LIMITS = Statement(select(venue.c.limits).where(_HERE))
_COUNT = Statement(update(venue).where(_HERE).values(version=venue.c.version + 1))
_HAS_ORDERS = Statement(
    select(exists(select(customer_order.c.id).where(customer_order.c.venue_id == VENUE)))
)


class SetupRepository(Turns):
    async def serialize_changes(self) -> None:
        """Wait for any other change of the set-up. Call before any other lock."""
        await self._take("set-up")

    async def count_change(self) -> None:
        """Give the set-up its next version. This locks the venue's row, the last of all locks."""
        await self._run(_COUNT)

    async def profile(self) -> Record:
        row = await self._first(_PROFILE)
        if row is None:
            raise LookupError(self._venue_id)
        return row

    async def limits(self) -> Limits:
        """Above which a value has to be confirmed."""
        return Limits.of(from_json(await self._value(_LIMITS)))

    async def set_profile(self, **columns: Any) -> None:
        """Set all settings of the venue that `profile` answers, except `version`."""
        await self._run(_SET_PROFILE, **{f"new_{name}": value for name, value in columns.items()})

    async def has_orders(self) -> bool:
        found: bool = await self._value(_HAS_ORDERS)
        return found

    async def knows_time_zone(self, name: str) -> bool:
        """Whether PostgreSQL knows the time zone: every sale would fail with an unknown one."""
        known: bool = await self._value(KNOWS_ZONE, zone=name)
        return known
