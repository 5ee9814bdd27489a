"""Layouts for tests: a small one that has everything, and a large one."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

_SMALL: Json = {
    "venue": {
        "name": "The Crown",
        "addressLines": ["1 High Street"],
        "taxNumber": "GB 123 4567 89",
        "currency": "GBP",
        "timeZone": "Europe/London",
        "closingTime": "05:00",
        "accessPolicy": "assigned",
        "acceptsOrders": False,
        "finalizesPaidTabs": True,
        "serviceChargeRate": 1250,
        "serviceChargeBearsVat": False,
        "hasDrawerPerDevice": False,
        "cashNeedsApproval": False,
        "refusesSoldOutOrders": False,
        "limits": {"tip": 2000, "tipRate": 5000, "quantity": 100, "covers": 50, "daysAhead": 400},
    },
    "waiters": [
        {"id": "1", "name": "Ada", "isManager": True},
        {"id": "2", "name": "Bo", "isManager": False},
    ],
    "areas": [
        {
            "id": "terrace",
            "name": "Terrace",
            "waiterIds": ["2"],
            "tables": [
                {"id": "x1", "name": "Terrace 1", "maxCovers": 4, "waiterIds": []},
                {"id": "x2", "name": "Terrace 10", "waiterIds": ["1", "2"]},
            ],
        },
        {"id": "bar", "name": "Bar", "waiterIds": [], "tables": []},
    ],
    "menu": [
        {"id": "wine", "name": "Wine", "items": []},
        {
            "id": "food",
            "name": "Food",
            "items": [
                {
                    "plu": "2",
                    "name": "Pie",
                    "price": 1250,
                    "vatRate": 2000,
                    "available": True,
                    "modifiers": [
                        {"plu": "9", "name": "Gravy", "price": 150, "available": False},
                        {"plu": "8", "name": "No Peas", "price": -50, "available": True},
                    ],
                },
                {
                    "plu": "1",
                    "name": "Fish of the Day",
                    "vatRate": 500,
                    "available": False,
                    "modifiers": [],
                },
            ],
        },
    ],
}


def small() -> Json:
    """Everything that a layout can say, in the order in which it is exported."""
    return deepcopy(_SMALL)


def large() -> Json:
    """500 tables in ten areas, 20 waiters, 200 items."""
    layout = small()
    layout["waiters"] = [{"id": f"w{n}", "name": f"Waiter {n}"} for n in range(20)]
    layout["areas"] = [
        {
            "id": f"a{area}",
            "name": f"Area {area}",
            "waiterIds": [f"w{area}"],
            "tables": [
                {
                    "id": f"a{area}t{table}",
                    "name": f"Table {table}",
                    "maxCovers": 4,
                    "waiterIds": [f"w{10 + area}"],
                }
                for table in range(50)
            ],
        }
        for area in range(10)
    ]
    layout["menu"] = [
        {
            "id": f"c{category}",
            "name": f"Category {category}",
            "items": [
                {"plu": f"{category}-{n}", "name": f"Item {n}", "price": n, "vatRate": 2000}
                for n in range(20)
            ],
        }
        for category in range(10)
    ]
    return layout
