"""A layout is checked whole: every fault is named with its place."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from epos.till_contract.layout import BrokenLayout, read_layout
from tests.support.layouts import large, small

Json = dict[str, Any]
NAME = "must be text of 1 to 100 characters, not blank, without control characters"
OWN_ID = (
    "must be text of 1 to 200 characters that begins with a letter or a digit, "
    "without / and control characters"
)


def faults(layout: Any) -> list[str]:
    with pytest.raises(BrokenLayout) as refused:
        read_layout(json.dumps(layout).encode())
    return refused.value.faults


def test_a_sound_one_is_read() -> None:
    assert read_layout(json.dumps(small()).encode()).areas[0].tables[1].name == "Terrace 10"
    assert len(read_layout(json.dumps(large()).encode()).areas) == 10


def spoil(layout: Json) -> list[str]:
    """Break a large layout in every way that there is; what is to be said of it, in its order."""
    areas, menu, waiters = layout["areas"], layout["menu"], layout["waiters"]
    tables = [table for area in areas for table in area["tables"]]
    areas[0]["tables"][0]["maxCovers"] = "4"
    areas[0]["tables"][1]["maxCovers"] = 0
    areas[0]["tables"][2] |= {"maxCover": 4, "note": "by the window"}
    del areas[0]["tables"][3]["name"]
    areas[0]["tables"][4]["name"] = "Table 5"
    areas[0]["tables"][6]["id"] = "a/b"
    areas[0]["tables"][7] = "Table 7"
    areas[1]["id"] = "a0"
    areas[1]["name"] = "Area 2"
    areas[1]["tables"][10]["id"] = "a9t49"
    areas[1]["waiterIds"] = ["w1", "w99", "w1", 7]
    areas[2]["tables"][0]["waiterIds"] = "w1"
    areas[3]["tables"] = None
    areas[4]["colour"] = "green"
    waiters[3]["id"] = "w2"
    waiters[4]["isManager"] = "yes"
    menu[0]["items"][0]["price"] = 12.5
    menu[0]["items"][1]["vatRate"] = 20_000
    menu[0]["items"][2]["plu"] = "1-2"
    menu[0]["items"][3]["modifiers"] = [
        {"plu": "x", "name": "X"},
        {"plu": "x", "name": " ", "price": True, "cost": 1},
    ]
    menu[1]["name"] = "Category 0"
    del menu[2]["items"]
    layout["venue"] |= {"currency": "USD", "timeZone": "Mars", "closingTime": "25:00"}
    del layout["venue"]["name"]
    layout["guests"] = []
    assert len(tables) == 500
    return [
        f"areas[0].tables[0].maxCovers {WHOLE}",
        f"areas[0].tables[1].maxCovers {WHOLE}",
        "areas[0].tables[2].maxCover is not a property of this object",
        "areas[0].tables[2].note is not a property of this object",
        "areas[0].tables[3].name is required",
        "areas[0].tables[5].name is the same as that of areas[0].tables[4]",
        f"areas[0].tables[6].id {OWN_ID}",
        "areas[0].tables[7] must be an object",
        "areas[1].id is the same as that of areas[0]",
        "areas[1].waiterIds[1] is not the id of a waiter in the file",
        "areas[1].waiterIds[2] appears twice",
        f"areas[1].waiterIds[3] {OWN_ID}",
        "areas[2].name is the same as that of areas[1]",
        "areas[2].tables[0].waiterIds must be a list",
        "areas[3].tables is required and must not be null",
        "areas[3].waiterIds[0] is not the id of a waiter in the file",
        "areas[4].colour is not a property of this object",
        "areas[9].tables[49].id is the same as that of areas[1].tables[10]",
        "guests is not a property of this object",
        "menu[0].items[0].price must be a whole number between 0 and 1000000000000",
        "menu[0].items[1].vatRate must be a whole number between 0 and 10000",
        f"menu[0].items[3].modifiers[1].name {NAME}",
        "menu[0].items[3].modifiers[1].plu is the same as that of menu[0].items[3].modifiers[0]",
        "menu[0].items[3].modifiers[1].cost is not a property of this object",
        f"menu[0].items[3].modifiers[1].price {EITHER_WAY}",
        "menu[1].items[2].plu is the same as that of menu[0].items[2]",
        "menu[1].name is the same as that of menu[0]",
        "menu[2].items is required",
        "venue.closingTime must be a time of day such as 04:00",
        "venue.currency must be GBP or EUR",
        "venue.name is required",
        "venue.timeZone must be a time zone such as Europe/London",
        "waiters[3].id is the same as that of waiters[2]",
        "waiters[4].isManager must be true or false",
    ]


EITHER_WAY = "must be a whole number between -1000000000000 and 1000000000000"
WHOLE = "must be a whole number between 1 and 1000"


def test_every_fault_of_a_large_one_is_named() -> None:
    layout = large()
    expected = spoil(layout)
    assert sorted(faults(layout)) == sorted(expected)


def test_faults_come_in_the_order_of_people() -> None:
    layout = large()
    for index in (10, 9, 2):
        layout["areas"][index % 10]["tables"][index]["maxCovers"] = 0
    places = [fault.split()[0] for fault in faults(layout)]
    assert places == [
        "areas[0].tables[10].maxCovers",
        "areas[2].tables[2].maxCovers",
        "areas[9].tables[9].maxCovers",
    ]


def test_the_message_has_the_first_and_how_many_there_are() -> None:
    layout = large()
    for area in layout["areas"]:
        for table in area["tables"]:
            table["maxCovers"] = 0
    with pytest.raises(BrokenLayout) as refused:
        read_layout(json.dumps(layout).encode())
    message = refused.value.message
    assert message.startswith("areas[0].tables[0].maxCovers must be a whole number between 1 and")
    assert message.endswith("; 500 faults in all")
    assert len(message) < 2_500


def edit(change: Callable[[Json], object]) -> Json:
    layout = small()
    change(layout)
    return layout


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ([], ["the body must be an object"]),
        (None, ["the body is required and must not be null"]),
        ({}, [f"{part} is required" for part in ("areas", "menu", "venue", "waiters")]),
        (edit(lambda layout: layout.pop("menu")), ["menu is required"]),
        (edit(lambda layout: layout.update(areas={})), ["areas must be a list"]),
    ],
)
def test_what_is_no_layout_at_all_is_said(layout: Any, said: list[str]) -> None:
    found = faults(layout)
    assert [fault for fault in found if "waiter in the file" not in fault] == said


def test_what_is_not_json_is_said() -> None:
    with pytest.raises(BrokenLayout) as refused:
        read_layout(b'{"venue": ')
    assert refused.value.faults == ["the body is not valid JSON in UTF-8 (line 1 column 10)"]


def test_nonsense_without_end_is_not_named_one_by_one() -> None:
    assert faults({"areas": [1] * 60_000}) == ["the body must not have more than 50000 values"]
