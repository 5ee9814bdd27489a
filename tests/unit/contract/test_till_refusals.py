"""What is wrong with a request of a till: the codec names the field and the rule.

tests/till has one case of this for each operation, over HTTP, and what a service refuses.
"""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from epos.contract.codec import parse
from epos.contract.errors import ContractViolation
from epos.till_contract.floor import NewArea
from epos.till_contract.menu import NewMenuItem
from epos.till_contract.parties import SeatPartyRequest
from epos.till_contract.profile import VenueProfile
from epos.till_contract.reservations import BookRequest
from epos.till_contract.staff import NewWaiter
from epos.till_contract.tab_requests import (
    AddItems,
    Cancel,
    GiveDiscount,
    HoldTab,
    OpenTab,
    TakePayment,
)
from tests.support.floor import NOON, TWO
from tests.support.pins import APPROVAL
from tests.support.wording import (
    CLOCK,
    FLAG,
    LIST,
    NOT_EMPTY,
    NOT_SENT,
    REQUIRED,
    TIME,
    TIME_ZONE,
    UNKNOWN,
    WORD,
    elements_up_to,
    one_of,
    text,
    text_up_to,
    whole_number,
)

Json = dict[str, Any]


def after_chips(item: Json) -> Json:
    return {"items": [{"plu": "chips"}, item]}


# A request that is accepted, of each kind.
GOOD: dict[type[BaseModel], Json] = {
    AddItems: {"version": 1, "items": [{"plu": "chips"}]},
    BookRequest: {
        "name": "Ada",
        "covers": 2,
        "startTime": NOON,
        "endTime": TWO,
        "tableIds": ["t1"],
    },
    Cancel: {"version": 1, "reason": "Wrong table"},
    GiveDiscount: {"version": 1, "name": "Regular", "approval": APPROVAL},
    HoldTab: {"seconds": 60},
    NewArea: {"name": "Bar"},
    NewMenuItem: {
        "plu": "1001",
        "categoryId": "food",
        "name": "Pie",
        "price": 1250,
        "vatRate": 2000,
    },
    NewWaiter: {"name": "Zoe"},
    OpenTab: {"tableId": "t1"},
    SeatPartyRequest: {"tableIds": ["t1"], "covers": 2},
    TakePayment: {"version": 1, "type": "cash"},
    VenueProfile: {
        "version": 1,
        "name": "The Crown",
        "currency": "EUR",
        "timeZone": "Europe/Dublin",
        "closingTime": "05:30",
        "accessPolicy": "assigned",
        "acceptsOrders": False,
        "serviceChargeRate": 1250,
        "serviceChargeBearsVat": True,
        "finalizesPaidTabs": True,
    },
}

