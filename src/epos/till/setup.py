"""Set-up: the venue as its manager describes it."""

from collections.abc import Iterator

from epos.services.till.api import TillServices
from epos.till.operation import ADMIN, TILL_AND_ADMIN, TillOperation
from epos.till_contract.setup import VenueProfile

_TAG = "Set-up"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield TillOperation(
        name="get-profile",
        http_method="GET",
        path="/till/v1/profile",
        summary="The venue's profile",
        tag=_TAG,
        handler=lambda call: services.profiles.get(call.requester),
        roles=TILL_AND_ADMIN,
        response=VenueProfile,
    )
    yield TillOperation(
        name="change-profile",
        http_method="PUT",
        path="/till/v1/profile",
        summary="Change the profile: what is sent is set, what is not is cleared",
        tag=_TAG,
        handler=lambda call: services.profiles.change(call.body, call.requester),
        roles=ADMIN,
        request=VenueProfile,
        response=VenueProfile,
    )
