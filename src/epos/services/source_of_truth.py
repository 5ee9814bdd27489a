"""Ask Dojo what became of a payment, before the payment is recorded here."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from epos.domain.dojo import CheckState
from epos.domain.payment_checks import KnownPayment, disagreement
from epos.domain.payment_rules import CardPayment
from epos.store.venue_store import VenueStore

FIRST_CHECK_SECONDS = 5.0


class SourceOfTruth(Protocol):
    """Knows what became of a payment: Dojo, if the venue has a key for its API. Never asked inside a
    transaction.
    """

    async def can_be_asked(self, venue_id: str) -> bool: ...

    async def verifies(self, venue_id: str) -> bool:
        """Whether the venue wants its payments checked before they are recorded."""
        ...

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        """None when there is no answer in time, or none that says anything."""
        ...


class NoSourceOfTruth:
    """For a server without a link to Dojo."""

    async def can_be_asked(self, venue_id: str) -> bool:
        return False

    async def verifies(self, venue_id: str) -> bool:
        return False

    async def look_up(self, venue_id: str, intent_id: str) -> KnownPayment | None:
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """Dojo's answers about these intents, from before any lock; None where it did not answer in time."""

    answers: Mapping[str, KnownPayment | None]

    def contradiction(
        self, intent_id: str, payment: CardPayment, order_ids: Collection[str]
    ) -> str | None:
        """What Dojo's record contradicts in the payment, or None. `order_ids`: every id of the order."""
        known = self.answers.get(intent_id)
        return None if known is None else disagreement(known, payment, order_ids)

    def waiter_of(self, intent_id: str) -> str | None:
        """The waiter whom Dojo's record names."""
        known = self.answers.get(intent_id)
        return None if known is None else known.waiter_id

    async def keep(self, store: VenueStore, payment_id: str, intent_id: str) -> None:
        """Store beside the ledger row that Dojo agreed, or that it must be asked again."""
        if intent_id not in self.answers:
            return
        known = self.answers[intent_id]
        state = CheckState.UNVERIFIED if known is None else CheckState.VERIFIED
        again = FIRST_CHECK_SECONDS if known is None else None
        if known is not None and known.refunded:
            again = 0.0  # the job gives back here what Dojo has refunded already
        await store.checks.set(payment_id, state, None, again)


NOT_ASKED = Asked({})


async def ask(source: SourceOfTruth, venue_id: str, intent_ids: Iterable[str]) -> Asked:
    """Ask about all intents at the same time."""
    wanted = list(intent_ids)
    answers = await asyncio.gather(*(source.look_up(venue_id, one) for one in wanted))
    return Asked(dict(zip(wanted, answers, strict=True)))
