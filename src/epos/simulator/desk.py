"""A booking desk: reservations, the parties that come of them, and a whole evening of both."""

from typing import Any

from pydantic_core import PydanticCustomError

from epos.contract.base import parse_time
from epos.simulator.accounts import DojoAccount
from epos.simulator.calls import Reply, RequesterHeaders
from epos.simulator.flows import FlowEnded, FlowRun
from epos.simulator.formats import in_seconds, now_text
from epos.simulator.wishes import EveningWish, PartyWish, ReservationWish

Json = dict[str, Any]
REQUESTER = RequesterHeaders(product="Bookings")
_TWO_HOURS = 7200.0
_GUESTS = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Somerville", "Charles Babbage")


class BookingDesk:
    """Bookings. It remembers what it sent: an update sends everything again."""

    def __init__(self, account: DojoAccount) -> None:
        self._account = account
        self._reservations: dict[str, Json] = {}
        self._parties: dict[str, Json] = {}

    async def call(self, capability: str, **arguments: Any) -> Reply:
        return await self._account.caller.call(capability, requester=REQUESTER, **arguments)

    async def book(self, run: FlowRun, wish: ReservationWish) -> str:
        """The EPOS's id of a new reservation. Raises FlowEnded."""
        times = {"startTime": in_seconds(0), "endTime": in_seconds(_TWO_HOURS)}
        body = {
            "dojoReservationId": self._account.ids.new("reservation"),
            **times,
            **wish.model_dump(exclude_none=True),
        }
        reply = await self.call("CreateReservation", body=body)
        answer = run.replied("reserved", reply, f"{wish.name}, {wish.covers} covers")
        _same(run, answer, body)
        self._reservations[answer["id"]] = body
        run.data["reservationId"] = answer["id"]
        return str(answer["id"])

    async def change_reservation(self, run: FlowRun, reservation_id: str, changes: Json) -> None:
        """Raises FlowEnded."""
        body = self._reservations.get(reservation_id, {}) | changes
        ids = {"reservationId": reservation_id}
        reply = await self.call("UpdateReservation", ids=ids, body=body)
        _same(run, run.replied("reservation changed", reply, ", ".join(changes)), body)
        self._reservations[reservation_id] = body

    async def delete_reservation(self, run: FlowRun, reservation_id: str) -> None:
        """Raises FlowEnded."""
        ids = {"reservationId": reservation_id}
        run.replied("reservation deleted", await self.call("DeleteReservationById", ids=ids))
        self._reservations.pop(reservation_id, None)

    async def seat(self, run: FlowRun, wish: PartyWish) -> str:
        """The EPOS's id of a party: that of a reservation, or walk-ins. Raises FlowEnded."""
        body = {
            "dojoPartyId": self._account.ids.new("party"),
            "startTime": now_text(),
            "status": "Seated",
            **self._from_reservation(wish.reservationId),
            **wish.model_dump(exclude_none=True),
        }
        reply = await self.call("CreateParty", body=body)
        answer = run.replied("seated", reply, f"at {', '.join(body.get('tableIds', []))}")
        _same(run, answer, body)
        self._parties[answer["id"]] = _updatable(body)
        run.data["partyId"] = answer["id"]
        return str(answer["id"])

    async def change_party(self, run: FlowRun, party_id: str, changes: Json) -> None:
        """Raises FlowEnded."""
        body = self._parties.get(party_id, {}) | changes
        reply = await self.call("UpdateParty", ids={"partyId": party_id}, body=body)
        _same(run, run.replied("party changed", reply, ", ".join(changes)), body)
        self._parties[party_id] = body

    async def finish(self, run: FlowRun, party_id: str) -> None:
        """They have left: their tables are free. Raises FlowEnded."""
        await self.change_party(run, party_id, {"endTime": now_text(), "status": "Left"})

    async def delete_party(self, run: FlowRun, party_id: str) -> None:
        """Raises FlowEnded."""
        reply = await self.call("DeletePartyById", ids={"partyId": party_id})
        run.replied("party deleted", reply)
        self._parties.pop(party_id, None)

    def _from_reservation(self, reservation_id: str | None) -> Json:
        booked = self._reservations.get(reservation_id or "")
        if booked is None:
            return {}
        known = ("name", "covers", "tableIds", "hostNotes", "guestRequests", "dojoReservationId")
        shared = {name: booked[name] for name in known if name in booked}
        return shared | {"expectedEndTime": booked["endTime"]}


def _updatable(body: Json) -> Json:
    """An update knows no reservation."""
    return {name: value for name, value in body.items() if not name.endswith("eservationId")}


_NOT_ANSWERED = {"dojoPartyId", "dojoReservationId"}


def _same(run: FlowRun, answer: Json, body: Json) -> None:
    """What was sent is what is answered; Dojo's own ids are not part of answers."""
    sent = {name: value for name, value in body.items() if name not in _NOT_ANSWERED}
    changed = [name for name, value in sent.items() if not _equal(answer.get(name), value)]
    run.expect("the answer says what was sent", changed, [])


def _equal(answered: Any, sent: Any) -> bool:
    """Times may be written in more than one way."""
    if answered == sent:
        return True
    try:
        return parse_time(answered) == parse_time(sent)
    except PydanticCustomError:
        return False


# --- an evening -----------------------------------------------------------------------------------


async def evening(desk: BookingDesk, run: FlowRun, wish: EveningWish) -> None:
    """Reservations are made, changed and canceled; guests come, move and leave. Raises FlowEnded."""
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


async def _free_tables(desk: BookingDesk, run: FlowRun) -> list[str]:
    """Raises FlowEnded when there are not two."""
    areas = run.replied("areas", await desk.call("ListAreas"))
    tables = await _all(desk, run, "SearchTables")
    parties = await _all(desk, run, "SearchParties")
    run.step("looked around", f"{len(areas)} areas, {len(tables)} tables, {len(parties)} parties")
    taken = {table_id for party in parties for table_id in party["tableIds"]}
    free = [table["id"] for table in tables if table["id"] not in taken]
    if len(free) < 2:
        run.step("free tables", "there must be two", ok=False)
        raise FlowEnded("no tables")
    return free


async def _book(desk: BookingDesk, run: FlowRun, tables: list[str]) -> list[str]:
    return [
        await desk.book(
            run, ReservationWish(tableIds=[table_id], name=_GUESTS[index % len(_GUESTS)])
        )
        for index, table_id in enumerate(tables)
    ]


async def _leave(desk: BookingDesk, run: FlowRun, parties: list[str]) -> None:
    live = {party["id"] for party in await _all(desk, run, "SearchParties")}
    run.expect("all are seated", set(parties) <= live, expected=True)
    for party_id in parties:
        await desk.finish(run, party_id)
    live = {party["id"] for party in await _all(desk, run, "SearchParties")}
    run.expect("all have left", live & set(parties), set())


async def _all(desk: BookingDesk, run: FlowRun, capability: str) -> list[Json]:
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
