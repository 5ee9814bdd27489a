"""Guests whose words must appear in no log: all of them carry a mark that can be searched for."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

MARK = "GUESTMARK"
PHONE_DIGITS = 447_700_900_451_887
MARKS = (MARK, str(PHONE_DIGITS))

NAME = f"Ada {MARK} Lovelace"
EMAIL = f"ada.{MARK}@example.com"
PHONE = f"+44 20 7946 0000 x {MARK}"
NOTE = f'Allergic to nuts, "{MARK}", seat her by the window — 🍰'
CUSTOMER = {"id": MARK, "name": NAME, "emailAddress": EMAIL, "phoneNumber": PHONE}

_PRIVATE = {"hostNotes", "guestRequests", "note", "emailAddress", "phoneNumber"}
_TOO_SHORT_TO_TELL = 6
sent: set[str] = set()
"""The notes and contacts of guests that the tests of this run have sent, whatever they are."""


async def remember_guests(request: httpx.Request) -> None:
    """A hook for every client of the tests."""
    try:
        body = json.loads(request.content)
    except (ValueError, RecursionError, httpx.RequestNotRead):
        return
    sent.update(text for text in _private(body) if len(text) >= _TOO_SHORT_TO_TELL)


def _private(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for element in value:
            yield from _private(element)
    elif isinstance(value, dict):
        for name, element in value.items():
            if name in _PRIVATE and isinstance(element, str | int):
                yield str(element)
            yield from _private(element)
