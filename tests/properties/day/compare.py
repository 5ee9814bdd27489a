"""Holds what the server shows of an order against the model, and learns the server's ids from it."""

from typing import Any

from tests.properties.day.bill import Line
from tests.properties.day.world import Order, Payment

Json = dict[str, Any]


def learn(order: Order, shown: Json) -> None:
    """Ids and version. Lines and payments stand in the same order here and there."""
    order.id, order.seen_version = shown["id"], shown["version"]
    if order.tab is not None:
        for line, told in zip(order.tab.lines, shown["lines"], strict=False):
            line.id = told["id"]
    for payment, told in zip(order.payments, shown["payments"], strict=False):
        payment.id = told["id"]


def differences(order: Order, shown: Json) -> list[str]:
    sums = order.sums
    figures = [
        ("status", order.status, shown["status"]),
        ("waiter", order.waiter, shown.get("waiterId")),
        ("paid", order.paid, shown["paid"]),
        ("tips", order.tips, shown["tips"]),
        (
            "payments",
            [_payment(one) for one in order.payments],
            [_told(one) for one in shown["payments"]],
        ),
    ]
    if order.status != "Canceled":
        figures += [
            ("total", sums.total, shown["total"]),
            ("refunded", sums.back, shown.get("refunded", 0)),
            ("balance", order.balance, shown["balance"]),
        ]
    if order.tab is not None:
        figures += [
            (
                "lines",
                [_line(line, order) for line in order.tab.lines],
                [_told_line(one) for one in shown["lines"]],
            ),
            ("order's discount", sums.order_off, shown.get("discount", {}).get("amount", 0)),
            ("rounds", order.rounds, shown["rounds"]),
        ]
    if order.tab is None and order.content.vat is None and order.status != "Canceled":
        rows = order.sums.rows
        figures += [
            ("unknown VAT", rows["derived", None, None][0], shown.get("unknownVat", 0)),
            (
                "derived taxes",
                [(rate, *tax) for rate, tax in sums.taxes.items() if tax[0]],
                [(tax["vatRate"], tax["gross"], tax["vat"]) for tax in shown["taxes"]],
            ),
        ]
    if order.tab is not None and order.status != "Canceled":
        figures += [
            ("service charge", sums.charge, shown.get("serviceCharge", {}).get("amount", 0)),
            (
                "taxes",
                [(rate, *tax) for rate, tax in sums.taxes.items() if tax[0]],
                [(tax["vatRate"], tax["gross"], tax["vat"]) for tax in shown["taxes"]],
            ),
        ]
    return [
        f"{name}: shown {theirs}, expected {ours}"
        for name, ours, theirs in figures
        if ours != theirs
    ]


def _payment(payment: Payment) -> tuple[Any, ...]:
    left = (payment.paid, payment.tips) if payment.counts else ()
    return payment.source, payment.method, payment.status, payment.back, left


def _told(payment: Json) -> tuple[Any, ...]:
    counts = payment["status"] in ("recorded", "captured")
    left = (payment["paid"], payment["tips"]) if counts else ()
    back = payment.get("refundedAmount", 0)
    return payment["source"], payment.get("method"), payment["status"], back, left


def _line(line: Line, order: Order) -> tuple[Any, ...]:
    assert order.tab is not None
    offs: list[int] = []
    if not line.is_void:
        offs = [sum(row) for row in order.tab.shares().off[line.uid][:-1]]
    total = 0 if line.is_void else line.gross - sum(offs)
    size = line.end - line.start
    part = {"taken": size.numerator, "of": size.denominator} if line.is_part else None
    return line.plu, line.quantity, part, line.is_away, line.round, line.is_void, line.gross, total


def _told_line(line: Json) -> tuple[Any, ...]:
    return (
        line["plu"],
        line["quantity"],
        line.get("part"),
        line["takeaway"],
        line.get("sentRound"),
        "void" in line,
        line["gross"],
        line["total"],
    )
