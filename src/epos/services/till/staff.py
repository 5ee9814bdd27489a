"""Waiters at the till."""

from epos.domain.requester import Requester
from epos.services.till.pins import Pins
from epos.till_contract.staff import SignedIn, SignIn


class Staff:
    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    async def sign_in(self, request: SignIn, requester: Requester) -> SignedIn:
        """The waiter. Raises Forbidden or TooManyAttempts."""
        waiter = await self._pins.check(requester, request.waiterId, request.pin)
        return SignedIn.model_construct(id=waiter.id, name=waiter.name, isManager=waiter.is_manager)
