"""What somebody does, step by step, and how it ends."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from epos.simulator.calls import Reply
from epos.simulator.moments import now_text

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done."""

    name: str
    ok: bool
    says: str
    at: str


class Ended(Exception):
    """The flow cannot go on; the outcome is one word or two."""

    def __init__(self, outcome: str, *, ok: bool = False) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.ok = ok


@dataclass
class Run:
    """One flow. `listener` hears of every step as it happens."""

    name: str
    listener: Callable[[Step], None] | None = None
    steps: list[Step] = field(default_factory=list)
    outcome: str = "success"
    data: Json = field(default_factory=dict)
    """What came of it: ids, for those who look further."""

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def step(self, name: str, says: str = "", *, ok: bool = True) -> None:
        step = Step(name, ok, says, now_text())
        self.steps.append(step)
        if self.listener is not None:
            self.listener(step)

    def expect(self, name: str, actual: object, expected: object) -> None:
        """A step that is fine when the EPOS says what it must."""
        same = actual == expected
        self.step(name, "" if same else f"{actual!r}, not {expected!r}", ok=same)

    def replied(self, name: str, reply: Reply, says: str = "") -> Any:
        """The answer. Raises Ended where there is none."""
        wrong = "; ".join(reply.violations)
        self.step(name, wrong or (says if reply.ok else reply.words), ok=reply.ok and not wrong)
        if reply.ok:
            return reply.answer
        raise Ended("refused" if reply.is_refusal else "unanswered")

    def json(self) -> Json:
        steps = [asdict(step) for step in self.steps]
        return {
            "flow": self.name,
            "ok": self.ok,
            "outcome": self.outcome,
            "steps": steps,
            **self.data,
        }
