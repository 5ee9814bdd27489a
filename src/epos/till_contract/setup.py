"""The set-up of a venue."""

from epos.contract.base import Answer


class VenueProfile(Answer):
    """The venue as its bills print it and its rules need it."""

    version: int
    """Counts the changes of the set-up; a change carries the one that it saw."""
    name: str
    addressLines: list[str]
    postcode: str | None = None
    phoneNumber: str | None = None
    emailAddress: str | None = None
    taxNumber: str | None = None
    """VAT registration number."""
    website: str | None = None
    billMessage: str | None = None
    currency: str
    timeZone: str
    """IANA name."""
    closingTime: str
    """`HH:MM` in the venue's zone: when one business day ends and the next begins."""
    accessPolicy: str
    acceptsOrders: bool
    """Whether an order that Dojo sends is accepted at once, or waits for staff as Submitted."""
    finalizesPaidTabs: bool
    """Whether a tab that is paid in full closes by itself."""
    serviceChargeRate: int
    """Hundredths of a percent; what a new tab starts with."""
    serviceChargeBearsVat: bool
    """A compulsory charge bears its items' VAT, a voluntary one none."""
