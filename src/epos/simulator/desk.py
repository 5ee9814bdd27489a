"""A booking desk: reservations, and the parties that come of them."""

from typing import Any

from pydantic_core import PydanticCustomError

from epos.contract.base import parse_time
from epos.simulator.calls import Asker, Reply
from epos.simulator.moments import in_seconds, now_text
from epos.simulator.runs import Run
from epos.simulator.wishes import PartyWish, ReservationWish
from epos.simulator.world import Account

Json = dict[str, Any]
ASKER = Asker(product="Bookings")
_TWO_HOURS = 7200.0


class Desk:
    """Bookings. It remembers what it sent: an update sends everything again."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._reservations: dict[str, Json] = {}
        self._parties: dict[str, Json] = {}

    async def call(self, capability: str, **arguments: Any) -> Reply:
        return await self._account.caller.call(capability, asker=ASKER, **arguments)

    async def book(self, run: Run, wish: ReservationWish) -> str:
        """The EPOS's id of a new reservation. Raises Ended."""
        times = {"startTime": in_seconds(0), "endTime": in_seconds(_TWO_HOURS)}
        body = {
            "dojoReservationId": self._account.identifiers.new("reservation"),
            **times,
            **wish.model_dump(exclude_none=True),
        }
        reply = await self.call("CreateReservation", body=body)
        answer = run.replied("reserved", reply, f"{wish.name}, {wish.covers} covers")
        _same(run, answer, body)
        self._reservations[answer["id"]] = body
        run.data["reservationId"] = answer["id"]
        return str(answer["id"])

    async def change_reservation(self, run: Run, reservation_id: str, changes: Json) -> None:
        """Raises Ended."""
        body = self._reservations.get(reservation_id, {}) | changes
        ids = {"reservationId": reservation_id}
        reply = await self.call("UpdateReservation", ids=ids, body=body)
        _same(run, run.replied("reservation changed", reply, ", ".join(changes)), body)
        self._reservations[reservation_id] = body

    async def delete_reservation(self, run: Run, reservation_id: str) -> None:
        """Raises Ended."""
        ids = {"reservationId": reservation_id}
        run.replied("reservation deleted", await self.call("DeleteReservationById", ids=ids))
        self._reservations.pop(reservation_id, None)

    async def seat(self, run: Run, wish: PartyWish) -> str:
        """The EPOS's id of a party: that of a reservation, or walk-ins. Raises Ended."""
        body = {
            "dojoPartyId": self._account.identifiers.new("party"),
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

    async def change_party(self, run: Run, party_id: str, changes: Json) -> None:
        """Raises Ended."""
        body = self._parties.get(party_id, {}) | changes
        reply = await self.call("UpdateParty", ids={"partyId": party_id}, body=body)
        _same(run, run.replied("party changed", reply, ", ".join(changes)), body)
        self._parties[party_id] = body

    async def finish(self, run: Run, party_id: str) -> None:
        """They have left: their tables are free. Raises Ended."""
        await self.change_party(run, party_id, {"endTime": now_text(), "status": "Left"})

    async def delete_party(self, run: Run, party_id: str) -> None:
        """Raises Ended."""
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


def _same(run: Run, answer: Json, body: Json) -> None:
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
