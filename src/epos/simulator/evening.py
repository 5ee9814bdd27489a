"""An evening at the booking desk, with the tables the EPOS has."""

from typing import Any

from epos.simulator.desk import Desk
from epos.simulator.runs import Ended, Run
from epos.simulator.wishes import EveningWish, PartyWish, ReservationWish

Json = dict[str, Any]
_GUESTS = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Somerville", "Charles Babbage")


async def evening(desk: Desk, run: Run, wish: EveningWish) -> None:
    """Reservations are made, changed and broken; guests come, move and leave. Raises Ended."""
    tables = await _free_tables(desk, run)
    booked = await _book(desk, run, tables[: wish.reservations])
    late, no_show = booked[0], booked[-1]
    await desk.change_reservation(run, late, {"covers": 3, "guestRequests": "A high chair"})
    seated = [await desk.seat(run, PartyWish(reservationId=one)) for one in booked[:-1]]
    await desk.delete_reservation(run, no_show)
    walk_in = PartyWish(tableIds=[tables[len(booked) - 1]], name="Walk-in", covers=2)
    seated.append(await desk.seat(run, walk_in))
    if len(tables) > len(booked):
        await desk.change_party(run, seated[0], {"tableIds": [tables[len(booked)]]})
    await _leave(desk, run, seated)


async def _free_tables(desk: Desk, run: Run) -> list[str]:
    """Raises Ended when there are not two."""
    areas = run.replied("areas", await desk.call("ListAreas"))
    tables = await _all(desk, run, "SearchTables")
    parties = await _all(desk, run, "SearchParties")
    run.step("looked around", f"{len(areas)} areas, {len(tables)} tables, {len(parties)} parties")
    taken = {table_id for party in parties for table_id in party["tableIds"]}
    free = [table["id"] for table in tables if table["id"] not in taken]
    if len(free) < 2:
        run.step("free tables", "there must be two", ok=False)
        raise Ended("no tables")
    return free


async def _book(desk: Desk, run: Run, tables: list[str]) -> list[str]:
    return [
        await desk.book(
            run, ReservationWish(tableIds=[table_id], name=_GUESTS[index % len(_GUESTS)])
        )
        for index, table_id in enumerate(tables)
    ]


async def _leave(desk: Desk, run: Run, parties: list[str]) -> None:
    live = {party["id"] for party in await _all(desk, run, "SearchParties")}
    run.expect("all are seated", set(parties) <= live, expected=True)
    for party_id in parties:
        await desk.finish(run, party_id)
    live = {party["id"] for party in await _all(desk, run, "SearchParties")}
    run.expect("all have left", live & set(parties), set())


async def _all(desk: Desk, run: Run, capability: str) -> list[Json]:
    """Every page. REST answers tables as an array of one page."""
    found: list[Json] = []
    cursor: Json = {"limit": 100}
    while True:
        answer = run.replied(capability, await desk.call(capability, body={"cursor": cursor}))
        page = answer[0] if isinstance(answer, list) else answer
        found += page["data"]
        if "after" not in page:
            return found
        cursor = {"limit": 100, "after": page["after"]}
