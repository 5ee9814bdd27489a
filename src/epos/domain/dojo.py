"""How a venue speaks with Dojo, and what it announces there."""

from dataclasses import dataclass, field
from enum import StrEnum


class Transport(StrEnum):
    """How Dojo's calls reach this server."""

    WEBSOCKET = "websocket"
    REST = "rest"


class Entity(StrEnum):
    """What Dojo is told has changed."""

    ORDER = "order"
    PARTY = "party"
    RESERVATION = "reservation"


class CheckState(StrEnum):
    """What Dojo's own record of a payment says. A payment that nobody checked has none."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """Dojo has not answered yet; a job asks again."""
    DISPUTED = "disputed"
    """Dojo's record disagrees, and the payment had been accepted: staff must look."""


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
    """None when the environment has the key."""


@dataclass(frozen=True, slots=True)
class Access:
    """A link with the key that opens it."""

    link: DojoLink
    api_key: str = field(repr=False)
