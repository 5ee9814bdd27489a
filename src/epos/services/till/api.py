"""The services that the till's API calls."""

from dataclasses import dataclass

from epos.services.till.profile import Profile
from epos.services.till.staff import Staff


@dataclass(frozen=True, slots=True)
class TillServices:
    staff: Staff
    profile: Profile
