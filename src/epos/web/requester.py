"""Who asks, as an endpoint takes it. The middleware reads the headers; here they are described."""

from typing import Annotated

from fastapi import Depends, Header

from epos.contract.base import Id
from epos.domain.credentials import Role
from epos.domain.requester import REQUESTER_HEADERS, Requester
from epos.web.contract_route import Opens

_NAMES = {header.field: header.http for header in REQUESTER_HEADERS}

WaiterId = Annotated[
    Id | None,
    Header(
        alias=_NAMES["waiter_id"],
        description="The waiter who makes the request, if known.",
        examples=["42"],
    ),
]
DojoRequestingProduct = Annotated[
    Id | None,
    Header(
        alias=_NAMES["product"],
        description="The Dojo product that makes the request, if known.",
        examples=["Order&Pay"],
    ),
]
DeviceId = Annotated[
    Id | None,
    Header(
        alias=_NAMES["device_id"],
        description="The device that makes the request, if known.",
        examples=["tm_sandbox_65c5fe8a104a1222b2d8b968"],
    ),
]
DeviceType = Annotated[
    Id | None,
    Header(
        alias=_NAMES["device_type"],
        description="The kind of device that makes the request, if known.",
        examples=["Dojo Terminal"],
    ),
]


def requester_headers(
    waiter_id: WaiterId = None,
    product: DojoRequestingProduct = None,
    device_id: DeviceId = None,
    device_type: DeviceType = None,
) -> None:
    """Never called: `ContractRoute` takes the requester that the middleware made of these headers."""


DojoRequester = Annotated[Requester, Depends(requester_headers), Opens(Role.DOJO)]
TillRequester = Annotated[Requester, Depends(requester_headers), Opens(Role.TILL)]
AdminRequester = Annotated[Requester, Depends(requester_headers), Opens(Role.ADMIN)]
StaffRequester = Annotated[Requester, Depends(requester_headers), Opens(Role.TILL, Role.ADMIN)]
