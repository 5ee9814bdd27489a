"""Who works at the till."""

from collections.abc import Iterator

from epos.services.till.api import TillServices
from epos.till.operation import TillOperation
from epos.till_contract.staff import SignedIn, SignIn


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield TillOperation(
        name="sign-in",
        http_method="POST",
        path="/till/v1/sign-in",
        summary="The waiter whose PIN it is; whoever guesses is slowed (429 with `Retry-After`)",
        tag="Staff",
        handler=lambda call: services.staff.sign_in(call.body, call.requester),
        request=SignIn,
        response=SignedIn,
    )
