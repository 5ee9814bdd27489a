"""A random walk through the days of a venue: it chooses what people do, does it at the server and in the
model, and compares both after each step. Some steps are races: several people at the same moment.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import permutations
from random import Random
from typing import Any

import httpx

from tests.properties.day import books, compare, drawers, raw_rows
from tests.properties.day.journal import accounts_of, told_accounts
from tests.properties.day.papers import PaperChooser
from tests.properties.day.ranges import unlike
from tests.properties.day.requests import DAYS, TABS, Request
from tests.properties.day.world import Order, Refused, World
from tests.support.clock import freeze
from tests.support.orders import gbp, unique
from tests.support.rows import fetch
from tests.support.venues import Venue

Json = dict[str, Any]
Hear = Callable[[Venue, Json], Awaitable[None]]
MINUTE = timedelta(minutes=1)
_CLOSING_TIMES = (time(4), time(4), time(3), time(6, 30), time(22))
_PROFILE = "/till/v1/profile"
_BILLED = "SELECT order_id, billed_total FROM tab WHERE venue_id = $1 AND order_id = ANY($2)"
MOST_ORDERS = 40
_LIKELY = {
    "add pay": 12,
    "card open_tab": 8,
    "discount refund split void": 6,
    "dojos_order hear redeem send": 4,
    "bill cancel charge hear_part merge take_away": 3,
    "cash correct correct_line correct_tip deposit hand_over lock refund_all": 2,
    "close_drawer paper reopen sell_voucher tip": 2,
    "close close_day drawer_x float open_drawer progress": 1,
}
_WEIGHTS = {name: weight for names, weight in _LIKELY.items() for name in names.split()}
_NAMES = {
    "add",
    "bill",
    "break lock",
    "cancel",
    "cancel by Dojo",
    "card",
    "cash",
    "close",
    "close day",
    "close drawer",
    "correct",
    "correct float",
    "correct line",
    "correct tip",
    "deposit",
    "discount",
    "hand over",
    "hear",
    "hear a part",
    "lock",
    "merge",
    "open",
    "open day",
    "open drawer",
    "order by Dojo",
    "pay",
    "progress",
    "receipt",
    "refund",
    "refund all",
    "refund receipt",
    "reopen",
    "sell voucher",
    "send",
    "service charge",
    "split",
    "take away",
    "tip",
    "undo discount",
    "unlock",
    "void",
    "x-report drawer",
}
_RACES = (
    ("pay", "pay", "card"),
    ("pay", "card", "void", "discount"),
    ("card", "card", "hear", "refund"),
    ("split", "pay", "card"),
    ("merge", "pay", "merge"),
    ("cancel", "card", "send"),
    ("refund", "refund", "hear_part"),
    ("refund_all", "refund", "hear"),
    ("redeem", "redeem", "redeem"),
    ("deposit", "deposit", "pay"),
    ("close_day", "pay", "card", "cash"),
    ("close_day", "refund", "hear"),
    ("close_drawer", "pay", "cash", "close_drawer"),
    ("close_drawer", "float", "open_drawer"),
    ("close_day", "close_drawer", "pay"),
    ("lock", "pay", "card"),
    ("tip", "correct_tip", "add"),
    ("bill", "void", "take_away"),
    ("reopen", "refund", "cancel"),
    ("paper", "refund", "paper"),
    ("paper", "paper", "hear_part"),
)


@dataclass
class Walk:
    """`hear`: how the venue's connection to Dojo learns that a part of a card payment went back."""

    venue: Venue
    random: Random
    hear: Hear
    world: World = field(default_factory=World)
    trail: deque[str] = field(default_factory=lambda: deque(maxlen=1_000))
    done: Counter[str] = field(default_factory=Counter)
    """How often what was accepted, and how often refused."""
    closed: dict[date, Json] = field(default_factory=dict)

    async def go(self, steps: int) -> None:
        await freeze(self.venue, self.world.now)
        number = 0
        try:
            for number in range(steps):
                await self._step(number)
                if number % 40 == 39:
                    await self.check_day()
                if number % 400 == 399:
                    await self.check_rows()
            await self.check_day()
            await self.check_rows()
        except Exception as error:
            said = f"step {number}: {error}\n{self._what_went_before()}"
            raise AssertionError(said) from error

    def _what_went_before(self) -> str:
        """The last steps, and all earlier ones about the same orders."""
        last = [*self.trail][-4:]
        ids = {f"ord_{rest[:26]}" for line in last for rest in line.split("ord_")[1:]}
        mine = [line for line in [*self.trail][:-4] if any(one in line for one in ids)]
        return "\n".join(["what went before:", *mine, *last])

    def never_done(self) -> list[str]:
        """The kinds of steps that were never accepted."""
        done = {name.removesuffix(" 200") for name in self.done if name.endswith(" 200")}
        return sorted(_NAMES - done)

    async def _step(self, number: int) -> None:
        await self._time_passes()
        if number % 97 == 50:
            await self._the_venue_changes()
        if number % 60 == 20:
            await self._guests_with_a_deposit()
        if self.random.random() < 0.06:
            await self._race()
            return
        request = self._choose()
        if request is not None:
            await self._alone(request)

    def _choose(self, name: str | None = None, focus: tuple[int, ...] = ()) -> Request | None:
        chooser = PaperChooser(self.random, self.world, focus)
        if name is None:
            few = len([one for one in self.world.orders.values() if one.is_open]) < 12
            weights = _WEIGHTS | {"open_tab": 12 if few else 1}
            [name] = self.random.choices(list(weights), list(weights.values()))
        request: Request | None = getattr(chooser, name)()
        return request

    # --- around the orders ------------------------------------------------------------------------

    async def _time_passes(self) -> None:
        self.world.now += MINUTE
        if self.random.random() < 0.01:
            self.world.now += timedelta(hours=self.random.choice((1, 6, 9, 30)))
        await freeze(self.venue, self.world.now)

    async def _the_venue_changes(self) -> None:
        world, random = self.world, self.random
        world.charge_rate = random.choice((0, 1_250))
        world.charge_is_compulsory = random.random() < 0.5
        world.finalizes = random.random() < 0.8
        world.closing = random.choice(_CLOSING_TIMES)
        profile = await self.venue.admin.ok("GET", _PROFILE)
        profile |= {
            "serviceChargeRate": world.charge_rate,
            "serviceChargeBearsVat": world.charge_is_compulsory,
            "finalizesPaidTabs": world.finalizes,
            "closingTime": f"{world.closing:%H:%M}",
        }
        await self.venue.admin.ok("PUT", _PROFILE, profile)
        self.trail.append(f"{world.now:%d %H:%M} the venue closes at {world.closing:%H:%M}")

    async def _guests_with_a_deposit(self) -> None:
        amount = self.random.choice((500, 2_000))
        body = {
            "dojoPartyId": unique("party"),
            "tableIds": ["t10"],
            "startTime": "2026-10-01T19:00:00Z",
            "deposit": {"totalAmount": gbp(amount), "paymentIntentIds": []},
        }
        party = await self.venue.ok("POST", "/v1/parties", body)
        path = f"/till/v1/parties/{party['id']}"
        seated = await self.venue.till.ok("GET", path)
        await self.venue.till.ok("POST", f"{path}/finish", {"version": seated["version"]})
        self.world.deposits[party["id"]] = (amount, False)

    # --- one request ------------------------------------------------------------------------------

    async def _alone(self, request: Request) -> None:
        key = unique("key") if request.takes_key and self.random.random() < 0.05 else None
        if key is not None and request.body is not None:
            request.body = request.body | {"key": key}
        expected, touched = carry_out(request, self.world)
        self._note(request, expected)
        status, answer = await self._send(request)
        assert status == expected, f"{status} instead of {expected}: {answer}"
        if key is not None and status == 200:
            again = await self._send(request)
            assert again == (status, answer), "the same key, another answer"
        if status == 200:
            wrong = request.wrong(self.world, answer)
            assert not wrong, wrong
        if status != 200 and self.random.random() < 0.9:
            return
        touched = touched or [self.world.orders[uid] for uid in request.about]
        await self._compare(self.world, touched, answer)
        if request.name == "close day" and status == 200:
            await self._day_closed(answer)

    async def _send(self, request: Request) -> tuple[int, Any]:
        if request.by == "heard":
            assert request.body is not None
            await self.hear(self.venue, request.body)
            return 200, None
        speaker = self.venue.till if request.by == "till" else self.venue
        answer = await speaker.call(request.method, request.path, request.body, **request.headers)
        return answer.status_code, _content(answer)

    def _note(self, request: Request, status: int) -> None:
        self.trail.append(f"{self.world.now:%d %H:%M} {status} {request}")
        self.done[f"{request.name} {status}"] += 1

    async def _compare(self, world: World, touched: list[Order], answer: Any) -> None:
        for order, shown in zip(touched, await self._shown(touched, answer), strict=True):
            wrong = compare.differences(order, shown)
            assert not wrong, f"{order.id}: {wrong}"
            compare.learn(order, shown)
            world.ids[order.uid] = order.id
        await self._compare_billed(touched)

    async def _compare_billed(self, touched: list[Order]) -> None:
        """What a guest saw last, which no answer tells before something is taken off."""
        ours = {order.id: order.billed for order in touched if order.tab is not None}
        if not ours:
            return
        rows = await fetch(self.venue, _BILLED, list(ours))
        theirs = {row["order_id"]: row["billed_total"] for row in rows}
        assert theirs == ours, f"guests saw {theirs}, expected {ours}"

    async def _shown(self, touched: list[Order], answer: Any) -> list[Json]:
        """From the answer to a till; else read anew."""
        told = _tabs_in(answer)
        if len(told) == len(touched):
            return told
        ids = [order.id or answer["id"] for order in touched]
        return [await self.venue.till.ok("GET", f"{TABS}/{one}") for one in ids]

    # --- several at the same moment ---------------------------------------------------------------

    async def _race(self) -> None:
        """What comes of it is what would come of these requests one after the other, in some order."""
        orders = [uid for uid, order in self.world.orders.items() if order.is_open]
        names = self.random.choice(_RACES)
        if len(orders) < 2:
            return
        focus = tuple(self.random.sample(orders, self.random.choice((1, 1, 2))))
        found = [self._choose(name, focus) for name in names]
        requests = [request for request in found if request is not None]
        answers = await asyncio.gather(*map(self._send, requests))
        for request, (status, _) in zip(requests, answers, strict=True):
            self._note(request, status)
        self.done["races"] += 1
        wrong = []
        for order in permutations(range(len(requests))):
            world = deepcopy(self.world)
            found_wrong = await self._came_so(world, requests, answers, order)
            if not found_wrong:
                self.world = world
                return
            wrong.append(f"{order}: {found_wrong}")
        raise AssertionError(
            "\n".join(["a race that no order explains", *wrong, *map(str, answers)])
        )

    async def _came_so(
        self,
        world: World,
        requests: list[Request],
        answers: list[tuple[int, Any]],
        order: tuple[int, ...],
    ) -> str:
        """Why this order does not explain the answers, or nothing."""
        involved: dict[int, Order] = {}
        for place in order:
            request, (answered, answer) = requests[place], answers[place]
            status, touched = carry_out(request, world)
            if status != answered:
                return f"request {place} would be {status}"
            wrong = _wrong_at_once(request, world, touched, answer) if status == 200 else []
            if wrong:
                return f"request {place} would answer otherwise: {wrong}"
            involved |= {one.uid: one for one in touched}
            involved |= {uid: world.orders[uid] for uid in request.about}
        try:
            await self._compare(world, list(involved.values()), None)
        except AssertionError as error:
            return str(error)
        told = await self.venue.till.ok("GET", f"{DAYS}/{world.today}/report")
        wrong = self._wrong_in(world, world.today, told)
        wrong += await self._wrong_in_drawers(world)
        for place, request in enumerate(requests):
            if request.name == "close day" and answers[place][0] == 200:
                await self._day_closed(answers[place][1])
        return "; ".join(wrong)

    # --- the books --------------------------------------------------------------------------------

    def _wrong_in(self, world: World, day: date, told: Json) -> list[str]:
        wrong = books.differences(world.books.days[day], told, world.ids)
        owed = (world.books.owed_after(day - timedelta(days=1)), world.books.owed_after(day))
        books_of = told["reconciliation"]
        if owed != (books_of["owedAtStart"], books_of["owedAtEnd"]):
            wrong.append(f"owed: {owed}, the report says {books_of}")
        if told["isClosed"]:
            return wrong + _wrong_count(world.books.days[day].counted, told["cash"])
        if told["vouchers"]["outstanding"] != world.outstanding():
            wrong.append(f"vouchers: {world.outstanding()}, the report says {told['vouchers']}")
        left_open = sum(1 for order in world.orders.values() if _is_left_open(order))
        if told["openOrders"]["count"] != left_open:
            wrong.append(f"{left_open} are open, the report says {told['openOrders']['count']}")
        return wrong

    async def _wrong_in_drawers(self, world: World) -> list[str]:
        """Since the last Z of each: also what moved nothing, which the day's report does not count."""
        day, wrong = world.today, list[str]()
        for name in world.books.days[day].used_drawers:
            path = f"{DAYS}/{day}/drawers/{name}/x-report"
            answer = await self.venue.till.call("GET", path)
            if answer.status_code == 200:
                wrong += drawers.wrong_x(world, day, name, answer.json())
            else:
                wrong.append(f"the drawer {name}: {answer.text}")
        return wrong

    async def check_day(self) -> None:
        what = self.random.choice(("report", "x-report"))
        told = await self.venue.till.ok("GET", f"{DAYS}/{self.world.today}/{what}")
        wrong = self._wrong_in(self.world, self.world.today, told)
        wrong += await self._wrong_in_drawers(self.world)
        assert not wrong, wrong

    async def _day_closed(self, told: Json) -> None:
        """Its report never changes again; what is settled is forgotten."""
        day = date.fromisoformat(told["day"])
        known = self.closed.setdefault(day, told)
        assert told == known, "a closed day has changed"

    async def check_rows(self) -> None:
        """The closed reports are as they were, and all days together are what the rows add up to."""
        for day, told in self.closed.items():
            assert await self.venue.till.ok("GET", f"{DAYS}/{day}/report") == told
            wrong = self._wrong_in(self.world, day, told)
            assert not wrong, (day, wrong)
        wrong = await raw_rows.differences(self.venue, self.world)
        assert not wrong, wrong
        await self.check_range()
        self._forget()

    async def check_range(self) -> None:
        """The report over all days, and the bookkeeper's journal, which balances on each."""
        days = self.world.books.days
        path = f"/till/v1/reports/{{}}?fromDay={min(days)}&toDay={max(days)}"
        told = await self.venue.till.ok("GET", path.format("sales") + "&by=day")
        sales = {row["key"]: row["sales"] for row in told["rows"] if row["sales"]}
        assert sales == {f"{day}": notes.total for day, notes in days.items() if notes.total}
        for day, notes in days.items():
            await self._check_items(day, notes)
        for by in ("category", "item", "hour", "waiter", "area", "vat-rate", "device", "tender"):
            wrong = unlike(
                by, await self.venue.till.ok("GET", path.format("sales") + f"&by={by}"), days
            )
            assert not wrong, wrong
        journal = told_accounts(await self.venue.till.ok("GET", path.format("journal")))
        for day, notes in days.items():
            lines, ours = journal.get(day, Counter()), accounts_of(notes)
            assert lines == ours, f"{day}: the journal says {lines}, the notes say {ours}"

    async def _check_items(self, day: date, notes: books.DayNotes) -> None:
        """Closed or not, and whatever was changed since."""
        path = f"/till/v1/reports/sales?fromDay={day}&toDay={day}&by=item"
        told = (await self.venue.till.ok("GET", path))["rows"]
        ours = {what: amount for what, amount in notes.items.items() if amount}
        theirs = Counter[tuple[str, str]]()
        for row in told:
            theirs["amount", row["key"]] += row["items"]
            theirs["count", row["key"]] += row["count"]
        theirs = Counter({what: amount for what, amount in theirs.items() if amount})
        assert theirs == ours, f"{day}: the report by item says {theirs}, the notes say {ours}"

    def _forget(self) -> None:
        """Orders that are settled, the oldest first."""
        settled = [uid for uid, order in self.world.orders.items() if not _is_left_open(order)]
        for uid in settled[: max(len(self.world.orders) - MOST_ORDERS, 0)]:
            del self.world.orders[uid]


