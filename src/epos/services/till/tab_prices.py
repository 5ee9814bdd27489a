"""What is taken off a tab, and the charge on it."""

from dataclasses import replace

from epos.domain.tab import Discount
from epos.domain.tab_changes import with_discount, without_discount
from epos.services.till.approvals import Approvals
from epos.services.till.tab_writes import Change, HeldTab, Write, change_tab
from epos.store.database import Database
from epos.till_contract.tab_requests import GiveDiscount, SetServiceCharge, TakeDiscountAway
from epos.till_contract.tabs import Tab


class TabPrices:
    def __init__(self, database: Database, approvals: Approvals) -> None:
        self._database = database
        self._approvals = approvals

    async def discount(self, request: GiveDiscount, write: Write) -> Tab:
        """Every discount is a manager's. Raises Forbidden without his PIN, Conflict for a void line."""
        discount = Discount(request.name, percentage=request.percentage, amount=request.amount)
        manager = await self._approvals.check(write.requester, request.approval)

        def decide(held: HeldTab) -> Change:
            tab = with_discount(held.tab, request.lineId, discount)
            details = {
                "line": request.lineId,
                "percentage": request.percentage,
                "amount": request.amount,
            }
            return Change("tab.discounted", tab, details=details)

        return await change_tab(self._database, replace(write, approved_by=manager), decide)

    async def take_discount_away(self, request: TakeDiscountAway, write: Write) -> Tab:
        """The full price again, which needs nobody's approval."""

        def decide(held: HeldTab) -> Change:
            tab = without_discount(held.tab, request.lineId)
            return Change("tab.discount_removed", tab, details={"line": request.lineId})

        return await change_tab(self._database, write, decide)

    async def set_service_charge(self, request: SetServiceCharge, write: Write) -> Tab:
        """Whether it bears VAT is for the venue to say, once for all its tabs."""

        def decide(held: HeldTab) -> Change:
            usual: int = held.facts["venue_service_charge_rate"]
            rate = usual if request.rate is None else request.rate
            bears_vat: bool = held.facts["venue_service_charge_bears_vat"]
            tab = held.tab.with_service_charge(rate, bears_vat=bears_vat)
            return Change("tab.service_charge_set", tab, details={"rate": rate})

        return await change_tab(self._database, write, decide)
