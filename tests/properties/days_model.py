"""A few days of a venue, told step by step; beside them what a bookkeeper notes with pencil and paper.

After each step the bookkeeper looks at what all orders come to and at what is paid of them, and enters
the change on the day that it is. That is all that a report may say.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.clock import freeze
from tests.support.days import DAYS, check_books
from tests.support.orders import event, gbp, order, payment
from tests.support.pins import APPROVAL
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]
Step = tuple[Any, ...]
START = datetime(2026, 10, 24, 18, tzinfo=UTC)
"""An evening before the night in which the clocks go back."""
_ZONE = ZoneInfo("Europe/London")
_BOOKS = """
SELECT (SELECT coalesce(sum(total_amount), 0) FROM customer_order
        WHERE venue_id = $1 AND status NOT IN ('Canceled', 'Failed'))::bigint AS sales,
       coalesce(sum(paid_amount) FILTER (WHERE source = 'dojo'), 0)::bigint AS dojo,
       coalesce(sum(paid_amount) FILTER (WHERE source = 'cash'), 0)::bigint AS cash,
       coalesce(sum(paid_amount) FILTER (WHERE source = 'other'), 0)::bigint AS other,
       coalesce(sum(tips_amount), 0)::bigint AS tips,
       (coalesce(sum(paid_amount + tips_amount) FILTER (WHERE source = 'cash'), 0)
        + (SELECT coalesce(sum(CASE type WHEN 'paid-in' THEN amount ELSE -amount END), 0)
           FROM cash_movement WHERE venue_id = $1))::bigint AS drawer,
       (SELECT coalesce(sum(quantity), 0) FROM tab_line
        WHERE venue_id = $1 AND void_reason IS NOT NULL)::bigint AS voids
