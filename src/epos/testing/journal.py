"""The journal of the test's venue, as a test asks it."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from epos.testing.errors import NotInJournal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer. `body` and `answer` are JSON values; `status` None: no answer was sent."""

    number: int
    at: str
    capability: str | None
    transport: str
    method: str
    path: str
    order_id: str | None
    body: Any
    answer: Any
    status: int | None
    trace_id: str
    fault_id: str | None
    note: str | None

    @classmethod
    def of(cls, known: Json) -> "Entry":
        return cls(
            number=known["number"],
            at=known["at"],
            capability=known.get("capability"),
            transport=known["transport"],
            method=known["method"],
            path=known["path"],
            order_id=known.get("orderId"),
            body=known.get("body"),
            answer=known.get("answer"),
            status=known.get("status"),
            trace_id=known["traceId"],
            fault_id=known.get("faultId"),
            note=known.get("note"),
        )

    def __str__(self) -> str:
        """One line for people: what was asked, what was answered, why."""
        what = self.capability or f"{self.method} {self.path}"
        about = f" {self.order_id}" if self.order_id else ""
        intent = self.body.get("paymentIntentId") if isinstance(self.body, dict) else None
        payment = f" ({intent})" if intent else ""
        said = self.answer.get("debugMessage") if isinstance(self.answer, dict) else None
        outcome = "no answer" if self.status is None else str(self.status)
        why = f": {said}" if said else ""
        fault = f" [{self.note}, {self.fault_id}]" if self.fault_id else ""
        return f"{self.at[11:23]} {what}{about}{payment} -> {outcome}{why}{fault}, trace id {self.trace_id}"


class JournalOfVenue:
    """What the test's venue was asked, and what it answered. Filters: `order_id`, `transport`, `status`,
    `product`, `device_id`, `waiter_id`, `trace_id`, `fault_id`; `body` and `answer` are parts of the JSON.
    """

    def __init__(self, control: httpx.Client, path: str) -> None:
        self._control = control
        self._path = path

    def entries(self, capability: str | None = None, **filters: Any) -> list[Entry]:
        """All entries that are so, oldest first."""
        return [Entry.of(one) for one in self._ask("verify", capability, filters, {})["entries"]]

    def once(self, capability: str, **filters: Any) -> Entry:
        """The only such entry. Raises NotInJournal if there is none, or more than one."""
        (found,) = self.times(1, capability, **filters)
        return found

    def never(self, capability: str, **filters: Any) -> None:
        """Raises NotInJournal if there is such an entry."""
        self.times(0, capability, **filters)

    def times(self, times: int, capability: str, **filters: Any) -> list[Entry]:
        """Exactly so many entries. Raises NotInJournal."""
        told = self._ask("verify", capability, filters, {"times": times})
        if not told["verified"]:
            wish = f"{times} x {_wish(capability, filters)}"
            raise NotInJournal(f"{wish}: the journal has {told['found']}\n{_explained(told)}")
        return [Entry.of(one) for one in told["entries"]]

    def wait(
        self, capability: str, *, times: int = 1, seconds: float = 5.0, **filters: Any
    ) -> list[Entry]:
        """Wait until there are so many such entries. Raises NotInJournal after so many seconds."""
        told = self._ask("wait", capability, filters, {"times": times, "seconds": seconds})
        if not told["arrived"]:
            wish = f"{times} x {_wish(capability, filters)} in {seconds:g} s"
            raise NotInJournal(f"{wish}: {len(told['entries'])} came\n{_explained(told)}")
        return [Entry.of(one) for one in told["entries"]]

    def __str__(self) -> str:
        entries = [str(entry) for entry in self.entries()]
        return "\n".join(entries) or "Nothing was asked of this venue."

    def _ask(self, how: str, capability: str | None, filters: Json, more: Json) -> Json:
        wanted = {_camel(name): value for name, value in filters.items()} | more
        if capability is not None:
            wanted["capability"] = capability
        response = self._control.post(f"{self._path}/journal/{how}", json=wanted)
        if response.status_code != 200:
            raise ValueError(response.json().get("debugMessage", response.text))
        told: Json = response.json()
        return told


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def _wish(capability: str, filters: Json) -> str:
    said = ", ".join(f"{name}={json.dumps(value)}" for name, value in filters.items())
    return f"{capability}({said})" if said else capability


def _explained(told: Json) -> str:
    lines = [f"  found    {Entry.of(one)}" for one in told["entries"]]
    for miss in told["nearest"]:
        lines.append(f"  nearest  {Entry.of(miss['entry'])}")
        lines += [
            f"           {one['field']}: expected {one['expected']!r}, was {one.get('was')!r}"
            for one in miss["differs"]
        ]
    return "\n".join(lines) or "  nothing like it was asked of this venue"
