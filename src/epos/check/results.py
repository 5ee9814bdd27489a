"""What a run found."""

from collections import Counter
from dataclasses import dataclass, field

from epos.check.exchanges import Exchange, Json
from epos.check.registry import Check, Verdict

ORDER = (Verdict.FAIL, Verdict.LOOSE, Verdict.PASS, Verdict.NOT_CLAIMED, Verdict.NOT_TRIED)

ABOUT_A_MOCK = (
    "It is a mock. It cannot show that an order is kept, a payment counts once, a lock holds, or a",
    "page is whole: not tried. What fails comes from its document (forms), or from the mock's own way",
    "of refusing (inputs, http). It says nothing about an EPOS.",
)


@dataclass(slots=True)
class Result:
    """One check against one EPOS."""

    check: Check
    verdict: Verdict
    expected: str = ""
    got: str = ""
    exchange: Exchange | None = None
    """The one that decided."""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    expected_to_fail: str | None = None
    """Why it was expected to fail, where a file says so."""

    @property
    def is_bad(self) -> bool:
        """Whether it makes the run fail: an unexpected failure, or an expected one that has gone."""
        if self.expected_to_fail is not None:
            return self.verdict in {Verdict.PASS, Verdict.LOOSE}
        return self.verdict is Verdict.FAIL

    def json(self) -> Json:
        exchange = self.exchange.json() if self.exchange else {}
        return {
            "name": self.check.name,
            "verdict": self.verdict.value,
            "obligation": self.check.obligation.value,
            "products": sorted(self.check.products),
            "capabilities": list(self.check.needs),
            "reason": self.check.reason,
            "source": self.check.source,
            "doesNotProve": self.check.not_proved,
            "sent": exchange.get("sent"),
            "received": exchange.get("received"),
            "expected": self.expected,
            "got": self.got,
            "notes": self.notes,
            "seconds": round(self.seconds, 3),
            "expectedToFail": self.expected_to_fail,
        }


@dataclass(slots=True)
class Run:
    """All checks against one EPOS."""

    label: str
    """Its URL."""
    transport: str
    started_at: str
    products: frozenset[str]
    """Those that were asked for."""
    results: list[Result] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    is_mock: bool = False
    """Whether it answered without any memory: most checks say nothing about it."""
    left_behind: list[str] = field(default_factory=list)
    """What the checks made and could not take away."""

    @property
    def is_good(self) -> bool:
        return not any(result.is_bad for result in self.results)

    def count(self, product: str | None = None) -> Counter[Verdict]:
        return Counter(
            result.verdict
            for result in self.results
            if product is None or product in result.check.products
        )

    def json(self) -> Json:
        return {
            "epos": self.label,
            "transport": self.transport,
            "startedAt": self.started_at,
            "good": self.is_good,
            "mock": self.is_mock,
            "verdicts": {verdict.value: self.count()[verdict] for verdict in ORDER},
            "checks": [result.json() for result in self.results],
            "leftBehind": self.left_behind,
        }
