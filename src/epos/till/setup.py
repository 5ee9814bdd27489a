"""Set-up: the venue as its manager describes it."""

from collections.abc import Iterator, Mapping

from epos.domain.errors import InvalidRequest
from epos.services.till.api import TillServices
from epos.till.operation import ADMIN, TILL_AND_ADMIN, TillOperation
from epos.till_contract.layout import Layout, read_layout
from epos.till_contract.profile import VenueProfile

_TAG = "Set-up"
_MOST_DIGITS = 10


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
    yield TillOperation(
        name="get-layout",
        http_method="GET",
        path="/till/v1/layout",
        summary="The whole set-up as one document",
        tag=_TAG,
        handler=lambda call: services.layouts.get(call.requester),
        roles=ADMIN,
        response=Layout,
    )
    yield TillOperation(
        name="replace-layout",
        http_method="PUT",
        path="/till/v1/layout",
        summary="The whole set-up from one document; what it leaves out is removed",
        tag=_TAG,
        handler=lambda call: services.layouts.replace(
            call.body, call.requester, _version(call.query)
        ),
        roles=ADMIN,
        request=Layout,
        read=read_layout,
        response=Layout,
        query={"version": "The version of the set-up that must still be there; unset: any."},
    )


def _version(query: Mapping[str, str]) -> int | None:
    text = query.get("version")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise InvalidRequest("query version", "must be a whole number")
    return int(text)