WRONG: list[tuple[type[BaseModel], Json, str, str]] = [
    (OpenTab, {"collection": {"collectAt": "18:00"}}, "collection.collectAt", TIME),
    (OpenTab, {"tableID": "t1"}, "tableID", UNKNOWN),
    (OpenTab, {"tableId": "t1", "covers": 0}, "covers", whole_number(1, 1_000)),
    (OpenTab, {"tableId": "t1", "note": "x" * 501}, "note", text_up_to(500)),
    (OpenTab, {"tableId": 7}, "tableId", text(1, 200)),
    (OpenTab, {"key": ""}, "key", text(1, 200)),
    (
        AddItems,
        after_chips({"plu": "market-fish", "price": -1}),
        "items[1].price",
        whole_number(0),
    ),
    (
        AddItems,
        after_chips({"plu": "mug", "quantity": 0}),
        "items[1].quantity",
        whole_number(1, 1_000_000),
    ),
    (
        AddItems,
        after_chips({"plu": "mug", "quantity": 1.5}),
        "items[1].quantity",
        whole_number(1, 1_000_000),
    ),
    (
        AddItems,
        after_chips({"plu": "mug", "cover": "3"}),
        "items[1].cover",
        whole_number(1, 1_000),
    ),
    (
        AddItems,
        after_chips({"plu": "mug", "Note": "x"}),
        "items[1].Note",
        UNKNOWN,
    ),
    (
        AddItems,
        after_chips({"quantity": 1}),
        "items[1].plu",
        REQUIRED,
    ),
    (
        AddItems,
        after_chips({"plu": "mug", "modifiers": [{"plu": "x"}] * 51}),
        "items[1].modifiers",
        elements_up_to(50),
    ),
    (GiveDiscount, {"percentage": 0}, "percentage", whole_number(1, 10_000)),
    (GiveDiscount, {"percentage": 10_001}, "percentage", whole_number(1, 10_000)),
    (GiveDiscount, {"amount": 0}, "amount", whole_number(1)),
    (GiveDiscount, {"percentage": 1, "name": ""}, "name", text(1, 100)),
    (GiveDiscount, {"percentage": 1, "approval": None}, "approval", REQUIRED),
    (GiveDiscount, {"percentage": 1, "approval": {"waiterId": "max"}}, "approval.pin", REQUIRED),
    (TakePayment, {"tip": -1}, "tip", whole_number(0)),
    (TakePayment, {"amount": 0}, "amount", whole_number(1)),
    (TakePayment, {"amount": 12.5}, "amount", whole_number(1)),
    (TakePayment, {"method": "voucher"}, "method", NOT_SENT),
    (TakePayment, {"type": "other"}, "method", REQUIRED),
    (TakePayment, {"type": "other", "method": "voucher", "tendered": 1300}, "tendered", NOT_SENT),
    (
        TakePayment,
        {"type": "other", "method": "Voucher"},
        "method",
        WORD,
    ),
    (TakePayment, {"type": "card"}, "type", one_of("cash", "other")),
    (TakePayment, {"currency": "EUR"}, "currency", UNKNOWN),
    (NewMenuItem, {"price": 12.5}, "price", whole_number(0)),
    (NewMenuItem, {"price": -1}, "price", whole_number(0)),
    (NewMenuItem, {"vatRate": 10_001}, "vatRate", whole_number(0, 10_000)),
    (NewMenuItem, {"vatRate": None}, "vatRate", REQUIRED),
    (NewMenuItem, {"plu": "a/b"}, "plu", text(1, 200)),
    (NewMenuItem, {"modifiers": [{"plu": "gravy"}]}, "modifiers[0].name", REQUIRED),
    (NewMenuItem, {"prise": 1250}, "prise", UNKNOWN),
    (SeatPartyRequest, {"tableIds": [], "covers": 2}, "tableIds", NOT_EMPTY),
    (SeatPartyRequest, {"tableIds": ["t1"], "covers": 0}, "covers", whole_number(1, 1_000)),
    (
        SeatPartyRequest,
        {"tableIds": ["t1"], "covers": 2, "guestRequests": "?"},
        "guestRequests",
        UNKNOWN,
    ),
    (SeatPartyRequest, {"tableIds": ["t1"], "covers": 2, "deposit": {}}, "deposit", UNKNOWN),
    (SeatPartyRequest, {"tableIds": ["t1"], "covers": 2, "hostnotes": "?"}, "hostnotes", UNKNOWN),
    (BookRequest, {"tableIds": []}, "tableIds", NOT_EMPTY),
    (
        BookRequest,
        {"name": ""},
        "name",
        "must be text of 1 to 1000 characters without NUL characters",
    ),
    (BookRequest, {"covers": "2"}, "covers", whole_number(1, 1_000)),
    (BookRequest, {"startTime": "noon"}, "startTime", TIME),
    (BookRequest, {"guestRequests": "by the window"}, "guestRequests", UNKNOWN),
    (NewArea, {"name": "Bar", "id": "a/b"}, "id", text(1, 200)),
    (NewArea, {"name": "Bar", "id": ".."}, "id", text(1, 200)),
    (NewArea, {"name": "Bar", "waiters": ["ben"]}, "waiters", UNKNOWN),
    (NewArea, {"name": ""}, "name", text(1, 100)),
    (NewArea, {"name": "Bar", "position": -1}, "position", whole_number(0, 1_000_000)),
    (NewWaiter, {"name": "Zoe", "id": "/"}, "id", text(1, 200)),
    (NewWaiter, {"name": "Zoe", "isManager": "no"}, "isManager", FLAG),
    (NewWaiter, {"id": "105", "name": None}, "name", REQUIRED),
    (NewWaiter, {"name": "Zoe", "pin": "4711"}, "pin", UNKNOWN),
    (VenueProfile, {"name": " "}, "name", text(1, 100)),
    (VenueProfile, {"name": "Two\nlines"}, "name", text(1, 100)),
    (VenueProfile, {"name": None}, "name", REQUIRED),
    (VenueProfile, {"addressLines": "High Street"}, "addressLines", LIST),
    (VenueProfile, {"addressLines": ["High Street", ""]}, "addressLines[1]", text(1, 100)),
    (VenueProfile, {"currency": "USD"}, "currency", one_of("GBP", "EUR")),
    (VenueProfile, {"timeZone": "Mars/Olympus"}, "timeZone", TIME_ZONE),
    (VenueProfile, {"timeZone": "../etc/passwd"}, "timeZone", TIME_ZONE),
    (VenueProfile, {"closingTime": "24:00"}, "closingTime", CLOCK),
    (VenueProfile, {"closingTime": "4:00"}, "closingTime", CLOCK),
    (VenueProfile, {"accessPolicy": "closed"}, "accessPolicy", one_of("open", "assigned")),
    (VenueProfile, {"acceptsOrders": "yes"}, "acceptsOrders", FLAG),
    (VenueProfile, {"serviceChargeRate": 12.5}, "serviceChargeRate", whole_number(0, 10_000)),
    (VenueProfile, {"serviceChargeRate": 10_001}, "serviceChargeRate", whole_number(0, 10_000)),
    (VenueProfile, {"version": None}, "version", REQUIRED),
    (VenueProfile, {"vatNumber": "GB 1"}, "vatNumber", UNKNOWN),
    (HoldTab, {"seconds": 0}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": 61}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": -1}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": 1.5}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": "5"}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": True}, "seconds", whole_number(1, 60)),
    (HoldTab, {"seconds": None}, "seconds", REQUIRED),
    (Cancel, {"reason": ""}, "reason", text(1, 100)),
    (Cancel, {"reason": " "}, "reason", text(1, 100)),
    (Cancel, {"reason": "\x00"}, "reason", text(1, 100)),
    (Cancel, {"reason": "x" * 101}, "reason", text(1, 100)),
    (Cancel, {"reason": 5}, "reason", text(1, 100)),
    (Cancel, {"reason": None}, "reason", REQUIRED),
]


@pytest.mark.parametrize(("request_model", "body"), GOOD.items())
def test_a_request_that_is_accepted(request_model: type[BaseModel], body: Json) -> None:
    parse(request_model, json.dumps(body).encode())


@pytest.mark.parametrize(("request_model", "change", "field", "rule"), WRONG)
def test_what_is_wrong_is_named(
    request_model: type[BaseModel], change: Json, field: str, rule: str
) -> None:
    body = GOOD[request_model] | change
    with pytest.raises(ContractViolation) as refused:
        parse(request_model, json.dumps(body).encode())
    assert refused.value.field == field
    assert refused.value.message.startswith(f"{field} {rule}")
