"""The bill of an order while money goes back: what each refund takes off it, with its VAT."""

import json
from dataclasses import replace
from typing import Any

from pydantic_core import from_json

from epos.domain.bill import Tax
from epos.domain.derived_vat import Derived, derived_sums
from epos.domain.tab import Tab
from epos.domain.tab_refunds import give_back, owe_again
from epos.domain.tab_sums import sums
from epos.domain.taxed import Taxed, of_derived, of_sent, of_tab
from epos.services.bills import taxes_in
from epos.services.large_work import worked_out
from epos.services.menu_checks import derived_of, sales
from epos.services.till import tab_content, tab_rows
from epos.store.orders import OrderRow
from epos.store.venue_store import VenueStore


class RefundedBill:
    """Call with the order locked. `credited`: by so much the bill has become smaller in this change."""

    def __init__(self, store: VenueStore, order: OrderRow) -> None:
        self._store = store
        self._order = order
        self._is_read = False
        self._tab: Tab | None = None
        self._derived: Derived | None = None
        self._taxes: list[Tax] = []
        """What Dojo sent."""
        self.credited = 0

    async def take_off(self, amount: int) -> str | None:
        """Make the bill smaller by `amount`, or larger by what was taken off before if it is negative.

        Answers what that was, as the refund keeps it; None for nothing.
        """
        amount = max(amount, -self._refund)
        if not amount:
            return None
        await self._read()
        was = await self._now()
        self.credited += amount
        if self._tab is not None:
            change = give_back if amount > 0 else owe_again
            self._tab = await worked_out(self._tab.pieces, change, self._tab, abs(amount))
        now = await self._now()
        return written(was.less(now))

    async def columns(self) -> dict[str, Any]:
        """The columns of the order. Dojo's content stays Dojo's."""
        if not self.credited:
            return {}
        await self._read()
        if self._tab is None:
            derived, refund = self._derived, self._refund
            by_menu = {} if derived is None else {"sales": sales(derived_sums(derived, refund))}
            return {
                "refund_amount": refund,
                "total_amount": self._order.total_amount - self.credited,
                **by_menu,
            }
        tab = self._tab
        currency, customer = self._order.currency, from_json(self._order.content).get("customer")
        return await worked_out(
            tab.pieces, lambda: tab_content.order_columns(tab, sums(tab), currency, customer)
        )

    def tab_columns(self) -> dict[str, Any]:
        """The columns of its tab."""
        if not self.credited or self._tab is None:
            return {}
        return {"as_refunded": tab_rows.refunded_column(self._tab)}

    @property
    def _refund(self) -> int:
        return self._order.refund_amount + self.credited

    async def _read(self) -> None:
        if self._is_read:
            return
        self._is_read = True
        row = (await self._store.tabs.edit_context(self._order.id)).tab
        if row is None:
            self._derived = derived_of(await self._store.orders.derived(self._order.id))
            self._taxes = taxes_in(self._order.content)
        else:
            tab = await tab_rows.read_tab(row)
            self._tab = replace(tab, refund=self._order.refund_amount)

    async def _now(self) -> Taxed:
        """What the order comes to."""
        if self._tab is not None:
            return await worked_out(self._tab.pieces, of_tab, self._tab)
        if self._derived is not None:
            return of_derived(self._derived, self._refund)
        whole = self._order.total_amount + self._order.refund_amount
        return of_sent(self._taxes, whole, self._refund)


def written(taxed: Taxed) -> str:
    """As JSON."""
    taxes = [[tax.vat_rate, tax.gross, tax.vat] for tax in taxed.taxes]
    row = {"taxes": taxes, "untaxed": taxed.untaxed, "unknown": taxed.unknown}
    sent = {"sent": taxed.sent, "sentVat": [*taxed.sent_vat.items()]} if taxed.sent_vat else {}
    return json.dumps(row | sent)


def read(text: str) -> Taxed:
    """What `written` answered."""
    row = from_json(text)
    return Taxed(
        {rate: gross for rate, gross, _ in row["taxes"]},
        {rate: vat for rate, _, vat in row["taxes"]},
        row["untaxed"],
        row["unknown"],
        row.get("sent", 0),
        dict(row.get("sentVat", ())),
    )
