"""Deposits: what a party paid before it came, counted on its tab as a payment, once."""

from epos.domain.errors import Conflict, InvalidRequest
from epos.domain.identifiers import Identifiers
from epos.domain.order_status import is_open
from epos.domain.payment_rules import too_much
from epos.domain.payments import DEPOSIT, PaymentSource, is_dead
from epos.services.till.payment_entry import enter_payment
from epos.services.till.unit_of_work import LockedOrder, Write, answer, lock_order_for_edit
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.payment_requests import CountDeposit
from epos.till_contract.tabs import Tab


class Deposits:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def count(self, request: CountDeposit, write: Write) -> Tab:
        """The tab with the deposit as a payment, whose method is `deposit`.

        Raises InvalidRequest for a party that does not exist, and Conflict for one without a deposit, for
        a deposit that was counted before or that Dojo gave back, and for more than is left to pay.
        """

        async def work(store: VenueStore) -> Tab:
            party_id = await _party_of(store, request, write)
            # Intents before orders, as everyone locks: an event about them may arrive now.
            seen = await store.parties.answer(party_id)
            intent_ids = [] if seen is None else list(seen["deposit_intent_ids"] or ())
            intents = await store.payments.lock_intents(intent_ids)
            await store.parties.share_lock(party_id)
            locked = await lock_order_for_edit(store, write)
            party = await store.parties.answer(party_id)
            deposit = _deposit(party, locked)
            used_on = await store.deposits.used_on(party_id)
            if used_on is not None:
                raise Conflict(f"The deposit was counted on {used_on}")
            if await store.payments.of_intents(intent_ids):
                raise Conflict("The deposit's payment pays an order already")
            gone = [intent_id for intent_id, intent in intents.items() if is_dead(intent.status)]
            amount = _amount(locked, request, deposit, gone, len(intent_ids))
            payment_id = await enter_payment(
                locked,
                self._identifiers,
                source=PaymentSource.OTHER,
                method=DEPOSIT,
                paid=amount,
                tips=0,
            )
            await store.deposits.use(party_id, payment_id)
            return await answer(store, write.tab_id)

        return await self._database.write(write.requester.venue_id, work)


async def _party_of(store: VenueStore, request: CountDeposit, write: Write) -> str:
    """The party that was named, that came with the reservation, or that has the tab."""
    if request.partyId is not None:
        if await store.parties.answer(request.partyId) is None:
            raise InvalidRequest("partyId", "is not a party of the venue")
        return request.partyId
    if request.reservationId is not None:
        came = await store.parties.came_from([request.reservationId])
        if request.reservationId not in came:
            raise InvalidRequest("reservationId", "has no party yet; seat it first")
        return came[request.reservationId]
    order = await store.orders.answer(write.tab_id)
    party_id: str | None = None if order is None else order["party_id"]
    if party_id is None:
        raise InvalidRequest("partyId", "is required for a tab without a party")
    return party_id


def _deposit(party: Record | None, locked: LockedOrder) -> int:
    if not is_open(locked.status):
        raise Conflict(f"The order is {locked.status}")
    if party is None or not party["deposit_amount"]:
        raise Conflict("The party has no deposit")
    if party["deposit_currency"] != locked.order.currency:
        raise Conflict(f"The deposit is in {party['deposit_currency']}")
    deposit: int = party["deposit_amount"]
    return deposit


def _amount(
    locked: LockedOrder, request: CountDeposit, deposit: int, gone: list[str], intents: int
) -> int:
    """What was asked for, else all of the deposit, at most what is left to pay."""
    if gone and len(gone) == intents:
        raise Conflict("Dojo has given the deposit back")
    if gone and request.amount is None:
        raise Conflict("Dojo has given a part of the deposit back; say the amount that is left")
    balance = locked.order.balance
    if balance <= 0:
        raise Conflict("Nothing is left to pay")
    amount = min(deposit, balance) if request.amount is None else request.amount
    if amount > deposit:
        raise Conflict(f"The deposit is {deposit}, less than {amount}")
    reason = too_much(amount, balance)
    if reason is not None:
        raise Conflict(reason)
    return amount