def carry_out(request: Request, world: World) -> tuple[int, list[Order]]:
    """The status of the answer, and the orders that were touched."""
    try:
        return 200, request.carry_out(world)
    except Refused as refused:
        return refused.status, []


def _wrong_at_once(request: Request, world: World, touched: list[Order], answer: Any) -> list[str]:
    """In an answer of 200, which was made when nobody later had come yet."""
    wrong = request.wrong(world, answer)
    for order, told in zip(touched, _tabs_in(answer), strict=False):
        order.id = order.id or told["id"]
        wrong += compare.differences(order, told)
    return wrong


def _wrong_count(counted: int | None, cash: Json) -> list[str]:
    """Of a closed day: what was counted, and by how much it is more or less than expected."""
    more = None if counted is None else counted - cash["expected"]
    told = (cash.get("counted"), cash.get("difference"))
    return [] if told == (counted, more) else [f"counted {counted}, the report says {told}"]


def _is_left_open(order: Order) -> bool:
    total = 0 if order.status == "Canceled" else order.total
    return (order.tab is not None and order.is_open) or total != order.paid


def _content(answer: httpx.Response) -> Any:
    kind = answer.headers.get("content-type", "")
    if kind.startswith("application/json") and answer.content:
        return answer.json()
    return answer.text if kind.startswith("text/plain") else None


def _tabs_in(answer: Any) -> list[Json]:
    """The tabs of a till's answer, in its order."""
    if not isinstance(answer, dict):
        return []
    if "origin" in answer:
        return [answer]
    return [answer[name] for name in ("tab", "emptied", "taken") if name in answer]
