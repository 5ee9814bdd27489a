"""Requests about drawers and days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.properties.day import drawers, money
from tests.properties.day.books import cash_in
from tests.properties.day.payments import MoneyChooser, drawer
from tests.properties.day.requests import APPROVED, DAYS, REASON, Request
from tests.properties.day.world import Order, World
from tests.support.pins import APPROVAL

Json = dict[str, Any]
DRAWERS = ("main", "bar", "hall")


@dataclass
class DayChooser(MoneyChooser):
    def cash(self) -> Request:
        kind = self.random.choice(("paid-in", "paid-out", "to-safe", "no-sale"))
        amount, who, day = self.random.choice((1, 350, 2_000)), self.who(), self.world.today
        amount = 0 if kind == "no-sale" else amount
        body = REASON | {"type": kind, "amount": amount}
        return Request(
            "cash",
            "till",
            "POST",
            f"{DAYS}/{day}/cash",
            body,
            lambda world: drawers.move_cash(world, day, drawer(who), kind, amount),
            who,
        )

    def float(self) -> Request:
        amount, who, day = self.random.choice((0, 10_000, 12_000)), self.who(), self.world.today
        if self.chance(0.5):
            body: Json = {"openingFloat": amount}
            return Request(
                "open day",
                "till",
                "POST",
                f"{DAYS}/open",
                body,
                lambda world: drawers.open_day(world, amount),
                who,
            )
        body = APPROVED | {"amount": amount}
        return Request(
            "correct float",
            "till",
            "PUT",
            f"{DAYS}/{day}/float",
            body,
            lambda world: drawers.correct_float(world, day, drawer(who), amount),
            who,
        )

    # --- a drawer by itself -----------------------------------------------------------------------

    def open_drawer(self) -> Request:
        amount, who = self.random.choice((0, 5_000, 7_500)), self.who()
        return self._of_drawer(
            "open",
            {"openingFloat": amount},
            lambda world, day, name: drawers.open_drawer(world, day, name, amount, who),
            drawers.wrong_x,
            who=who,
        )

    def close_drawer(self) -> Request:
        day, name = self.world.today, self.random.choice(DRAWERS)
        expected = cash_in(self.world.books.days[day].since_last_z(name))
        counted = self.random.choice((None, max(expected, 0), max(expected - 7, 0), 6_000))
        body = {} if counted is None else {"countedCash": counted}
        return self._of_drawer(
            "close",
            body,
            lambda world, day, name: drawers.close_drawer(world, day, name, counted),
            drawers.wrong_z,
            name,
        )

    def drawer_x(self) -> Request:
        return self._of_drawer("x-report", None, drawers.x_report, drawers.wrong_x)

    def _of_drawer(
        self,
        what: str,
        body: Json | None,
        carry_out: Callable[[World, date, str], list[Order]],
        wrong: Callable[[World, date, str, Json], list[str]],
        name: str | None = None,
        who: dict[str, str] | None = None,
    ) -> Request:
        day, name = self.world.today, name or self.random.choice(DRAWERS)
        return Request(
            f"{what} drawer",
            "till",
            "GET" if body is None else "POST",
            f"{DAYS}/{day}/drawers/{name}/{what}",
            body,
            lambda world: carry_out(world, day, name),
            self.who() if who is None else who,
            wrong=lambda world, told: wrong(world, day, name, told),
        )

    # --- the day ----------------------------------------------------------------------------------

    def close_day(self) -> Request:
        """The first that is open, or another, which is refused or answered again."""
        waiting = [*money.unclosed(self.world), self.world.begun]
        day = (
            waiting[0]
            if self.chance(0.9)
            else self.random.choice([*waiting, *self.world.books.closed[-1:]])
        )
        counted, by_drawer = self._counted(day)
        body: Json = {"approval": APPROVAL} | ({} if counted is None else {"countedCash": counted})
        if by_drawer:
            rows = [{"drawer": name, "countedCash": one} for name, one in by_drawer.items()]
            body["countedDrawers"] = rows
        return Request(
            "close day",
            "till",
            "POST",
            f"{DAYS}/{day}/close",
            body,
            lambda world: money.close_day(world, day, counted, by_drawer),
        )

    def _counted(self, day: date) -> tuple[int | None, dict[str, int]]:
        """The cash in all drawers, or in some of them."""
        if self.chance(0.5):
            return self.random.choice((None, 0, 10_000)), {}
        notes = self.world.books.days[day]
        found = {}
        for name in self.random.sample(DRAWERS, self.random.randint(1, len(DRAWERS))):
            expected = cash_in(notes.since_last_z(name))
            found[name] = max(expected + self.random.choice((0, 0, 3, -7)), 0)
        return None, found
