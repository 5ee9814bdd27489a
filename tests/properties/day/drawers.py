"""Cash drawers: each is opened, counted and closed as often as shifts end; the day's cash is their sum."""

from collections import Counter
from datetime import date
from typing import Any

from tests.properties.day.books import FLOWS, MAIN, DayNotes, DrawerZ, cash_in
from tests.properties.day.world import Order, Refused, World

Json = dict[str, Any]


def notes_of(world: World, day: date) -> DayNotes:
    """The notes of a day, which somebody may have closed at this moment."""
    if day <= world.books.last_closed:
        raise Refused(409, "it is closed")
    return world.books.days[day]


def refuse_unknown(world: World, drawer: str, who: dict[str, str] | None = None) -> None:
    """A drawer is the main one, that of the device that asks, or of one that has had cash."""
    of_device = (who or {}).get("device_id")
    if drawer not in (MAIN, of_device) and not world.books.knows_drawer(drawer):
        raise Refused(400, "no device has this drawer")


# --- beside payments ------------------------------------------------------------------------------


def open_day(world: World, opening: int) -> list[Order]:
    notes = world.notes
    if MAIN in notes.floats_said:
        if notes.drawers[MAIN]["float"] != opening:
            raise Refused(409, "opened with another float")
        return []
    if notes.zs[MAIN]:
        raise Refused(409, "what stayed in it is its float")
    _say_float(notes, MAIN, opening)
    return []


def open_drawer(
    world: World, day: date, drawer: str, opening: int, who: dict[str, str]
) -> list[Order]:
    notes = notes_of(world, day)
    refuse_unknown(world, drawer, who)
    if notes.zs[drawer]:
        raise Refused(409, "what stayed in it is its float")
    if drawer in notes.floats_said:
        if notes.drawers[drawer]["float"] != opening:
            raise Refused(409, "opened with another float")
        return []
    _say_float(notes, drawer, opening)
    if drawer != MAIN:
        notes.drawers[drawer]["moves"] += 1
    return []


def correct_float(world: World, day: date, drawer: str, amount: int) -> list[Order]:
    notes = notes_of(world, day)
    if notes.zs[drawer]:
        raise Refused(409, "what stayed in it is its float")
    _say_float(notes, drawer, amount)
    notes.drawers[drawer]["moves"] += 1
    return []


def _say_float(notes: DayNotes, drawer: str, amount: int) -> None:
    notes.floats_said.add(drawer)
    notes.drawers[drawer]["float"] = amount


def move_cash(world: World, day: date, drawer: str, kind: str, amount: int) -> list[Order]:
    drawers = notes_of(world, day).drawers[drawer]
    drawers[kind.replace("-", "_")] += amount
    drawers["moves"] += 1
    return []


# --- counted and closed ---------------------------------------------------------------------------


def close_drawer(world: World, day: date, drawer: str, counted: int | None) -> list[Order]:
    """Before anything happened since, it is closed as it was."""
    notes = notes_of(world, day)
    if drawer not in notes.used_drawers:
        raise Refused(404, "nobody used it")
    if notes.has_news(drawer):
        _add_z(world, notes, drawer, counted)
    elif counted not in (None, notes.zs[drawer][-1].counted):
        raise Refused(409, "closed with another count")
    return []


def close_drawers(
    world: World, notes: DayNotes, counted: int | None, by_drawer: dict[str, int]
) -> None:
    """At the end of the day: those in which something happened since, and those that were counted anew."""
    used = notes.used_drawers
    if counted is not None and not by_drawer and len(used) == 1:
        by_drawer = dict.fromkeys(used, counted)
    if counted is not None and not by_drawer and not any(map(notes.has_news, used)):
        before = [notes.zs[drawer][-1].counted for drawer in used]
        if None not in before and counted != sum(one or 0 for one in before):
            raise Refused(409, "they were counted one by one")
    for drawer in sorted({*used, *by_drawer}):
        zs = notes.zs[drawer]
        is_recounted = drawer in by_drawer and zs and zs[-1].counted != by_drawer[drawer]
        if notes.has_news(drawer) or is_recounted:
            _add_z(world, notes, drawer, by_drawer.get(drawer))
    last = [notes.zs[drawer][-1].counted for drawer in notes.used_drawers]
    is_known = None not in last
    notes.counted = sum(one or 0 for one in last) if is_known else counted


def _add_z(world: World, notes: DayNotes, drawer: str, counted: int | None) -> None:
    world.books.z_numbers[drawer] += 1
    figures = notes.since_last_z(drawer)
    notes.zs[drawer].append(DrawerZ(world.books.z_numbers[drawer], figures, counted))


# --- what the server says of it -------------------------------------------------------------------


def x_report(world: World, day: date, drawer: str) -> list[Order]:
    if drawer not in world.books.days[day].used_drawers:
        raise Refused(404, "nobody used it")
    return []


def wrong_x(world: World, day: date, drawer: str, told: Json) -> list[str]:
    ours = figures_of(None, world.books.days[day].since_last_z(drawer), None)
    return _unlike(ours, told, world.books.days[day].since_last_z(drawer)["moves"])


def wrong_z(world: World, day: date, drawer: str, told: Json) -> list[str]:
    z = world.books.days[day].zs[drawer][-1]
    return _unlike(figures_of(z.number, z.figures, z.counted), told, z.figures["moves"])


def _unlike(ours: tuple[Any, ...], told: Json, moves: int) -> list[str]:
    theirs, moved = told_figures(told), len(told.get("movements", ()))
    if (ours, moves) == (theirs, moved):
        return []
    return [f"the drawer says {theirs} and {moved} movements, the notes say {ours} and {moves}"]


def figures_of(number: int | None, figures: Counter[str], counted: int | None) -> tuple[Any, ...]:
    expected = cash_in(figures)
    more = None if counted is None else counted - expected
    return number, *(figures[name] for name in ("float", *FLOWS)), expected, counted, more


def told_figures(told: Json) -> tuple[Any, ...]:
    names = ("float", "taken", "givenBack", "paidIn", "paidOut", "toSafe", "expected")
    assert told["takings"] == told["taken"] - told["givenBack"]
    figures = tuple(told[name] for name in names)
    return told.get("zNumber"), *figures, told.get("counted"), told.get("difference")
