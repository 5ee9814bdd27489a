"""However attempts at a PIN come together, guessing is no faster than in turn, and no wait too long."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from epos.domain.pins import LIMITS, Count, Scope

START = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = st.integers(0, 600)


class Guessing(RuleBasedStateMachine):
    """One count; attempts begin, and end in any order, while the clock goes forward and is set back."""

    scope = Scope.DEVICE

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.elapsed = timedelta(0)
        """Of a clock that is never set back."""
        self.count = Count(self.scope, START, START)
        self.open: list[int] = []
        self.wrong: list[tuple[int, timedelta]] = []
        """Number and time of each wrong attempt that no right one forgives."""
        self.forgiven = 0

    @property
    def limit_of_wrong(self) -> int:
        """Who waits as long as they have to, in turn, has so many wrong attempts by now."""
        first = self.wrong[0][1] if self.wrong else self.elapsed
        limit, elapsed = LIMITS[self.scope], self.elapsed - first
        waits = itertools.accumulate(
            limit.wait_after(wrong) for wrong in itertools.count(limit.free + 1)
        )
        later = sum(1 for _ in itertools.takewhile(lambda at: at <= elapsed, waits))
        return limit.free + 1 + later

    @precondition(lambda self: len(self.open) < 30)
    @rule()
    def begin(self) -> None:
        self.count = self.count.at(self.now)
        if self.count.wait(self.now) or self.count.is_busy:
            return
        self.count = self.count.begin()
        if self.count.tried == 1:  # counting began again
            self.forgiven = 0
        self.open.append(self.count.tried)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def end_wrong(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.open))
        self.open.remove(number)
        self.end_as_wrong(number)

    def end_as_wrong(self, number: int) -> None:
        self.count = self.count.at(self.now).end(number, self.now, is_right=False)
        if number > self.forgiven:
            self.wrong.append((number, self.elapsed))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def end_right(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.open))
        self.open.remove(number)
        self.count = self.count.at(self.now).end(number, self.now, is_right=True)
        if self.scope is Scope.DEVICE:
            self.forgiven = max(self.forgiven, number)
            self.wrong = [one for one in self.wrong if one[0] > self.forgiven]

    @precondition(lambda self: not self.open)
    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.elapsed += timedelta(seconds=seconds)

    @precondition(lambda self: not self.open)
    @rule()
    def wait_as_long_as_said(self) -> None:
        self.count = self.count.at(self.now)
        wait = self.count.wait(self.now)
        self.now += wait
        self.elapsed += wait
        self.count = self.count.at(self.now)
        assert not self.count.wait(self.now)
        assert not self.count.is_busy

    @rule(days=st.integers(1, 400))
    def set_the_clock_back(self, days: int) -> None:
        self.now -= timedelta(days=days)

    @invariant()
    def nobody_guesses_faster_than_in_turn(self) -> None:
        assert len(self.wrong) <= self.limit_of_wrong

    @invariant()
    def no_wait_is_longer_than_the_longest(self) -> None:
        assert self.count.at(self.now).wait(self.now) <= LIMITS[self.scope].longest

    @invariant()
    def counts_make_sense(self) -> None:
        count = self.count
        assert 0 <= count.pending <= count.tried
        assert 0 <= count.forgiven <= count.tried


class GuessingOnManyDevices(Guessing):
    scope = Scope.WAITER

    @rule(times=st.integers(1, 60))
    def guess_often(self, times: int) -> None:
        for _ in range(times):
            self.begin()
            if not self.open:
                return
            self.end_as_wrong(self.open.pop())


TestGuessing = Guessing.TestCase
TestGuessingOnManyDevices = GuessingOnManyDevices.TestCase
