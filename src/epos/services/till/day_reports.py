"""The report of a business day, from what the journal adds up to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.days import (
    CashDrawer,
    CategorySales,
    DayReport,
    DojoSales,
    DojoVat,
    EndedPayment,
    OpenOrder,
    OpenOrders,
    PartialRefund,
    RateVat,
    Reconciliation,
    ServiceCharge,
    Takings,
    VoidItems,
    WaiterShare,
)

_MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closes the day when, and the cash that was counted."""

    at: datetime
    by: str
    counted_cash: int | None


async def report(
    store: VenueStore, day: date, opening_float: int, closing: Closing | None = None
) -> DayReport:
    """The day as it is now. Call it in a snapshot, or with the day taken."""
    figures = store.day_figures
    venue = await store.venue.profile()
    sales = _Sales(await figures.sales(day))
    takings = [_takings(row) for row in await figures.takings(day)]
    served = await figures.served(day)
    return DayReport.model_construct(
        day=day,
        timeZone=venue.time_zone,
        currency=venue.currency,
        isClosed=closing is not None,
        closedAt=closing.at if closing else None,
        closedBy=closing.by if closing else None,
        orders=served["orders"],
        covers=served["covers"],
        sales=sales.total,
        categories=sales.categories,
        dojoOrders=sales.dojo_orders,
        serviceCharge=sales.service_charge,
        vat=sales.vat,
        voids=sales.voids,
        takings=takings,
        waiters=[_waiter(row) for row in await figures.waiters(day)],
        endedPayments=[_ended(row) for row in await figures.ended(day)],
        partialRefunds=[_partial_refund(row) for row in await figures.partly_refunded(day)],
        cash=_cash(takings, opening_float, closing.counted_cash if closing else None),
        openOrders=_open_orders(await figures.open_orders(_MOST_LISTED)),
        reconciliation=_reconciliation(await figures.balance(day), await figures.ledger(day)),
    )


class _Sales:
    """The day's sales, which come by kind, category and VAT rate."""

    def __init__(self, rows: Iterable[Record]) -> None:
        self._rows: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            self._rows[row["kind"]].append(row)

    def _sum(self, kind: str) -> int:
        return sum(row["amount"] for row in self._rows[kind])

    @property
    def total(self) -> int:
        return sum(map(self._sum, ("item", "order", "discount", "service_charge")))

    @property
    def categories(self) -> list[CategorySales]:
        items = {(row["category"], row["vat_rate"]): row for row in self._rows["item"]}
        off = {(row["category"], row["vat_rate"]): row["amount"] for row in self._rows["discount"]}
        return [_category(key, items.get(key), off.get(key, 0)) for key in sorted({*items, *off})]

    @property
    def dojo_orders(self) -> DojoSales:
        return DojoSales.model_construct(
            orders=sum(row["count"] for row in self._rows["order"]),
            amount=self._sum("order"),
            vat=[
                DojoVat.model_construct(vatRate=row["vat_rate"], vat=row["amount"])
                for row in self._rows["order_vat"]
            ],
        )

    @property
    def service_charge(self) -> list[ServiceCharge]:
        return [
            ServiceCharge.model_construct(vatRate=row["vat_rate"], amount=row["amount"])
            for row in self._rows["service_charge"]
        ]

    @property
    def vat(self) -> list[RateVat]:
        """Highest rate first."""
        gross: dict[int, int] = defaultdict(int)
        vat: dict[int, int] = defaultdict(int)
        for kind in ("item", "discount", "service_charge"):
            for row in self._rows[kind]:
                if row["vat_rate"] is not None:
                    gross[row["vat_rate"]] += row["amount"]
        for row in self._rows["vat"]:
            vat[row["vat_rate"]] += row["amount"]
        return [
            RateVat.model_construct(
                vatRate=rate, gross=gross[rate], vat=vat[rate], net=gross[rate] - vat[rate]
            )
            for rate in sorted({*gross, *vat}, reverse=True)
        ]

    @property
    def voids(self) -> list[VoidItems]:
        return [
            VoidItems.model_construct(
                category=row["category"],
                vatRate=row["vat_rate"],
                count=row["count"],
                amount=row["amount"],
            )
            for row in self._rows["void"]
        ]


def _category(key: tuple[str, int], sold: Record | None, off: int) -> CategorySales:
    category, vat_rate = key
    amount, count = (sold["amount"], sold["count"]) if sold else (0, 0)
    return CategorySales.model_construct(
        category=category,
        vatRate=vat_rate,
        count=count,
        items=amount,
        discounts=off,
        net=amount + off,
    )


def _takings(row: Record) -> Takings:
    return Takings.model_construct(
        source=row["source"],
        method=row["method"],
        payments=row["payments"],
        paid=row["paid"],
        tips=row["tips"],
        ended=row["ended"],
        paidBack=row["paid_back"],
        tipsBack=row["tips_back"],
        total=row["paid"] + row["tips"] - row["paid_back"] - row["tips_back"],
        partlyRefunded=row["partly_refunded"],
    )


def _waiter(row: Record) -> WaiterShare:
    return WaiterShare.model_construct(
        waiterId=row["waiter_id"],
        name=row["name"],
        tips=row["tips"],
        serviceCharge=row["service_charge"],
    )


def _ended(row: Record) -> EndedPayment:
    return EndedPayment.model_construct(
        paymentId=row["payment_id"],
        orderId=row["order_id"],
        source=row["source"],
        method=row["method"],
        status=row["status"],
        paid=row["paid"],
        tips=row["tips"],
        ofDay=row["of_day"],
        at=row["at"],
        reason=row["reason"],
        by=row["approved_by"],
    )


def _partial_refund(row: Record) -> PartialRefund:
    return PartialRefund.model_construct(
        paymentId=row["payment_id"],
        orderId=row["order_id"],
        amount=row["amount"],
        ofDay=row["of_day"],
        at=row["at"],
    )


def _cash(takings: Iterable[Takings], opening_float: int, counted: int | None) -> CashDrawer:
    cash = [row for row in takings if row.source == "cash"]
    taken = sum(row.paid + row.tips for row in cash)
    given_back = sum(row.paidBack + row.tipsBack for row in cash)
    expected = opening_float + taken - given_back
    return CashDrawer.model_construct(
        openingFloat=opening_float,
        taken=taken,
        givenBack=given_back,
        expected=expected,
        counted=counted,
        difference=None if counted is None else counted - expected,
    )


def _open_orders(rows: list[Record]) -> OpenOrders:
    return OpenOrders.model_construct(
        count=rows[0]["how_many"] if rows else 0,
        orders=[
            OpenOrder.model_construct(
                id=row["id"],
                origin=row["origin"],
                reference=row["reference"],
                status=row["status"],
                balance=row["owed"],
            )
            for row in rows
        ],
    )


def _reconciliation(balance: Record, ledger: Record) -> Reconciliation:
    owed_at_end = balance["owed_at_start"] + balance["sales"] - balance["takings"]
    return Reconciliation.model_construct(
        owedAtStart=balance["owed_at_start"],
        sales=balance["sales"],
        takings=balance["takings"],
        owedAtEnd=owed_at_end,
        since=balance["since"],
        ordersOwe=balance["orders_owe"],
        difference=balance["orders_owe"] - owed_at_end - balance["since"],
        ledgerDifference=ledger["counting"] - ledger["journaled"],
    )
