"""Business days: opened, closed and reported."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from epos.contract.codec import to_wire
from epos.domain.errors import Conflict, InvalidRequest, NotFound
from epos.domain.requester import Requester
from epos.services.till.cash_drawers import (
    close_drawers,
    date_of,
    day_cash,
    refuse_float_after_z,
    refuse_unknown_drawers,
)
from epos.services.till.dojo_sales import dojo_sales
from epos.services.till.incidents import incident
from epos.services.till.staff import Approvals
from epos.store.database import Database
from epos.store.statements import Record
from epos.store.venue_store import VenueStore
from epos.till_contract.days import (
    BusinessDay,
    CategorySales,
    CloseDay,
    DayReport,
    DojoSales,
    EndedPayment,
    OpenDay,
    OpenOrder,
    OpenOrders,
    PartialRefund,
    RateVat,
    ReceiptNumbers,
    Reconciliation,
    ServiceCharge,
    Takings,
    VoidItems,
    WaiterShare,
)
from epos.till_contract.vouchers import VoucherFigures

_MOST_LISTED = 500
_log = structlog.get_logger("epos.days")


@dataclass(frozen=True, slots=True)
class Closing:
    """When the day is closed, by whom, and the cash that was counted."""

    at: datetime
    by: str
    by_name: str | None
    counted_cash: int | None
    """In all drawers, where they were not counted one by one."""
    z_number: int


class Days:
    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals

    async def list(self, requester: Requester) -> list[BusinessDay]:
        """The current day, and the days of the last two months that are not empty, newest first."""
        async with self._database.snapshot(requester.venue_id) as store:
            today = (await store.days.current())["today"]
            return [_business_day(row, today) for row in await store.days.recent(today)]

    async def open(self, request: OpenDay, requester: Requester) -> BusinessDay:
        """Open the current day. Opening it again is no error; raises Conflict for another float, and for a
        day that nobody opened before its drawer was closed.
        """

        async def work(store: VenueStore) -> BusinessDay:
            now = await store.days.share_lock()
            day, waiter_id = now["today"], requester.waiter_id
            if await store.days.get(day) is None:
                await refuse_float_after_z(store, day)
            if await store.days.open(day, now["at"], waiter_id, request.openingFloat):
                details = {"float": request.openingFloat}
                await store.audit.add(requester, now["at"], "day.opened", str(day), **details)
            opened = await store.days.get(day)
            assert opened is not None, "opened by now"  # noqa: S101
            if opened["opening_float"] != request.openingFloat:
                raise Conflict(
                    f"The day {day} was opened with a float of {opened['opening_float']}"
                )
            return _business_day(opened, day)

        return await self._database.write(requester.venue_id, work)

    async def close(self, day_text: str, request: CloseDay, requester: Requester) -> DayReport:
        """Close the day and answer its final report; a closed day answers the same report.

        Raises Conflict for a day that has not begun, or while an earlier one is open, InvalidRequest for a
        counted drawer that nobody has.
        """
        day = date_of(day_text)
        counted_drawers = _counted(request)
        manager = await self._approvals.check(requester, request.approval)

        async def work(store: VenueStore) -> DayReport:
            await store.days.lock_for_close()
            known = await store.days.get(day)
            if known is not None and known["report"] is not None:
                return _frozen(known)
            now = await store.days.current()
            await _refuse_out_of_turn(store, day, now["begun"])
            await refuse_unknown_drawers(store, counted_drawers, requester)
            closing = Closing(
                at=now["at"],
                by=manager,
                by_name=await store.waiters.name(manager),
                counted_cash=None if request.countedDrawers else request.countedCash,
                z_number=await store.days.next_z_number(),
            )
            await close_drawers(
                store, day, closing.at, closing.by, counted_drawers, closing.counted_cash
            )
            closed = await _report(store, day, closing)
            await _keep(store, closed, closing, requester)
            return closed

        closed = await self._database.write(requester.venue_id, work)
        if closed.reconciliation.difference or closed.reconciliation.ledgerDifference:
            _log.error("the books of a day do not agree", venue=requester.venue_id, day=day_text)
        return closed

    async def report(self, day_text: str, requester: Requester) -> DayReport:
        """The final report of a closed day; the report until now of an open one. Raises NotFound for a
        day in the future.
        """
        day = date_of(day_text)
        async with self._database.snapshot(requester.venue_id) as store:
            known = await store.days.get(day)
            if known is not None and known["report"] is not None:
                return _frozen(known)
            is_ahead = day > (await store.days.current())["today"]
            if is_ahead and not await store.days.holds(day):  # the closing time was changed since
                raise NotFound("The business day")
            return await _report(store, day)


def _counted(request: CloseDay) -> dict[str, int]:
    """The cash of each drawer that was counted by itself. Raises InvalidRequest for a drawer that is named
    twice, and for a sum that is not that of the drawers.
    """
    drawers = {row.drawer: row.countedCash for row in request.countedDrawers}
    if len(drawers) < len(request.countedDrawers):
        raise InvalidRequest("countedDrawers", "must not name a drawer twice")
    counted = sum(drawers.values())
    if drawers and request.countedCash not in (None, counted):
        raise InvalidRequest("countedCash", f"must be {counted}, the sum of countedDrawers")
    return drawers


async def _refuse_out_of_turn(store: VenueStore, day: date, begun: date) -> None:
    if day > begun:
        raise Conflict(f"The business day {day} has not begun; it is {begun}")
    earlier = await store.days.unclosed_before(day)
    if earlier is not None:
        raise Conflict(f"The business day {earlier} is open; close it first")


async def _keep(
    store: VenueStore, closed: DayReport, closing: Closing, requester: Requester
) -> None:
    books = closed.reconciliation
    await store.days.close(
        closed.day,
        closing.at,
        by=closing.by,
        counted_cash=closed.cash.counted,
        report=to_wire(closed).decode(),
        owed_at_end=books.owedAtEnd,
        z_number=closing.z_number,
    )
    await store.audit.add(
        requester,
        closing.at,
        "day.closed",
        str(closed.day),
        approved_by=closing.by,
        sales=books.sales,
        takings=books.takings,
        owed=books.owedAtEnd,
        counted=closed.cash.counted,
        z=closing.z_number,
    )


def _frozen(row: Record) -> DayReport:
    """As it was when the day closed; the number is newer than some reports."""
    report = DayReport.model_validate_json(row["report"])
    return report.model_copy(update={"zNumber": row["z_number"]})


def _float(row: Record | None) -> int:
    return 0 if row is None else row["opening_float"] or 0


def _business_day(row: Record, today: date) -> BusinessDay:
    return BusinessDay.model_construct(
        day=row["day"],
        isCurrent=row["day"] == today,
        isClosed=row["closed_at"] is not None,
        openedAt=row["opened_at"],
        openedBy=row["opened_by"],
        openingFloat=_float(row),
        closedAt=row["closed_at"],
        closedBy=row["closed_by"],
        countedCash=row["counted_cash"],
    )


# --- the report -----------------------------------------------------------------------------------


async def _report(store: VenueStore, day: date, closing: Closing | None = None) -> DayReport:
    """The report until now. Call it in a snapshot, or while `lock_for_close` keeps entries away."""
    figures = store.day_figures
    venue = await store.venue.profile()
    sales = _Sales(await figures.sales(day))
    takings = [_takings(row) for row in await figures.takings(day)]
    served = await figures.served(day)
    return DayReport.model_construct(
        day=day,
        zNumber=closing.z_number if closing else None,
        venue=venue.name,
        vatNumber=venue.tax_number,
        timeZone=venue.time_zone,
        currency=venue.currency,
        isClosed=closing is not None,
        closedAt=closing.at if closing else None,
        closedBy=closing.by if closing else None,
        closedByName=closing.by_name if closing else None,
        orders=served["orders"],
        covers=served["covers"],
        sales=sales.total,
        categories=sales.categories,
        dojoOrders=sales.dojo_orders(await figures.other_prices(day, _MOST_LISTED)),
        serviceCharge=sales.service_charge,
        vat=sales.vat,
        voids=sales.voids,
        takings=takings,
        waiters=[_waiter(row) for row in await figures.waiters(day)],
        endedPayments=[_ended(row) for row in await figures.ended(day)],
        partialRefunds=[_partial_refund(row) for row in await figures.partly_refunded(day)],
        incidents=[incident(row) for row in await store.incidents.of_day(day)],
        cash=await day_cash(store, day, closing.counted_cash if closing else None),
        openOrders=_open_orders(await figures.open_orders(_MOST_LISTED)),
        vouchers=VoucherFigures.model_construct(**await store.vouchers.figures(day, day)),
        receipts=ReceiptNumbers.model_construct(**await store.receipts.of_day(day)),
        reconciliation=_reconciliation(await figures.balance(day), await figures.ledger(day)),
    )


class _Sales:
    """The day's sales by kind, category and VAT rate."""

    def __init__(self, rows: Iterable[Record]) -> None:
        self._rows: dict[str, list[Record]] = defaultdict(list)
        for row in rows:
            self._rows[row["kind"]].append(row)

    def _sum(self, kind: str) -> int:
        return sum(row["amount"] for row in self._rows[kind])

    @property
    def total(self) -> int:
        return sum(map(self._sum, ("item", "order", "discount", "refund", "service_charge")))

    @property
    def categories(self) -> list[CategorySales]:
        items = {(row["category"], row["vat_rate"]): row for row in self._rows["item"]}
        off, back = (
            {(row["category"], row["vat_rate"]): row["amount"] for row in self._rows[kind]}
            for kind in ("discount", "refund")
        )
        return [
            _category(key, items.get(key), off.get(key, 0), back.get(key, 0))
            for key in sorted({*items, *off, *back})
        ]

    def dojo_orders(self, other_prices: list[Record]) -> DojoSales:
        return dojo_sales(self._rows, other_prices)

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
        for kind in ("item", "discount", "refund", "service_charge"):
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


def _category(key: tuple[str, int], sold: Record | None, off: int, back: int) -> CategorySales:
    category, vat_rate = key
    amount, count = (sold["amount"], sold["count"]) if sold else (0, 0)
    return CategorySales.model_construct(
        category=category,
        vatRate=vat_rate,
        count=count,
        items=amount,
        discounts=off,
        refunds=back or None,
        net=amount + off + back,
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
        cashTips=row["cash_tips"],
        cardTips=row["card_tips"],
        otherTips=row["other_tips"],
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
        byName=row["approved_by_name"],
    )


def _partial_refund(row: Record) -> PartialRefund:
    return PartialRefund.model_construct(
        paymentId=row["payment_id"],
        orderId=row["order_id"],
        source=row["source"],
        method=row["method"],
        amount=row["amount"],
        ofDay=row["of_day"],
        at=row["at"],
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
