"""The tabs of the demo venue, made from its tickets, with their sums and payments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from epos.contract.operation import PAY_AT_TABLE
from epos.contract.orders import OrderStatus, OrderType
from epos.demo.layout import SERVICE_CHARGE_RATE
from epos.demo.opening import Opening
from epos.demo.tickets import Card, Ticket, tickets
from epos.domain.payments import IntentStatus, PaymentSource, PaymentStatus
from epos.domain.tab import Tab
from epos.domain.tab_sums import sums
from epos.services.till.unit_of_work import NewTab, Write, insert_tab, line_rows

_TERMINAL = "tm_sandbox_demo"


async def write(opening: Opening, party_at: Mapping[str, str]) -> None:
    """Write the tabs. `party_at` has the party of each table that a ticket names."""
    for ticket in tickets():
        party_id = None if ticket.table is None else party_at[ticket.table]
        await _write(opening, ticket, party_id)


async def _write(opening: Opening, ticket: Ticket, party_id: str | None) -> None:
    new = await _new(opening, ticket, party_id)
    intents = [opening.identifiers.new("pi_sandbox") for _ in ticket.cards]
    await opening.store.payments.lock_intents(intents)
    await insert_tab(opening.store, new)
    by = Write(new.id, 1, replace(opening.requester, waiter_id=ticket.waiter))
    await opening.store.tabs.save_lines(line_rows(new.id, new.tab, {}, new.now, by))
    paid = _amounts(ticket.cards, sums(new.tab).total)
    for card, amount, intent_id in zip(ticket.cards, paid, intents, strict=True):
        await _pay(opening, new.id, card, amount, intent_id)


async def _new(opening: Opening, ticket: Ticket, party_id: str | None) -> NewTab:
    tab = _tab(opening, ticket)
    opened_at = opening.ago(ticket.opened)
    return NewTab(
        id=opening.identifiers.new("ord"),
        tab=tab,
        now=opened_at,
        order_columns={
            "status": ticket.status,
            "currency": opening.currency,
            "paid_amount": sum(_amounts(ticket.cards, sums(tab).total)),
            "tips_amount": sum(card.tip for card in ticket.cards),
            **_place(opening, ticket),
            "party_id": party_id,
            "display_name": None,
            "reference": await opening.store.orders.new_reference(opening.identifiers),
            "note": ticket.note,
            "created_at": opened_at,
            "updated_at": _last_change(opening, ticket),
        },
        tab_columns={"opened_by": ticket.waiter, "rounds": int(_is_sent(ticket))},
        customer=_customer(ticket),
    )


def _tab(opening: Opening, ticket: Ticket) -> Tab:
    """The kitchen knows of all that is on it, unless the tab is new."""
    sent = 1 if _is_sent(ticket) else None
    return Tab(
        lines=tuple(
            replace(line, id=opening.identifiers.new("lin"), sent_round=sent)
            for line in ticket.items
        ),
        discount=ticket.off,
        service_charge_rate=SERVICE_CHARGE_RATE if ticket.service else 0,
    )


def _is_sent(ticket: Ticket) -> bool:
    return ticket.status is not OrderStatus.New


def _customer(ticket: Ticket) -> dict[str, Any] | None:
    customer = ticket.customer
    return None if customer is None else customer.model_dump(mode="json", exclude_none=True)


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


def _last_change(opening: Opening, ticket: Ticket) -> datetime:
    return opening.ago(min([ticket.opened, *(card.ago for card in ticket.cards)]))


async def _pay(opening: Opening, order_id: str, card: Card, amount: int, intent_id: str) -> None:
    await opening.store.payments.set_intent_status(intent_id, IntentStatus.CAPTURED)
    terminal = replace(opening.requester, device_id=_TERMINAL, product=PAY_AT_TABLE)
    await opening.store.payments.insert(
        terminal,
        id=opening.identifiers.new("pay"),
        order_id=order_id,
        source=PaymentSource.DOJO,
        payment_intent_id=intent_id,
        paid_amount=amount,
        tips_amount=card.tip,
        status=PaymentStatus.CAPTURED,
        recorded_at=opening.ago(card.ago),
    )
