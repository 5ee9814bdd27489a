"""Ask Dojo again about what it has not answered yet: payments to verify, and amounts of refunds."""

import asyncio

import structlog

from epos.domain.backoff import Backoff
from epos.domain.credentials import SystemActor
from epos.domain.errors import EposError
from epos.domain.identifiers import Identifiers
from epos.domain.requester import Requester
from epos.services.events import Events
from epos.services.payment_checks import PaymentChecks
from epos.services.source_of_truth import SourceOfTruth
from epos.store.statements import Record

_POLL_SECONDS = 2.0
PATIENCE = Backoff(first=2.0, longest=3600.0)
_log = structlog.get_logger("epos.dojo")


class PaymentJob:
    """The job of one venue, in the process that has its lease."""

    def __init__(
        self,
        source: SourceOfTruth,
        checks: PaymentChecks,
        events: Events,
        identifiers: Identifiers,
        venue_id: str,
    ) -> None:
        self._source = source
        self._checks = checks
        self._events = events
        self._identifiers = identifiers
        self._venue_id = venue_id

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                await self.round()
            except EposError as error:
                _log.warning("payments unchecked", venue=self._venue_id, cause=error.message)
            await asyncio.sleep(_POLL_SECONDS)

    async def round(self) -> None:
        """Ask about everything that is due."""
        for payment in await self._checks.due(self._venue_id):
            await self._check(payment)
        for refund in await self._checks.refunds_due(self._venue_id):
            await self._settle(refund)

    async def _check(self, payment: Record) -> None:
        known = await self._source.look_up(self._venue_id, payment["intent_id"])
        if known is None or self._checks.has_only_ended(payment, known):
            note = f"Dojo has the payment as {known.status}" if known else None
            wait = None if payment["is_old"] else PATIENCE.seconds(payment["attempts"])
            await self._checks.postpone(payment, note, wait, self._venue_id)
            return
        reason = await self._checks.settle(payment, known, self._requester())
        if reason is not None:
            _log.warning(
                "a recorded payment is disputed",
                venue=self._venue_id,
                payment=payment["id"],
                order=payment["order_id"],
                reason=reason,
            )

    async def _settle(self, refund: Record) -> None:
        known = await self._source.look_up(self._venue_id, refund["intent_id"])
        answer = known if known is not None and known.shows_refund else None
        is_settled = False
        if answer is not None or refund["is_old"]:
            requester = self._requester()
            is_settled = await self._events.settle_refund(refund["id"], answer, requester)
        if not is_settled:
            wait = None if refund["is_old"] else PATIENCE.seconds(refund["attempts"] + 1)
            await self._checks.postpone_refund(refund["id"], wait, self._venue_id)

    def _requester(self) -> Requester:
        return Requester(self._venue_id, SystemActor.DOJO_LINK, self._identifiers.trace_id())
