"""Areas, tables and staff of the demo venue. The ids are what people type on a terminal."""

from typing import NamedTuple

from epos.store.seeding import LayoutWriter


class _Waiter(NamedTuple):
    id: str
    name: str
    is_manager: bool = False


class _Table(NamedTuple):
    id: str
    name: str
    max_covers: int


class _Area(NamedTuple):
    id: str
    name: str
    waiter_id: str
    tables: tuple[_Table, ...]


def _tables(prefix: str, name: str, *covers: int) -> tuple[_Table, ...]:
    return tuple(
        _Table(f"{prefix}_{number}", f"{name} {number}", most)
        for number, most in enumerate(covers, start=1)
    )


_WAITERS = (
    _Waiter("100", "Grace Holloway", is_manager=True),
    _Waiter("101", "Amelia Hart"),
    _Waiter("102", "Callum Reid"),
    _Waiter("103", "Priya Nair"),
    _Waiter("104", "Tomasz Zielinski"),
)
_AREAS = (
    _Area(
        "area_main",
        "Main Room",
        "101",
        _tables("tbl", "Table", 2, 2, 4, 4, 2, 4, 4, 4, 2, 6, 6, 6),
    ),
    _Area("area_terrace", "Terrace", "103", _tables("tbl_terrace", "Terrace", 2, 2, 4, 4, 4, 4)),
    _Area("area_bar", "Bar", "104", _tables("tbl_bar", "Bar", 2, 2, 2, 2)),
    _Area("area_snug", "Snug", "104", _tables("tbl_snug", "Snug", 4, 6)),
)
# The far end of the Main Room is Callum's; a table's own waiter goes before its area's.
_TABLE_WAITERS = {f"tbl_{number}": "102" for number in range(7, 13)}


async def write(writer: LayoutWriter) -> None:
    for waiter in _WAITERS:
        await writer.add_waiter(waiter.id, waiter.name, is_manager=waiter.is_manager)
    for position, area in enumerate(_AREAS, start=1):
        await writer.add_area(area.id, area.name, position)
        await writer.assign_area(area.id, area.waiter_id)
        for table in area.tables:
            await writer.add_table(table.id, area.id, table.name, table.max_covers)
    for table_id, waiter_id in _TABLE_WAITERS.items():
        await writer.assign_table(table_id, waiter_id)
