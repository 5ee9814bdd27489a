"""The limit that PostgreSQL sets: pgbench runs the prepared statements of an operation, with 8 clients."""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import nan
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks import bodies
from benchmarks.capture import Example, Sent
from benchmarks.postgres import Postgres
from benchmarks.samples import Sample
from benchmarks.venues import Venue

CLIENTS = 8
# The first line of a script: it chooses the order of a transaction.
ANY_ORDER = "\\set order random(1, {size})"
OWN_OPEN_ORDER = "\\set order {first_open} + :client_id + 8 * random(0, {open} / 8 - 1)"
SHARED_ORDER = "SELECT {first_open} + nextval('bench_turn') / {splits} % {open} AS order \\gset"
_UNIQUE = "\\set token random(1, 9000000000000000)"
_TOKEN = "lpad(to_hex(:token::bigint), 32, 'f')"
_ORDER = "('ord_' || lpad(to_hex(:order::bigint), 32, '0'))"


@dataclass
class Script:
    """A pgbench script that runs for many orders the statements that were captured for one."""

    example: Example
    lines: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, order: str, example: Example, sent: list[Sent]) -> "Script":
        script = cls(example, [order, _UNIQUE])
        for statement in sent:
            script.lines.append(script._line(statement))
        return script

    def _line(self, sent: Sent) -> str:
        def value(match: re.Match[str]) -> str:
            return self._value(sent.arguments[int(match.group(1)) - 1])

        sql = " ".join(sent.sql.split()).rstrip(";")
        return re.sub(r"\$(\d+)", value, sql) + ";"

    def _value(self, argument: Any) -> str:
        changing = self._changing(argument)
        if changing is not None:
            return changing
        if argument is None or isinstance(argument, bool | int):
            return "NULL" if argument is None else str(argument).lower()
        return self._constant(_text(argument))

    def _changing(self, argument: Any) -> str | None:
        """An SQL expression for a value that differs from one transaction to the next."""
        if isinstance(argument, str) and argument.startswith("pay_"):
            return f"('pay_' || {_TOKEN})"
        known: dict[Any, str] = {
            self.example.order_id: _ORDER,
            self.example.intent_id: f"('pi_' || {_TOKEN})",
            self.example.lock_id: f"('lk_' || {_TOKEN})",
            bodies.PAID + 10: "(customer_order.paid_amount + 10)",
            bodies.TIP + 1: "(customer_order.tips_amount + 1)",
        }
        if argument == [self.example.intent_id]:
            return f"(ARRAY['pi_' || {_TOKEN}])"
        return known.get(argument) if isinstance(argument, str | int) else None

    def _constant(self, text: str) -> str:
        """A parameter, as the server sends it: PostgreSQL could plan for a literal."""
        name = f"c{len(self.constants)}"
        known = {value: key for key, value in self.constants.items()}
        name = known.get(text, name)
        self.constants[name] = text
        return f":{name}"


def _text(argument: Any) -> str:
    if isinstance(argument, datetime):
        return argument.isoformat()
    if isinstance(argument, list):
        return "{" + ",".join(json.dumps(str(part)) for part in argument) + "}"
    return str(argument)


def run(postgres: Postgres, script: Script, seconds: int) -> Sample:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "script.sql")
        file.write_text("\n".join(script.lines) + "\n", encoding="utf-8")
        options = ["--no-vacuum", f"--client={CLIENTS}", "--protocol=prepared"]
        options += [f"--time={seconds}", f"--file={file}"]
        options += ["--log", f"--log-prefix={folder}/log"]
        options += [f"--define={name}={value}" for name, value in script.constants.items()]
        output = postgres.program("pgbench", *options)
        return _sample(output, sorted(_milliseconds(Path(folder))))


def order_choice(line: str, venue: Venue) -> str:
    return line.format(size=venue.size, first_open=venue.first_open, open=venue.open)


def _milliseconds(folder: Path) -> Iterator[float]:
    for log in folder.glob("log.*"):
        for line in log.read_text().splitlines():
            yield int(line.split()[2]) / 1000


def _sample(output: str, milliseconds: list[float]) -> Sample:
    rate = re.search(r"tps = ([\d.]+)", output)
    if len(milliseconds) < 2:  # too few for a percentile; without any, pgbench prints no rate
        return Sample(rate=0, p50=nan, p99=nan)
    if rate is None:
        raise ValueError(f"pgbench said something unexpected:\n{output}")
    hundredths = quantiles(milliseconds, n=100)
    return Sample(
        rate=float(rate.group(1)),
        p50=hundredths[49],
        p99=hundredths[98],
        requests=len(milliseconds),
    )
