"""A manager's word for what staff may not do alone."""

from epos.domain.requester import Requester
from epos.services.till.pins import Pins
from epos.till_contract.staff import Approval


class Approvals:
    def __init__(self, pins: Pins) -> None:
        self._pins = pins

    async def given(self, requester: Requester, approval: Approval | None) -> str | None:
        """The manager who approved, if one did. Raises as `check`."""
        return None if approval is None else await self.check(requester, approval)

    async def check(self, requester: Requester, approval: Approval) -> str:
        """The manager's waiter id. Before the unit of work that it approves, never inside.

        Raises Forbidden, in the same words whether the waiter, the PIN or the manager mark is wrong,
        and TooManyAttempts.
        """
        manager = await self._pins.check(
            requester, approval.waiterId, approval.pin, must_be_manager=True
        )
        return manager.id
