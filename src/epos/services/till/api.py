"""The services that the till's API calls."""

from dataclasses import dataclass

from epos.services.till.profile import Profile


@dataclass(frozen=True, slots=True)
class TillServices:
    profile: Profile