FROM payment WHERE venue_id = $1 AND status IN ('recorded', 'captured')
"""


def day_of(now: datetime) -> date:
    """The date at the venue, less four hours."""
    return (now.astimezone(_ZONE).replace(tzinfo=None) - timedelta(hours=4)).date()


@dataclass
class Bookkeeper:
    """Notes by day; `seen` is what was there at the last look."""

    venue: Venue
    now: datetime = START
    last_closed: date = date.min
    seen: dict[str, int] = field(default_factory=dict)
    notes: dict[date, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    closed: dict[date, Json] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    cards: list[Json] = field(default_factory=list)

    @property
    def today(self) -> date:
        return max(day_of(self.now), self.last_closed + timedelta(days=1))

    async def live(self, steps: list[Step]) -> None:
        await freeze(self.venue, self.now)
        await self._look()
        for name, *arguments in steps:
            if name not in ("sell", "open_tab", "wait", "close", "move_cash") and not self.orders:
                continue
            await getattr(self, name)(*arguments)
            await self._look()
        await self.check()

    async def _look(self) -> None:
        seen = (await fetch(self.venue, _BOOKS))[0]
        for name, amount in seen.items():
            self.notes[self.today][name] += amount - self.seen.get(name, 0)
        self.seen = seen

    # --- what happens -----------------------------------------------------------------------------

    async def _try(self, method: str, path: str, body: Json | None = None) -> Json | None:
        """By the till, or by Dojo; None if a rule refuses it."""
        speaker = self.venue.till if path.startswith("/till") else self.venue
        answer = await speaker.call(method, path, body)
        assert answer.status_code in (200, 400, 409), answer.text
        found: Json | None = answer.json() if answer.content and answer.is_success else None
        return found

    async def sell(self, total: int, charge: int) -> None:
        body = order(total, serviceChargeAmount=gbp(charge), dine_in={"waiterId": "anna"})
        made = await self._try("POST", "/v1/orders", body)
        assert made is not None
        self.orders.append(made["id"])

    async def open_tab(self, plu: str) -> None:
        made = await self._try("POST", "/till/v1/tabs", {"waiterId": "ben"})
        assert made is not None
        self.orders.append(made["id"])
        await self.add(len(self.orders) - 1, plu)

    async def _shown(self, which: int) -> Json:
        path = f"/till/v1/tabs/{self.orders[which % len(self.orders)]}"
        shown: Json = await self.venue.till.ok("GET", path)
        return shown

    async def _write(self, which: int, what: str, **body: Any) -> None:
        seen = await self._shown(which)
        path = f"/till/v1/tabs/{seen['id']}/{what}"
        await self._try("POST", path, {"version": seen["version"]} | body)

    async def add(self, which: int, plu: str) -> None:
        await self._write(which, "items", items=[{"plu": plu}])

    async def void(self, which: int) -> None:
        lines = (await self._shown(which))["lines"]
        if lines:
            about = {"reason": "A slip", "approval": APPROVAL}
            await self._write(which, "void", lineId=lines[-1]["id"], **about)

    async def charge(self, which: int, rate: int) -> None:
        await self._write(which, "service-charge", rate=rate)

    async def card(self, which: int, paid: int, tip: int) -> None:
        order_id, body = self.orders[which % len(self.orders)], payment(paid, tip)
        if await self._try("POST", f"/v1/orders/{order_id}/record-payment", body):
            self.cards.append(body)

    async def counter(self, which: int, method: str | None, paid: int, tip: int) -> None:
        how = {"type": "cash"} if method is None else {"type": "other", "method": method}
        await self._write(which, "payments", amount=paid, tip=tip, **how)

    async def hear(self, which: int, status: str) -> None:
        if self.cards:
            intent = self.cards[which % len(self.cards)]["paymentIntentId"]
            await self._try("POST", "/v1/events", event(intent, status))

    async def give_back(self, which: int, how: str) -> None:
        payments = (await self._shown(which))["payments"]
        if payments:
            path = f"payments/{payments[which % len(payments)]['id']}/{how}"
            await self._write(which, path, reason="Cold", approval=APPROVAL)

    async def send(self, which: int) -> None:
        await self._write(which, "send")

    async def cancel_at_till(self, which: int) -> None:
        await self._write(which, "cancel", reason="They left", approval=APPROVAL)

    async def move_cash(self, kind: str, amount: int) -> None:
        body = {"type": kind, "amount": amount, "reason": "Milk"}
        await self._try("POST", f"{DAYS}/{self.today}/cash", body)

    async def cancel(self, which: int) -> None:
        await self._try("DELETE", f"/v1/orders/{self.orders[which % len(self.orders)]}")

    async def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        await freeze(self.venue, self.now)

    async def close(self) -> None:
        """The days that are not closed, in their order, as far as the clock has come."""
        for day in sorted({*self.notes, day_of(self.now)}):
            if self.last_closed < day <= day_of(self.now):
                closed = await self._try("POST", f"{DAYS}/{day}/close", {"approval": APPROVAL})
                assert closed is not None, day
                self.closed[day], self.last_closed = closed, day

    # --- what must be true ------------------------------------------------------------------------

    async def check(self) -> None:
        """Every day is in its report to the penny, and what is closed is as it was."""
        owed = 0
        for day in sorted(self.notes):
            told = await self.venue.till.ok("GET", f"{DAYS}/{day}/report")
            check_books(told)
            assert told == self.closed.get(day, told)
            notes = self.notes[day]
            assert told["sales"] == notes["sales"]
            for source in ("dojo", "cash", "other"):
                ways = [way for way in told["takings"] if way["source"] == source]
                assert sum(way["paid"] - way["paidBack"] for way in ways) == notes[source]
            tips = sum(way["tips"] - way["tipsBack"] for way in told["takings"])
            assert tips == notes["tips"]
            assert sum(void["count"] for void in told["voids"]) == notes["voids"]
            listed = [one for one in told["incidents"] if one["kind"] in ("void", "cancel")]
            assert sum(one.get("count", 0) for one in listed) == notes["voids"]
            assert told["cash"]["expected"] == notes["drawer"]
            books = told["reconciliation"]
            assert books["owedAtStart"] == owed
            owed += notes["sales"] - notes["dojo"] - notes["cash"] - notes["other"]
            assert books["owedAtEnd"] == owed
