"""REST and the WebSocket: the same result and the same error for the same request, all 22 times."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from epos.contract.errors import EPOSErrorType
from epos.contract.operations import OPERATIONS, Operation, by_capability
from epos.store.database import Database
from tests.support.clock import freeze
from tests.support.frames import Door, published_frames
from tests.support.venues import Venue
from tests.websocket.cases import CASES, CLOCK, CONFLICT, INVALID, MISSING, Ask, Case

Json = dict[str, Any]
_OUR_ID = re.compile(r"\b(?:ord|pty|rsv|pay)_[0-9a-hj-km-np-tv-z]{26}\b")
_STATUSES = {MISSING: 404, CONFLICT: 409, INVALID: 400}
_CONFLICTING = {
    "CreateOrder",
    "CancelOrderById",
    "CreateOrderLock",
    "RecordOrderPaymentById",
    "CreateParty",
    "UpdateParty",
    "CreateReservation",
    "UpdateReservation",
}
"""Those that the state of a venue can refuse."""


def refusals_of(operation: Operation) -> set[EPOSErrorType]:
    """Those that an operation can give whatever it is about: an id may be unknown, a body wrong."""
    missing = {MISSING} if operation.path_parameters else set()
    invalid = {INVALID} if operation.request else set()
    return missing | invalid | ({CONFLICT} if operation.capability in _CONFLICTING else set())


def test_the_table_has_every_operation_and_what_can_become_of_it() -> None:
    outcomes: dict[str, set[EPOSErrorType | None]] = {}
    for case in CASES:
        outcomes.setdefault(case.capability, set()).add(case.outcome)
    assert outcomes.keys() == {operation.capability for operation in OPERATIONS}
    for operation in OPERATIONS:
        assert outcomes[operation.capability] >= {None} | refusals_of(operation), operation


@pytest.mark.published
def test_every_method_is_the_published_one() -> None:
    published = published_frames()
    assert published is not None
    assert {operation.websocket_method for operation in OPERATIONS} == published.methods


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_the_same_at_both_doors(
    case: Case, venue: Venue, other_venue: Venue, database: Database
) -> None:
    for twin in (venue, other_venue):
        await freeze(twin, CLOCK)
    operation = by_capability(case.capability)
    assert operation is not None
    over_rest = await ask_rest(venue, operation, await case.arrange(venue))
    ask = await case.arrange(other_venue)
    over_socket = await ask_socket(Door(database, other_venue.id), operation, ask)
    assert over_socket == over_rest
    assert over_rest["outcome"] == case.outcome


async def ask_rest(venue: Venue, operation: Operation, ask: Ask) -> Json:
    """Its answers are held against the published document by the client."""
    ids = {name: quote(value, safe="") for name, value in ask.ids.items()}
    headers = {"waiter_id": ask.waiter_id} if ask.waiter_id else {}
    path = operation.path.format(**ids)
    response = await venue.call(operation.http_method, path, ask.body, **headers)
    if response.is_error:
        error = response.json()
        kind = EPOSErrorType(error["errorType"])
        assert response.status_code == _STATUSES[kind]
        return {"outcome": kind, "words": plain(error["debugMessage"])}
    answer = response.json() if response.content else {}
    if operation.capability == "SearchTables":
        (answer,) = answer  # REST answers a list of one page
    return {"outcome": None, "answer": plain(answer)}


async def ask_socket(door: Door, operation: Operation, ask: Ask) -> Json:
    """Its answers are held against the published document by the door."""
    ids = {operation.websocket_parameters[name]: value for name, value in ask.ids.items()}
    headers = {"waiterId": ask.waiter_id} if ask.waiter_id else {}
    frame = await door.call(operation.websocket_method, headers, **(ask.body or {}), **ids)
    if "error" in frame:
        error = frame["error"]
        return {
            "outcome": EPOSErrorType(error["errorType"]),
            "words": plain(error["debugMessage"]),
        }
    return {"outcome": None, "answer": plain(frame["result"])}


def plain(answer: Any) -> Any:
    """Without what is two venues' own: ids by the order in which they appear, cursors, and what each
    document spells in its own way.
    """
    text = json.dumps(answer)
    for number, own in enumerate(dict.fromkeys(_OUR_ID.findall(text))):
        text = text.replace(own, f"id-{number}")
    text = re.sub(r'"(before|after)": "[\w=-]+"', r'"\1": "cursor"', text)
    text = text.replace('"showQR"', '"showQr"').replace('"showURL"', '"showUrl"')
    text = re.sub(r"header waiter-id|headers\.waiterId", "the waiter", text)
    return json.loads(text)
