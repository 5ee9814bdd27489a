"""The venue itself."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from epos.contract.base import ClosedRequest, Flag, Wording, violation
from epos.domain.venue import TIME_ZONE_RULE, is_time_zone
from epos.till_contract.base import Name, Rate, Version, line


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


class Profile(ClosedRequest):
    """The venue as its bills print it and its rules need it."""

    name: Name
    addressLines: list[Name] = Field(default_factory=list, max_length=10)
    postcode: Annotated[str, *line(20)] | None = None
    phoneNumber: Annotated[str, *line(50)] | None = None
    emailAddress: Annotated[str, *line(254)] | None = None
    taxNumber: Annotated[str, *line(50)] | None = None
    """VAT registration number."""
    website: Annotated[str, *line(200)] | None = None
    billMessage: Annotated[str, *line(500)] | None = None
    currency: Annotated[Literal["GBP", "EUR"], Wording("must be GBP or EUR")]
    """With the venue's first order it is settled."""
    timeZone: TimeZone
    """IANA name."""
    closingTime: ClosingTime
    """`HH:MM` in the venue's zone: when one business day ends and the next begins."""
    accessPolicy: Annotated[Literal["open", "assigned"], Wording("must be open or assigned")]
    acceptsOrders: Flag
    """Whether an order that Dojo sends is accepted at once, or waits for staff as Submitted."""
    finalizesPaidTabs: Flag
    """Whether a tab that is paid in full closes by itself."""
    serviceChargeRate: Rate
    """Hundredths of a percent; what a new tab starts with."""
    serviceChargeBearsVat: Flag
    """A compulsory charge bears its items' VAT, a voluntary one none."""


class VenueProfile(Profile):
    """The profile, and which one it is: a change sets what it has and clears what it has not."""

    version: Version
    """Counts the changes of the whole set-up; a change carries the one that it saw."""
