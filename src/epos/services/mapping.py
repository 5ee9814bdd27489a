"""Make contract models of rows."""

from typing import Any

from pydantic_core import from_json

from epos.contract.areas import Area
from epos.contract.base import format_time
from epos.contract.orders import Order, OrderType
from epos.contract.parties import Party, PartyDeposit
from epos.contract.reservations import Reservation
from epos.contract.tables import Table
from epos.domain.display import display_name
from epos.domain.order_status import OrderStatus, is_payable
from epos.store.statements import Record

_DINE_IN = (
    ("tableId", "table_id"),
    ("waiterId", "waiter_id"),
    ("partyId", "party_id"),
    ("reservationId", "reservation_id"),
    ("readyAt", "ready_at"),
)
_COLLECTION = (("asap", "asap"), ("collectAt", "collect_at"))


def area(row: Record) -> Area:
    return Area.model_construct(id=row["id"], name=row["name"], waiterIds=row["waiter_ids"] or [])


def table(row: Record) -> Table:
    return Table.model_construct(
        id=row["id"],
        name=row["name"],
        maxCovers=row["max_covers"],
        areaId=row["area_id"],
        waiterIds=row["waiter_ids"] or [],
    )


def money(value: int, currency: str) -> Any:
    """Money as JSON has it: a model for each amount would double the cost of an order."""
    return {"value": value, "currencyCode": currency}


def order(row: Record) -> Order:
    """An order as it is answered: only payments that count, so their sum is `paidAmount`."""
    currency, charge = row["currency"], row["service_charge_amount"]
    status = OrderStatus(row["status"])
    balance = row["total_amount"] - row["paid_amount"]
    return Order.model_construct(
        id=row["id"],
        **_content(row),
        note=row["note"],
        status=status,
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
        totalAmount=money(row["total_amount"], currency),
        payments=_payments(row["payments"], currency),
        payable=is_payable(status, balance=balance, held_by_till=row["is_held"]),
        paidAmount=money(row["paid_amount"], currency),
        serviceChargeAmount=None if charge is None else money(charge, currency),
        reference=row["reference"],
        tipsAmount=money(row["tips_amount"], currency),
        details=_details(row),
        displayName=shown_name(row),
    )


def _content(row: Record) -> dict[str, Any]:
    """What was ordered. A refund that makes the bill smaller is shown as a discount."""
    content: dict[str, Any] = from_json(row["content"])
    if row["refund_amount"]:
        refund = {"name": "Refund", "amountTotal": money(row["refund_amount"], row["currency"])}
        content["discounts"] = [*content.get("discounts", ()), refund]
    return content


def shown_name(row: Record) -> str:
    """The name of the order for guests and staff: the one it was given, else its place and reference."""
    table: str | None = row["table_name"]
    place = "Collection" if row["order_type"] == OrderType.Collection else table
    given: str | None = row["display_name"]
    return given or display_name(place, row["reference"])


def _payments(aggregated: str | None, currency: str) -> list[Any]:
    if aggregated is None:
        return []
    return [
        {
            "paymentIntentId": intent,
            "paidAmount": money(paid, currency),
            "tipsAmount": money(tips, currency),
        }
        for intent, paid, tips, _ in from_json(aggregated)
    ]


def _details(row: Record) -> Any:
    """The member that `orderType` names is always there; the other one only with content."""
    kind = row["order_type"]
    details: dict[str, Any] = {"orderType": kind}
    dine_in = {name: row[column] for name, column in _DINE_IN if row[column] is not None}
    if dine_in or kind == OrderType.DineIn:
        if "readyAt" in dine_in:
            dine_in["readyAt"] = format_time(dine_in["readyAt"])
        details["dineIn"] = dine_in
    collection = {name: row[column] for name, column in _COLLECTION if row[column] is not None}
    if collection or kind == OrderType.Collection:
        if "collectAt" in collection:
            collection["collectAt"] = format_time(collection["collectAt"])
        details["collection"] = collection
    return details


def party(row: Record) -> Party:
    """A party as it is answered, its tables in the order in which they were sent."""
    return Party.model_construct(
        id=row["id"],
        name=row["name"],
        covers=row["covers"],
        tableIds=row["table_ids"],
        status=row["status"],
        startTime=row["start_time"],
        expectedEndTime=row["expected_end_time"],
        endTime=row["end_time"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
        reservationId=row["reservation_id"],
        deposit=_deposit(row),
    )


def _deposit(row: Record) -> PartyDeposit | None:
    if row["deposit_amount"] is None:
        return None
    return PartyDeposit.model_construct(
        totalAmount=money(row["deposit_amount"], row["deposit_currency"]),
        description=row["deposit_description"],
        paymentIntentIds=row["deposit_intent_ids"],
    )


def reservation(row: Record) -> Reservation:
    return Reservation.model_construct(
        id=row["id"],
        name=row["name"],
        covers=row["covers"],
        startTime=row["start_time"],
        endTime=row["end_time"],
        tableIds=row["table_ids"],
        hostNotes=row["host_notes"],
        guestRequests=row["guest_requests"],
    )
