"""Vouchers and gift cards: sold as a liability, redeemed as a payment of a tab."""

from epos.domain.cash import MAIN_DRAWER, CashMove
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.identifiers import Identifiers
from epos.domain.limits import refuse_unusual, unusual_voucher
from epos.domain.requester import Requester
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.vouchers import SellVoucher, Voucher


class Vouchers:
    def __init__(self, database: Database, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    async def sell(self, request: SellVoucher, requester: Requester) -> Voucher:
        """A new voucher. Cash for it is paid into the drawer. Raises Conflict for a code that was sold, and
        for an unusual amount that is not confirmed.
        """
        code = request.code or self._identifiers.new("vch")

        async def work(store: VenueStore) -> Voucher:
            refuse_unusual(unusual_voucher("amount", request.amount), confirmed=request.confirm)
            now = await store.days.share_lock()
            sold = await store.vouchers.sell(
                id=code,
                at=now["at"],
                amount=request.amount,
                source=request.type,
                method=request.method,
                waiter_id=requester.waiter_id,
            )
            if not sold:
                raise Conflict(f"The voucher {code} was sold before")
            if request.type == "cash":
                await _pay_in(store, requester, now, request.amount)
            await store.audit.add(
                requester,
                now["at"],
                "voucher.sold",
                code,
                amount=request.amount,
                source=request.type,
                method=request.method,
            )
            return await _voucher(store, code)

        return await self._database.write(requester.venue_id, work)

    async def get(self, code: str, requester: Requester) -> Voucher:
        """What a voucher is still worth. Raises NotFound."""
        async with self._database.read(requester.venue_id) as store:
            return await _voucher(store, code)


async def redeemable(
    store: VenueStore, code: str, tip: int, balance: int, amount: int | None
) -> int:
    """What a voucher pays of a bill: what was asked for, else as much as it can. It stays locked.

    Raises InvalidRequest for one that the venue did not sell, Conflict for more than is left of it.
    """
    left = await store.vouchers.lock(code)
    if left is None:
        raise InvalidRequest("voucher", "is not a voucher of the venue")
    paid = min(balance, left - tip) if amount is None else amount
    if paid <= 0 or paid + tip > left:
        raise Conflict(f"The voucher is worth {left} now")
    return paid


async def _pay_in(store: VenueStore, requester: Requester, now: Record, amount: int) -> None:
    rules = await store.cash.rules()
    await store.cash.add(
        requester,
        now["today"],
        now["at"],
        type=CashMove.PAID_IN,
        drawer=(rules["has_drawer_per_device"] and requester.device_id) or MAIN_DRAWER,
        amount=amount,
        reason="Voucher sold",
        approved_by=None,
    )


async def _voucher(store: VenueStore, code: str) -> Voucher:
    row = await store.vouchers.get(code)
    if row is None:
        raise NotFound("The voucher")
    return Voucher.model_construct(
        code=row["id"],
        amount=row["amount"],
        redeemed=row["redeemed"],
        left=row["amount"] - row["redeemed"],
        soldAt=row["at"],
        soldOn=row["day"],
    )
