"""Payments held against Dojo's own record before they are recorded, where the venue wants that."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from epos.domain.dojo import CheckState
from epos.domain.payment_checks import KnownPayment, disagreement
from epos.domain.payment_rules import Payment
from epos.services.source_of_truth import SourceOfTruth
from epos.store.venue_store import VenueStore

FIRST_CHECK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What Dojo said of these intents before any lock was taken; None where it said nothing in time."""

    answers: Mapping[str, KnownPayment | None]

    def contradiction(
        self, intent_id: str, payment: Payment, order_ids: Collection[str]
    ) -> str | None:
        """What Dojo's record has against the payment. `order_ids`: whatever the order is known by."""
        known = self.answers.get(intent_id)
        return None if known is None else disagreement(known, payment, order_ids)

    async def keep(self, store: VenueStore, payment_id: str, intent_id: str) -> None:
        """Beside the ledger row: Dojo agreed, or is to be asked again. Nothing if it was not asked."""
        if intent_id not in self.answers:
            return
        known = self.answers[intent_id] is not None
        state = CheckState.VERIFIED if known else CheckState.UNVERIFIED
        await store.checks.set(payment_id, state, None, None if known else FIRST_CHECK_SECONDS)


NOT_ASKED = Asked({})


async def ask(source: SourceOfTruth, venue_id: str, intent_ids: Iterable[str]) -> Asked:
    """About all of them at once, so that it takes no longer than about one."""
    wanted = list(intent_ids)
    answers = await asyncio.gather(*(source.look_up(venue_id, one) for one in wanted))
    return Asked(dict(zip(wanted, answers, strict=True)))
