"""Faults of one test venue: which requests they strike, and how often they have."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from epos.contract.errors import EPOSErrorType
from epos.control.exchange import Call, Transport, normal

MOST_TRACES = 1_000


class When(StrEnum):
    """Before the work, so that nothing happens; or after it was committed, to the answer."""

    BEFORE = "before"
    AFTER_COMMIT = "after-commit"


class Doing(StrEnum):
    """What a fault does."""

    ERROR = "error"
    STATUS = "status"
    DELAY = "delaySeconds"
    CUT = "cut"
    TRUNCATE = "truncate"
    GARBLE = "garble"


@dataclass(frozen=True, slots=True)
class Action:
    """What happens to a request that is struck. `value`: the kind of the error, the status, the seconds."""

    doing: Doing
    value: Any = True

    @property
    def error_kind(self) -> EPOSErrorType:
        """The kind of the error that is answered."""
        if self.doing is Doing.ERROR:
            return EPOSErrorType(self.value)
        kinds = {404: EPOSErrorType.NotFound, 409: EPOSErrorType.Conflict}
        other = EPOSErrorType.UnexpectedError if self.value >= 500 else EPOSErrorType.InvalidRequest
        return kinds.get(self.value, other)

    @property
    def error_status(self) -> int:
        return STATUSES[self.value] if self.doing is Doing.ERROR else int(self.value)


STATUSES = {
    EPOSErrorType.NotFound: 404,
    EPOSErrorType.Conflict: 409,
    EPOSErrorType.InvalidRequest: 400,
    EPOSErrorType.UnexpectedError: 500,
}


@dataclass(slots=True)
class Fault:
    """An armed fault. It strikes the requests that are as it says: after `skip` of them, `times` of them,
    for `seconds`, each with the probability.
    """

    id: str
    when: When
    action: Action
    capability: str | None = None
    transport: Transport | None = None
    order_id: str | None = None
    product: str | None = None
    device_id: str | None = None
    skip: int = 0
    times: int | None = None
    seconds: float | None = None
    probability: float = 1.0
    seed: int | None = None
    struck: int = 0
    trace_ids: list[str] = field(default_factory=list)
    _passed: int = 0
    _until: float = 0.0
    _random: random.Random = field(default_factory=random.Random)

    def arm(self, now: float) -> None:
        """Its time starts."""
        self._until = float("inf") if self.seconds is None else now + self.seconds
        self._random = random.Random(self.seed)  # noqa: S311 - chance in a test

    def strikes(self, call: Call, now: float) -> bool:
        """Whether it strikes this request; one that is let pass is counted too."""
        if now > self._until or (self.times is not None and self.struck >= self.times):
            return False
        if not self._is_meant(call):
            return False
        if self._passed < self.skip:
            self._passed += 1
            return False
        return self._random.random() < self.probability

    def _is_meant(self, call: Call) -> bool:
        wanted = (
            (normal(self.capability), call.capability),
            (self.transport, call.transport),
            (self.order_id, call.order_id),
            (self.product, call.product),
            (self.device_id, call.device_id),
        )
        return all(want is None or want == have for want, have in wanted)

    def hit(self, trace_id: str) -> None:
        self.struck += 1
        if len(self.trace_ids) < MOST_TRACES:
            self.trace_ids.append(trace_id)


class Faults:
    """Those of one venue, in the order in which they were armed. One request is struck by one fault at
    most before the work, and by one after it.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._faults: dict[str, Fault] = {}
        self._seconds = seconds

    def __len__(self) -> int:
        return len(self._faults)

    def arm(self, fault: Fault) -> None:
        fault.arm(self._seconds())
        self._faults[fault.id] = fault

    def find(self, fault_id: str) -> Fault | None:
        return self._faults.get(fault_id)

    def all(self) -> list[Fault]:
        return list(self._faults.values())

    def disarm(self, fault_id: str) -> Fault | None:
        return self._faults.pop(fault_id, None)

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, call: Call, when: When, trace_id: str) -> Fault | None:
        """The first that strikes; it counts at once."""
        now = self._seconds()
        for fault in self._faults.values():
            if fault.when is when and fault.strikes(call, now):
                fault.hit(trace_id)
                return fault
        return None
