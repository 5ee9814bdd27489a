"""Parties: guests who sit at tables now."""

import asyncio

from epos.check import bodies
from epos.check.checks.paging import all_pages, ids_of
from epos.check.exchanges import Exchange, Json
from epos.check.registry import Obligation, check, docs, inferred, schema, spec
from epos.check.subject import Epos, NotTried
from epos.simulator.formats import now_text

_MUST, _SHOULD = Obligation.MUST, Obligation.SHOULD
_NONE = "no-such-party-epos-check"


@check(
    _MUST,
    "CreateParty",
    "GetPartyById",
    source=spec("CreateParty", "CreatePartyRequest and Party have the same properties"),
    not_proved="That staff see it on the floor plan.",
)
async def keep_what_was_sent(epos: Epos) -> None:
    """The party that is read later has the covers, the tables and the guests' requests that were sent."""
    made = await epos.party(covers=3)
    party = epos.granted(await _get(epos, made["id"]), "the party")
    epos.same(3, party.get("covers"), "covers")
    epos.same(epos.world.free_tables[:1], party["tableIds"], "tableIds")
    epos.same("No nuts", party.get("guestRequests"), "guestRequests")


@check(
    _SHOULD,
    "CreateParty",
    source=inferred("dojoPartyId is Dojo's id of the party, and an answer may get lost"),
    not_proved="That it holds at one moment, or after a restart.",
)
async def create_again_is_the_same_party(epos: Epos) -> None:
    """The same party sent again is the same party."""
    if not epos.world.free_tables:
        raise NotTried("no table is free")
    body = bodies.party(epos.new_id("party"), epos.world.free_tables[:1])
    first = epos.ready(await epos.ask("CreateParty", body), "CreateParty")
    epos.tidy_party(first["id"])
    content = epos.granted(await epos.ask("CreateParty", body), "the party that is there already")
    if content["id"] != first["id"]:
        epos.tidy_party(content["id"])
    epos.same(first["id"], content["id"], "id")


@check(
    _SHOULD,
    "CreateParty",
    source=inferred("as for the same party sent again; a retry may overtake the first request"),
    not_proved="That no other interleaving makes two: few were tried.",
)
async def create_twice_at_once_is_one_party(epos: Epos) -> None:
    """The same party sent twice at one moment is one party."""
    if not epos.world.free_tables:
        raise NotTried("no table is free")
    body = bodies.party(epos.new_id("party"), epos.world.free_tables[:1])
    answers = await asyncio.gather(*(epos.ask("CreateParty", body) for _ in range(2)))
    again = await epos.ask("CreateParty", body)
    made = {one.content["id"] for one in answers if one.ok}
    for party_id in made | ({again.content["id"]} if again.ok else set()):
        epos.tidy_party(party_id)
    if not made or not again.ok or again.content["id"] not in made:
        raise NotTried("see parties.create-again-is-the-same-party")
    epos.same(1, len(made), "parties")


@check(
    _MUST,
    "SearchParties",
    source=schema("SearchPartiesRequest", "tableId"),
    not_proved="How soon after a change at the till it is found.",
)
async def table_filter(epos: Epos) -> None:
    """A search for a table finds who sits there, and no others."""
    made = await epos.party()
    rows = await all_pages(epos, "SearchParties", {"tableId": epos.world.free_tables[0]})
    epos.expect(made["id"] in ids_of(rows), "the party is found at its table", "it is not")
    if len(epos.world.free_tables) > 1:
        rows = await all_pages(epos, "SearchParties", {"tableId": epos.world.free_tables[1]})
        epos.expect(made["id"] not in ids_of(rows), "it is found at no other table", "it is")


@check(
    _MUST,
    "UpdateParty",
    "GetPartyById",
    source=spec("UpdateParty", "sets the party's details to those provided"),
    not_proved="What becomes of properties that are not sent.",
)
async def update_sets_the_details(epos: Epos) -> None:
    """An update is there when the party is read later."""
    made = await epos.party()
    answer = await _update(epos, made, covers=5, status="Ordered")
    epos.granted(answer, "the party with its new details")
    party = epos.ready(await _get(epos, made["id"]), "GetPartyById")
    epos.same((5, "Ordered"), (party.get("covers"), party["status"]), "covers and status")


@check(
    _MUST,
    "SearchParties",
    "UpdateParty",
    source=spec("SearchParties", "by default, this should exclude parties with endTime set"),
    not_proved="That the till shows the table as free.",
)
async def who_has_left_is_not_found(epos: Epos) -> None:
    """A party that has left is not found: Bookings would keep its table."""
    made = await epos.party()
    epos.ready(await _update(epos, made, endTime=now_text()), "UpdateParty")
    found = ids_of(await all_pages(epos, "SearchParties", {}))
    epos.expect(made["id"] not in found, "it is not found", "it is found")


@check(
    _MUST,
    "SearchParties",
    "UpdateParty",
    source=spec("SearchParties", "including them only when completedOnly: true"),
    not_proved="How long they are kept.",
)
async def completed_only_finds_who_has_left(epos: Epos) -> None:
    """With `completedOnly` a party that has left is found."""
    made = await epos.party()
    epos.ready(await _update(epos, made, endTime=now_text()), "UpdateParty")
    table = {"completedOnly": True, "tableId": epos.world.free_tables[0]}
    found = ids_of(await all_pages(epos, "SearchParties", table))
    epos.expect(made["id"] in found, "it is found", "it is not found")


@check(
    _MUST,
    "DeletePartyById",
    "GetPartyById",
    source=docs("core-concepts/pos-events: what is not found is taken to be gone"),
    not_proved="What becomes of its orders.",
)
async def deleted_is_gone(epos: Epos) -> None:
    """A deleted party is NotFound."""
    made = await epos.party()
    epos.ready(await epos.ask("DeletePartyById", partyId=made["id"]), "DeletePartyById")
    answer = await _get(epos, made["id"])
    if (
        not answer.ok
        and answer.kind != "NotFound"
        and (await _get(epos, _NONE)).kind == answer.kind
    ):
        raise NotTried("see parties.unknown-is-not-found")
    epos.refused(answer, "NotFound", "the party was deleted")


@check(
    _MUST,
    "GetPartyById",
    source=spec("GetPartyById", "4XX"),
    not_proved="What happens with ids of another venue.",
    writes=False,
)
async def unknown_is_not_found(epos: Epos) -> None:
    """An unknown id is NotFound: Dojo then takes the party to be gone."""
    epos.refused(await _get(epos, _NONE), "NotFound", "there is no such party")


@check(
    _MUST,
    "UpdateParty",
    source=spec("UpdateParty", "4XX"),
    not_proved="What happens with ids of another venue.",
)
async def update_unknown_is_not_found(epos: Epos) -> None:
    """What does not exist cannot be updated, and is not created by it."""
    if not epos.world.free_tables:
        raise NotTried("no table is free")
    made: Json = {"id": _NONE, "dojoPartyId": epos.new_id("party")}
    made["tableIds"] = epos.world.free_tables[:1]
    epos.refused(await _update(epos, made), "NotFound", "there is no such party")


async def _get(epos: Epos, party_id: str) -> Exchange:
    return await epos.ask("GetPartyById", partyId=party_id)


async def _update(epos: Epos, made: Json, **more: object) -> Exchange:
    body = bodies.party(made["dojoPartyId"], made["tableIds"])
    # A moment after that of `endTime` in `more` would be a party that left before it came.
    body["startTime"] = made.get("startTime", body["startTime"])
    body |= more
    return await epos.ask("UpdateParty", body, partyId=made["id"])
