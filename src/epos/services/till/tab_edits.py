"""What is on a tab, and its price: lines added, corrected, voided and sent; discounts; service charge."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from epos.contract.orders import OrderType
from epos.domain.identifiers import Identifiers
from epos.domain.incidents import Incident, IncidentKind, discounted, voided
from epos.domain.limits import Limits, Unusual, refuse_unusual, unusual_quantity
from epos.domain.tab import Discount
from epos.domain.tab_changes import (
    check_approved,
    check_reductions,
    sent,
    status_when_sent,
    with_discount,
    with_line,
    with_takeaway,
    with_void,
    without_discount,
)
from epos.services.till.selling import new_lines
from epos.services.till.staff import Approvals
from epos.services.till.unit_of_work import Change, LockedTab, Write, change_tab
from epos.store.database import Database
from epos.till_contract.tab_requests import (
    AddItems,
    ChangeLine,
    GiveDiscount,
    NewItem,
    NewSubItem,
    SetServiceCharge,
    SetTakeaway,
    TakeDiscountAway,
    VoidLine,
)
from epos.till_contract.tabs import Tab


class TabEdits:
    def __init__(self, database: Database, identifiers: Identifiers, approvals: Approvals) -> None:
        self._database = database
        self._identifiers = identifiers
        self._approvals = approvals

    async def add_items(self, request: AddItems, write: Write) -> Tab:
        """Add a line for each item, as the menu has it now; all of them, or none.

        Raises InvalidRequest naming the item that is wrong, Conflict for one that is not available and
        for an unusual quantity that is not confirmed,
        Forbidden without a manager's approval for a modifier that takes money off twice.
        """
        manager = await self._approvals.given(write.requester, request.approval)

        async def decide(locked: LockedTab) -> Change:
            unusual = _unusual_quantities(request.items, locked.limits)
            refuse_unusual(unusual, confirmed=request.confirm)
            takeaway = _is_taken_away(locked)
            added = await new_lines(locked.store, request.items, self._new_id, takeaway=takeaway)
            often = check_reductions(added, manager)
            tab = locked.tab.with_lines([*locked.tab.lines, *added])
            details = {"lines": [line.id for line in added]}
            return Change("tab.items_added", tab, details=details, incident=often)

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def change_line(self, line_id: str, request: ChangeLine, write: Write) -> Tab:
        """Correct a line. Raises Conflict for what was sent to the kitchen already, Forbidden without a
        manager's approval for more of what a modifier takes money off twice.
        """
        manager = await self._approvals.given(write.requester, request.approval)

        def decide(locked: LockedTab) -> Change:
            quantity = unusual_quantity(locked.limits, "quantity", request.quantity)
            refuse_unusual(quantity, confirmed=request.confirm)
            tab = with_line(
                locked.tab,
                line_id,
                quantity=request.quantity,
                note=request.note,
                cover=request.cover,
            )
            often = check_reductions(
                [tab.live_line(line_id)], manager, before=[locked.tab.live_line(line_id)]
            )
            return Change(
                "tab.line_changed",
                tab,
                details={"line": line_id, "quantity": request.quantity},
                incident=often,
            )

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def void_line(self, request: VoidLine, write: Write) -> Tab:
        """Void a line or part of it. Raises Forbidden for what was sent to the kitchen, without a
        manager's approval.
        """
        manager = await self._approvals.given(write.requester, request.approval)

        def decide(locked: LockedTab) -> Change:
            line = locked.tab.live_line(request.lineId)
            check_approved(line.name, line.sent_round, manager)
            tab = with_void(
                locked.tab, request.lineId, request.quantity, request.reason, self._new_id
            )
            quantity = request.quantity or line.quantity
            amount, count = voided(locked.tab, tab)
            return Change(
                "tab.line_voided",
                tab,
                details={"line": line.id, "quantity": quantity},
                incident=Incident(IncidentKind.VOID, amount, count, request.reason),
            )

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def send(self, write: Write) -> Tab:
        """Send new lines to the kitchen as one round; its number is the tab's `rounds`.

        Raises Conflict if there is nothing to send.
        """

        def decide(locked: LockedTab) -> Change:
            the_round = locked.row.rounds + 1
            return Change(
                "tab.sent",
                sent(locked.tab, the_round),
                status=status_when_sent(locked.status),
                details={"round": the_round},
                tab_columns={"rounds": the_round},
            )

        return await change_tab(self._database, write, decide)

    async def discount(self, request: GiveDiscount, write: Write) -> Tab:
        """Give a discount on a line or on the order.

        Raises Forbidden without a manager's PIN, Conflict for a void line.
        """
        discount = Discount(request.name, percentage=request.percentage, amount=request.amount)
        manager = await self._approvals.check(write.requester, request.approval)

        def decide(locked: LockedTab) -> Change:
            tab = with_discount(locked.tab, request.lineId, discount)
            details = {
                "line": request.lineId,
                "percentage": request.percentage,
                "amount": request.amount,
            }
            given = discounted(tab, request.lineId, request.name)
            return Change("tab.discounted", tab, details=details, incident=given)

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def remove_discount(self, request: TakeDiscountAway, write: Write) -> Tab:
        """Remove a discount; this needs no approval."""

        def decide(locked: LockedTab) -> Change:
            tab = without_discount(locked.tab, request.lineId)
            return Change("tab.discount_removed", tab, details={"line": request.lineId})

        return await change_tab(self._database, write, decide)

    async def set_service_charge(self, request: SetServiceCharge, write: Write) -> Tab:
        """Set the rate; the venue's own if none is sent. The venue's profile says whether the charge
        bears VAT.
        """

        def decide(locked: LockedTab) -> Change:
            venue = locked.context
            rate = venue.venue_service_charge_rate if request.rate is None else request.rate
            tab = locked.tab.with_service_charge(
                rate, bears_vat=venue.venue_service_charge_bears_vat
            )
            return Change("tab.service_charge_set", tab, details={"rate": rate})

        return await change_tab(self._database, write, decide)

    async def set_takeaway(self, request: SetTakeaway, write: Write) -> Tab:
        """Say of lines, or of the whole tab, whether the guests take them away: at the price and VAT rate
        of that.
        """

        def decide(locked: LockedTab) -> Change:
            wanted = request.takeaway
            tab = with_takeaway(locked.tab, request.lineIds, takeaway=wanted)
            details = {"takeaway": "yes" if wanted else "no", "lines": request.lineIds}
            columns = {"takeaway": wanted} if request.lineIds is None else {}
            return Change("tab.takeaway_set", tab, details=details, tab_columns=columns)

        return await change_tab(self._database, write, decide)

    def _new_id(self) -> str:
        return self._identifiers.new("lin")


def _unusual_quantities(items: Iterable[NewItem], limits: Limits) -> Iterator[Unusual]:
    for index, item in enumerate(items):
        at = f"items[{index}]"
        yield from _of_product(item, limits, at)
        for part, sub_item in enumerate(item.subItems):
            yield from _of_product(sub_item, limits, f"{at}.subItems[{part}]")


def _of_product(product: NewItem | NewSubItem, limits: Limits, at: str) -> Iterator[Unusual]:
    yield from unusual_quantity(limits, f"{at}.quantity", product.quantity)
    for index, modifier in enumerate(product.modifiers):
        field = f"{at}.modifiers[{index}].quantity"
        yield from unusual_quantity(limits, field, modifier.quantity)


def _is_taken_away(locked: LockedTab) -> bool:
    """How items are sold that do not say it themselves."""
    said = locked.row.takeaway
    return locked.order.order_type == OrderType.Collection if said is None else said
