"""What a check is, and the list of all of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from epos.check.exchanges import REST, WEBSOCKET
from epos.contract.operation import ALL_PRODUCTS
from epos.contract.operations import Operation, by_capability

if TYPE_CHECKING:
    from epos.check.subject import Epos

Work = Callable[["Epos"], Awaitable[None]]
BOTH = (REST, WEBSOCKET)


class Obligation(StrEnum):
    """What not doing it means. `must`: a failure. `should` and `may`: the verdict is `loose`."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Verdict(StrEnum):
    """What came of a check."""

    PASS = "pass"  # noqa: S105 - no password
    LOOSE = "loose"
    """Tolerable, or not as recommended: it works with Dojo, and something is better otherwise."""
    FAIL = "fail"
    NOT_CLAIMED = "not claimed"
    """The EPOS does not offer what the check needs."""
    NOT_TRIED = "not tried"
    """It could not be judged: it writes and may not, or a step before it did not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule, and how it is tried."""

    name: str
    obligation: Obligation
    reason: str
    source: str
    not_proved: str
    """What a pass does not show."""
    needs: tuple[str, ...]
    """The capabilities that are judged, the first above all."""
    products: frozenset[str]
    writes: bool
    transports: tuple[str, ...]
    work: Work

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


CHECKS: dict[str, Check] = {}
"""By name, in the order in which they run."""


def register(check: Check) -> None:
    if check.name in CHECKS:
        raise ValueError(f"two checks are named {check.name}")
    CHECKS[check.name] = check


def check(
    obligation: Obligation,
    *needs: str,
    source: str,
    not_proved: str,
    writes: bool = True,
    transports: tuple[str, ...] = BOTH,
) -> Callable[[Work], Work]:
    """Register a function: its module and name are the check's, its docstring says why."""

    def add(work: Work) -> Work:
        module = work.__module__.rpartition(".")[2].replace("_", "-")
        name = f"{module}.{work.__name__.replace('_', '-')}"
        reason = " ".join((work.__doc__ or "").split())
        products = _operation(needs[0]).products if needs else ALL_PRODUCTS
        register(
            Check(
                name,
                obligation,
                reason,
                source,
                not_proved,
                needs,
                products,
                writes,
                transports,
                work,
            )
        )
        return work

    return add


def spec(capability: str, detail: str = "") -> str:
    """A source in the REST document."""
    operation = _operation(capability)
    place = f"{operation.http_method} {operation.path}"
    return ", ".join(filter(None, ["EPOS Data API REST 1.0", place, detail]))


def schema(name: str, detail: str = "") -> str:
    """A source in the schemas of the REST document."""
    return ", ".join(filter(None, ["EPOS Data API REST 1.0", f"schema {name}", detail]))


def docs(page: str) -> str:
    """A source in the documentation around the documents."""
    return f"docs.dojo.tech, {page}"


def inferred(why: str) -> str:
    """No source: Dojo's documents do not say it."""
    return f"Not stated by Dojo; inferred: {why}"


def _operation(capability: str) -> Operation:
    operation = by_capability(capability)
    if operation is None:
        raise ValueError(f"{capability} is no capability")
    return operation
