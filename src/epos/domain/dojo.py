"""The link of a venue to Dojo, and what is announced there."""

from dataclasses import dataclass, field
from enum import StrEnum


class Transport(StrEnum):
    """How Dojo's calls reach this server."""

    WEBSOCKET = "websocket"
    REST = "rest"


class Entity(StrEnum):
    """What has changed, in an event to Dojo."""

    ORDER = "order"
    PARTY = "party"
    RESERVATION = "reservation"


class CheckState(StrEnum):
    """Whether Dojo's own record agrees with a payment. A payment that was not checked has no state."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """Dojo has not answered yet; a job asks again."""
    DISPUTED = "disputed"
    """Dojo's record disagrees with a payment that was accepted: staff must decide."""


@dataclass(frozen=True, slots=True)
class DojoLink:
    """A venue's connection to Dojo, without its key."""

    venue_id: str
    transport: Transport
    software_house_id: str
    api_url: str
    ws_url: str
    reseller_id: str | None = None
    public_url: str | None = None
    verifies_payments: bool = False
    api_key_sealed: str | None = field(default=None, repr=False)
    """None when the key is in the environment."""


@dataclass(frozen=True, slots=True)
class Access:
    """A link with its API key."""

    link: DojoLink
    api_key: str = field(repr=False)
