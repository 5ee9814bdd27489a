"""The venue's profile: what bills print of it and what its rules need."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from epos.contract.base import (
    LARGEST_COUNT,
    ClosedRequest,
    Flag,
    Wording,
    violation,
    whole_number,
)
from epos.domain.limits import Limits
from epos.domain.venue import TIME_ZONE_RULE, is_time_zone
from epos.till_contract.base import Covers, KeyedRequest, Minor, Name, Rate, Version, line


def _check_time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise violation(TIME_ZONE_RULE)
    return name


TimeZone = Annotated[str, *line(100), AfterValidator(_check_time_zone)]
ClosingTime = Annotated[
    str,
    Field(strict=True, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Wording("must be a time of day such as 04:00"),
]


class ConfirmAbove(ClosedRequest):
    """Above which a till asks again: such a value is a Conflict until it is sent with `confirm` true."""

    tip: Minor = Limits().tip
    """A tip up to this, in minor units, is never asked for again."""
    tipRate: Annotated[int, *whole_number(0, 1_000_000)] = Limits().tip_rate
    """A tip above `tip` is, if it is more than this part of what the order comes to, in hundredths of a
    percent: 50% is 5000.
    """
    quantity: Annotated[int, *whole_number(1, LARGEST_COUNT)] = Limits().quantity
    """The most of an item, a sub-item or a modifier."""
    covers: Covers = Limits().covers
    """The most guests."""
    daysAhead: Annotated[int, *whole_number(0, 36_500)] = Limits().days_ahead
    """The most days from now to a time. What is more than a day ago, and a stay of more than a day, are
    asked for again too.
    """


class Profile(ClosedRequest):
    """The venue: what bills print of it and what its rules need."""

    name: Name
    """The venue's name."""
    addressLines: list[Name] = Field(default_factory=list, max_length=10)
    """The venue's address without the postcode, line by line."""
    postcode: Annotated[str, *line(20)] | None = None
    """The postcode."""
    phoneNumber: Annotated[str, *line(50)] | None = None
    """The telephone number that bills print."""
    emailAddress: Annotated[str, *line(254)] | None = None
    """The email address that bills print."""
    taxNumber: Annotated[str, *line(50)] | None = None
    """The VAT registration number. Without it, receipts do not mention VAT."""
    website: Annotated[str, *line(200)] | None = None
    """The web address that bills print."""
    billMessage: Annotated[str, *line(500)] | None = None
    """A text for guests at the end of bills."""
    currency: Annotated[Literal["GBP", "EUR"], Wording("must be GBP or EUR")]
    """The venue's only currency. It cannot change after the first order."""
    timeZone: TimeZone
    """The venue's time zone, as an IANA name such as `Europe/London`."""
    closingTime: ClosingTime
    """When one business day ends and the next begins: `HH:MM` in the venue's time zone."""
    accessPolicy: Annotated[Literal["open", "assigned"], Wording("must be open or assigned")]
    """Whose orders, tables and parties a waiter sees. `open`: all. `assigned`: the waiter's own, and
    those that have no waiter.
    """
    acceptsOrders: Flag
    """true: an order from Dojo is accepted at once. false: it is `Submitted` and waits for staff."""
    finalizesPaidTabs: Flag
    """true: a tab that is paid in full is finished at once. false: staff close it."""
    serviceChargeRate: Rate
    """The service charge of a new tab, in hundredths of a percent: 12.5% is 1250."""
    serviceChargeBearsVat: Flag
    """true: the service charge is compulsory and includes VAT at the rates of the items. false: it is
    voluntary and includes no VAT.
    """
    hasDrawerPerDevice: Flag = False
    """true: each device has a cash drawer of its own. false: the venue has one. It stays as it is
    while a day that is not closed has cash in it.
    """
    cashNeedsApproval: Flag = False
    """true: a manager approves what goes into a cash drawer or out of it beside payments, that one is
    opened without a sale, and that one is closed.
    """
    refusesSoldOutOrders: Flag = False
    """true: an order from Dojo with something that has run out is a Conflict. false: it is accepted."""
    limits: ConfirmAbove = Field(default_factory=ConfirmAbove)
    """Above which a till asks again."""


class VenueProfile(Profile):
    """The venue, with the version of its set-up. A property that is not sent is cleared."""

    version: Version
    """The version of the whole set-up, which grows with each change. In a request: the version that the
    change is based on. If the set-up has changed since, the answer is a Conflict.
    """


class ProfileChange(VenueProfile, KeyedRequest):
    """The new profile. A property that is not sent is cleared."""
