"""A new venue and the rules for its settings."""

import re
import zoneinfo
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from epos.domain.errors import InvalidRequest

CURRENCIES = ("GBP", "EUR")
TIME_ZONE_RULE = "must be a time zone such as Europe/London"
_OF_EACH_MACHINE = "localtime"
"""No IANA name, although both may know it: another zone for this server than for PostgreSQL elsewhere."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")
_LINE_RULE = "must be text of 1 to 100 characters, not blank, without control characters"
"""The till's profile has the same rule for the name, so that a venue can be exported and imported."""


class AccessPolicy(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True)
class NewVenue:
    """`id` is part of every user name of the venue; `time_zone` is an IANA name."""

    NAME_RULE: ClassVar[str] = "must be 1 to 40 of a-z, 0-9 and -, and not begin with -"

    id: str
    name: str
    currency: str = "GBP"
    time_zone: str = "Europe/London"
    access_policy: AccessPolicy = AccessPolicy.OPEN

    @staticmethod
    def is_name(text: str) -> bool:
        return _NAME.fullmatch(text) is not None

    def check(self) -> None:
        """Raises InvalidRequest naming the setting that is wrong."""
        if not self.is_name(self.id):
            raise InvalidRequest("id", self.NAME_RULE)
        if not _LINE.fullmatch(self.name) or not self.name.strip():
            raise InvalidRequest("name", _LINE_RULE)
        if self.currency not in CURRENCIES:
            raise InvalidRequest("currency", f"must be one of {', '.join(CURRENCIES)}")
        if not is_time_zone(self.time_zone):
            raise InvalidRequest("time_zone", TIME_ZONE_RULE)


def is_time_zone(name: str) -> bool:
    """Whether this machine knows the IANA name; PostgreSQL must know it too."""
    if name == _OF_EACH_MACHINE:
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
