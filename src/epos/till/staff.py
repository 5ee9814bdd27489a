"""Who works at the till."""

from collections.abc import Iterator
from functools import partial

from epos.services.till.api import TillServices
from epos.services.till.staff import Staff
from epos.till.operation import ADMIN, TILL, TILL_AND_ADMIN, TillOperation
from epos.till_contract.staff import NewWaiter, SetPin, SignedIn, SignIn, Waiter, WaiterChange

_operation = partial(TillOperation, tag="Staff", roles=ADMIN)
_PATH, _ONE = "/till/v1/waiters", "/till/v1/waiters/{waiterId}"


def operations(services: TillServices) -> Iterator[TillOperation]:
    yield from _reading(services.staff)
    yield from _changes(services.staff)


def _reading(staff: Staff) -> Iterator[TillOperation]:
    yield _operation(
        name="sign-in",
        http_method="POST",
        path="/till/v1/sign-in",
        summary="The waiter whose PIN it is; whoever guesses is slowed (429 with `Retry-After`)",
        roles=TILL,
        handler=lambda call: staff.sign_in(call.body, call.requester),
        request=SignIn,
        response=SignedIn,
    )
    yield _operation(
        name="list-waiters",
        http_method="GET",
        path=_PATH,
        summary="All waiters, by name",
        roles=TILL_AND_ADMIN,
        handler=lambda call: staff.list(call.requester),
        response=list[Waiter],
    )


def _changes(staff: Staff) -> Iterator[TillOperation]:
    yield _operation(
        name="create-waiter",
        http_method="POST",
        path=_PATH,
        summary="A new waiter; an id that was removed comes back, without its PIN",
        handler=lambda call: staff.create(call.body, call.requester),
        request=NewWaiter,
        response=Waiter,
    )
    yield _operation(
        name="change-waiter",
        http_method="PUT",
        path=_ONE,
        summary="Change a waiter; the PIN stays",
        handler=lambda call: staff.change(call.ids["waiterId"], call.body, call.requester),
        request=WaiterChange,
        response=Waiter,
    )
    yield _operation(
        name="remove-waiter",
        http_method="DELETE",
        path=_ONE,
        summary="Remove a waiter, with the PIN and all assignments",
        handler=lambda call: staff.remove(call.ids["waiterId"], call.requester),
    )
    yield _operation(
        name="set-pin",
        http_method="PUT",
        path=f"{_ONE}/pin",
        summary="Give a waiter a PIN, instead of the one before",
        handler=lambda call: staff.set_pin(call.ids["waiterId"], call.body, call.requester),
        request=SetPin,
        response=Waiter,
    )
