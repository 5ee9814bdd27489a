"""Enter a payment that a till took: the ledger row, the order's sums and the audit entry."""

from epos.domain.identifiers import Identifiers
from epos.domain.payments import PaymentStatus
from epos.services.ledger import add_to_order
from epos.services.till.unit_of_work import LockedOrder


async def enter_payment(
    locked: LockedOrder,
    identifiers: Identifiers,
    *,
    source: str,
    method: str | None,
    paid: int,
    tips: int,
    tendered: int | None = None,
    voucher_id: str | None = None,
) -> str:
    """The id of the payment. `tendered`: the cash that was handed over, if it was not the exact sum."""
    payment_id = identifiers.new("pay")
    exact = paid + tips if source == "cash" else None
    await locked.store.payments.insert(
        locked.write.requester,
        id=payment_id,
        order_id=locked.order.id,
        source=source,
        method=method,
        voucher_id=voucher_id,
        payment_intent_id=None,
        paid_amount=paid,
        tips_amount=tips,
        tendered_amount=tendered or exact,
        status=PaymentStatus.RECORDED,
        recorded_at=locked.now,
    )
    await locked.audit(
        "payment.taken",
        payment=payment_id,
        source=source,
        method=method,
        paid=paid,
        tips=tips,
        tendered=tendered,
        approved_by=locked.write.approved_by,
    )
    await add_to_order(
        locked.store,
        locked.order,
        paid,
        tips,
        locked.now,
        finalizes_paid_tabs=locked.context.finalizes_paid_tabs,
    )
    return payment_id
