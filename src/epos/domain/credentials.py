"""Credentials: HTTP Basic user names that contain the venue, and secrets stored only as hashes."""

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    DOJO = "dojo"
    TILL = "till"
    ADMIN = "admin"


class SystemActor(StrEnum):
    """Actors in the audit trail where no credential is used. Reserved names."""

    CLI = "cli"
    SERVE = "serve"
    DOJO_LINK = "dojo-link"


@dataclass(frozen=True, slots=True)
class Principal:
    """The venue and the role of a credential."""

    venue_id: str
    credential: str
    role: Role
    is_public: bool = False
    """Whether everybody knows the secret: that of the demo venue."""


def username(venue_id: str, name: str) -> str:
    return f"{venue_id}.{name}"


def split_username(text: str) -> tuple[str, str]:
    """The venue's id and the credential's name; neither can contain a dot."""
    venue_id, _, name = text.partition(".")
    return venue_id, name


def secret_hash(secret: str) -> str:
    """SHA-256 is enough for a secret of 256 random bits; a person's password would need argon2."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, kept_hash: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(secret_hash(secret), kept_hash)
