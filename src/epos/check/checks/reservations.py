"""Reservations: guests who are expected."""

import asyncio

from epos.check.checks.paging import all_pages, ids_of
from epos.check.exchanges import Exchange
from epos.check.registry import Obligation, check, docs, inferred, schema, spec
from epos.check.subject import Epos, NotTried

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_NONE = "no-such-reservation-epos-check"


@check(
    _MUST,
    "CreateReservation",
    "GetReservationById",
    source=spec("CreateReservation"),
    not_proved="That staff see it.",
)
async def keep_what_was_sent(epos: Epos) -> None:
    """The reservation that is read later has the name, the covers and the tables that were sent."""
    made = await epos.reservation(covers=6, name="Ada Lovelace")
    found = epos.granted(await _get(epos, made["id"]), "the reservation")
    epos.same(("Ada Lovelace", 6), (found["name"], found["covers"]), "name and covers")
    epos.same([epos.world.table_id], found["tableIds"], "tableIds")


@check(
    _SHOULD,
    "CreateReservation",
    source=inferred("dojoReservationId is Dojo's id, and an answer may get lost"),
    not_proved="That it holds after a restart.",
)
async def create_again_is_the_same_reservation(epos: Epos) -> None:
    """The same reservation sent again, also at one moment, is the same reservation."""
    body = epos.reservation_body()
    twice = await asyncio.gather(*(epos.ask("CreateReservation", body) for _ in range(2)))
    answers = [*twice, await epos.ask("CreateReservation", body)]
    made = {one.content["id"] for one in answers if one.ok}
    for reservation_id in made:
        epos.tidy_reservation(reservation_id)
    if not made:
        raise NotTried(f"CreateReservation: {answers[0].words}")
    epos.granted(answers[-1], "the reservation that is there already")
    epos.same(1, len(made), "reservations")


@check(
    _MUST,
    "SearchReservations",
    source=schema("SearchReservationsRequest", "fromTime, toTime"),
    not_proved="What happens at the edges of the window: it is not documented.",
)
async def window_filter(epos: Epos) -> None:
    """A search in a window finds what lies in it, and nothing that lies far outside."""
    body = epos.reservation_body()
    answer = await epos.ask("CreateReservation", body)
    made = epos.ready(answer, "CreateReservation")
    epos.tidy_reservation(made["id"])
    inside = {"fromTime": body["startTime"], "toTime": body["endTime"]}
    found = ids_of(await all_pages(epos, "SearchReservations", inside))
    epos.expect(made["id"] in found, "found in its own window", "it is not found")
    before = {"fromTime": "2001-01-01T00:00:00.000Z", "toTime": "2001-01-02T00:00:00.000Z"}
    found = ids_of(await all_pages(epos, "SearchReservations", before))
    epos.expect(made["id"] not in found, "not found in 2001", "it is found")


@check(
    _MUST,
    "SearchReservations",
    source=schema("SearchReservationsRequest", "tableId"),
    not_proved="How soon after a change at the till it is found.",
)
async def table_filter(epos: Epos) -> None:
    """A search for a table finds its reservations, and no others."""
    made = await epos.reservation()
    other = [one["id"] for one in epos.world.tables if one["id"] != epos.world.table_id]
    found = ids_of(await all_pages(epos, "SearchReservations", {"tableId": epos.world.table_id}))
    epos.expect(made["id"] in found, "found at its table", "it is not found")
    if other:
        found = ids_of(await all_pages(epos, "SearchReservations", {"tableId": other[0]}))
        epos.expect(made["id"] not in found, "found at no other table", "it is found")


@check(
    _MUST,
    "SearchReservations",
    source=schema("Cursor", "limit, after"),
    not_proved="That it holds while reservations change.",
)
async def nothing_lost_or_doubled(epos: Epos) -> None:
    """Page after page, each reservation comes once."""
    made = [(await epos.reservation())["id"] for _ in range(5)]
    table = {"tableId": epos.world.table_id}
    found = ids_of(await all_pages(epos, "SearchReservations", table, limit=2))
    epos.same([1] * 5, [found.count(one) for one in made], "how often each came")


@check(
    _MUST,
    "UpdateReservation",
    "GetReservationById",
    source=spec("UpdateReservation", "sets the reservation's details to those provided"),
    not_proved="What becomes of properties that are not sent.",
)
async def update_sets_the_details(epos: Epos) -> None:
    """An update is there when the reservation is read later."""
    made = await epos.reservation()
    answer = await _update(epos, made["id"], made["dojoReservationId"])
    epos.granted(answer, "the reservation with its new details")
    found = epos.ready(await _get(epos, made["id"]), "GetReservationById")
    epos.same(9, found["covers"], "covers")


@check(
    _MUST,
    "UpdateReservation",
    source=spec("UpdateReservation", "4XX"),
    not_proved="What happens with ids of another venue.",
)
async def update_unknown_is_not_found(epos: Epos) -> None:
    """What does not exist cannot be updated, and is not created by it."""
    answer = await _update(epos, _NONE, epos.new_id("reservation"))
    epos.refused(answer, "NotFound", "there is no such reservation")


@check(
    _MUST,
    "DeleteReservationById",
    "GetReservationById",
    source=docs("core-concepts/pos-events: what is not found is taken to be gone"),
    not_proved="That its tables are free.",
)
async def deleted_is_gone(epos: Epos) -> None:
    """A deleted reservation is NotFound."""
    made = await epos.reservation()
    answer = await epos.ask("DeleteReservationById", reservationId=made["id"])
    epos.ready(answer, "DeleteReservationById")
    answer = await _get(epos, made["id"])
    if (
        not answer.ok
        and answer.kind != "NotFound"
        and (await _get(epos, _NONE)).kind == answer.kind
    ):
        raise NotTried("see reservations.unknown-is-not-found")
    epos.refused(answer, "NotFound", "the reservation was deleted")


@check(
    _MUST,
    "GetReservationById",
    source=spec("GetReservationById", "4XX"),
    not_proved="What happens with ids of another venue.",
    writes=False,
)
async def unknown_is_not_found(epos: Epos) -> None:
    """An unknown id is NotFound."""
    epos.refused(await _get(epos, _NONE), "NotFound", "there is no such reservation")


async def _get(epos: Epos, reservation_id: str) -> Exchange:
    return await epos.ask("GetReservationById", reservationId=reservation_id)


async def _update(epos: Epos, reservation_id: str, dojo_id: str) -> Exchange:
    body = epos.reservation_body() | {"dojoReservationId": dojo_id, "covers": 9}
    return await epos.ask("UpdateReservation", body, reservationId=reservation_id)
