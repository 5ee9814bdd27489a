"""The tabs of the demo venue, from its tickets: added up, written, and paid as far as they are."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from epos.contract.content import Discount, TaxLine
from epos.contract.operation import PAY_AT_TABLE
from epos.contract.orders import OrderType
from epos.demo.menu import price
from epos.demo.opening import Opening
from epos.demo.sums import VAT, Sums, sums
from epos.demo.tickets import Card, Ticket, tickets
from epos.domain.payments import IntentStatus, PaymentSource, PaymentStatus
from epos.domain.splits import share

_TERMINAL = "tm_sandbox_demo"


async def write(opening: Opening, party_at: Mapping[str, str]) -> None:
    """`party_at` has the party of each table that a ticket names."""
    for ticket in tickets():
        party_id = None if ticket.table is None else party_at[ticket.table]
        await _write(opening, ticket, party_id)


async def _write(opening: Opening, ticket: Ticket, party_id: str | None) -> None:
    discounts = _discounts(ticket)
    added = sums(ticket.items, discounts, service=ticket.service)
    amounts = _amounts(ticket.cards, added.total)
    order_id = opening.identifiers.new("ord")
    intents = [opening.identifiers.new("pi_sandbox") for _ in ticket.cards]
    await opening.store.payments.lock_intents(intents)
    await opening.store.orders.insert(
        id=order_id,
        origin="till",
        dojo_order_id=None,
        fingerprint=None,
        status=ticket.status,
        currency=opening.currency,
        total_amount=added.total,
        service_charge_amount=added.service if ticket.service else None,
        paid_amount=sum(amounts),
        tips_amount=sum(card.tip for card in ticket.cards),
        **_place(opening, ticket),
        party_id=party_id,
        reservation_id=None,
        ready_at=None,
        display_name=None,
        reference=await _reference(opening),
        reference_is_ours=True,
        note=ticket.note,
        content=_content(ticket, discounts, added),
        created_at=opening.ago(ticket.opened),
        updated_at=_last_change(opening, ticket),
    )
    for position, card in enumerate(ticket.cards):
        await _pay(opening, order_id, position, card, amounts[position], intents[position])


def _discounts(ticket: Ticket) -> list[Discount]:
    if ticket.off is None:
        return ticket.discounts
    name, percentage = ticket.off
    goods = sums(ticket.items, ticket.discounts, service=False).goods
    whole = Discount(
        name=name, amountPercentage=percentage, amountTotal=price(share(goods, percentage))
    )
    return [*ticket.discounts, whole]


def _amounts(cards: Sequence[Card], total: int) -> list[int]:
    """What each card pays, tips apart; the one without an amount pays what is left."""
    amounts: list[int] = []
    for card in cards:
        amounts.append(total - sum(amounts) if card.amount is None else card.amount)
    return amounts


def _place(opening: Opening, ticket: Ticket) -> dict[str, Any]:
    fetched = ticket.table is None
    asap = ticket.ready_in is None
    at = None if ticket.ready_in is None else opening.now + timedelta(minutes=ticket.ready_in)
    return {
        "order_type": OrderType.Collection if fetched else OrderType.DineIn,
        "table_id": ticket.table,
        "waiter_id": ticket.waiter,
        "asap": asap if fetched else None,
        "collect_at": at,
    }


async def _reference(opening: Opening) -> str:
    attempt = 0
    while await opening.store.orders.is_reference_taken(
        code := opening.identifiers.reference(attempt)
    ):
        attempt += 1
    return code


def _content(ticket: Ticket, discounts: list[Discount], added: Sums) -> str:
    vat = TaxLine(name="VAT 20%, included", amountPercentage=VAT, amountTotal=price(added.vat))
    content: dict[str, Any] = {"items": _json(ticket.items), "taxLines": _json([vat])}
    if discounts:
        content["discounts"] = _json(discounts)
    if ticket.customer is not None:
        (content["customer"],) = _json([ticket.customer])
    return json.dumps(content, ensure_ascii=False)


def _json(models: Sequence[BaseModel]) -> list[Any]:
    return [model.model_dump(mode="json", exclude_none=True) for model in models]


def _last_change(opening: Opening, ticket: Ticket) -> datetime:
    return opening.ago(min([ticket.opened, *(card.ago for card in ticket.cards)]))


async def _pay(
    opening: Opening, order_id: str, position: int, card: Card, amount: int, intent_id: str
) -> None:
    await opening.store.payments.set_intent_status(intent_id, IntentStatus.CAPTURED)
    await opening.store.payments.insert(
        id=opening.identifiers.new("pay"),
        order_id=order_id,
        position=position,
        source=PaymentSource.DOJO,
        payment_intent_id=intent_id,
        paid_amount=amount,
        tips_amount=card.tip,
        status=PaymentStatus.CAPTURED,
        recorded_at=opening.ago(card.ago),
        waiter_id=None,
        device_id=_TERMINAL,
        product=PAY_AT_TABLE,
        credential=opening.requester.credential,
        trace_id=opening.requester.trace_id,
    )
