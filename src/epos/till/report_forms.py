"""A report over a range of days as one table: for a spreadsheet, or as a page to be printed."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from pydantic_core import from_json

from epos.contract.base import Answer
from epos.contract.codec import to_wire
from epos.domain.bill import money
from epos.till.day_csv import decimal, harmless
from epos.till.html import document

_COUNTS = frozenset({"count", "payments"})
_STYLE = """
body { font: 11pt/1.4 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .15em .5em .15em 0; border-bottom: 1px solid #ccc; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; max-width: none; } }
"""

Json = Mapping[str, Any]


def rows_of(answers: Iterable[Answer]) -> list[Json]:
    """The rows as they are answered."""
    return [from_json(to_wire(answer)) for answer in answers]


def as_csv(rows: Sequence[Json], columns: Sequence[str]) -> str:
    """With a heading (RFC 4180). Amounts have two decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(name, row.get(name)) for name in columns])
    return text.getvalue()


def as_page(title: str, rows: Sequence[Json], columns: Sequence[str], currency: str) -> str:
    """Plain HTML, no scripts, everything that people wrote escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(_html(name, row.get(name), currency) for name in columns)}</tr>\n"
        for row in rows
    )
    table = f"<table><tr>{head}</tr>\n{body}</table>\n"
    return document(title, _STYLE, f"<h1>{escape(title)}</h1>\n{table}")


def filled(rows: Sequence[Json], columns: Sequence[str]) -> list[str]:
    """The columns of which a row has something."""
    return [name for name in columns if any(name in row for row in rows)]


def _cell(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case int():
            return str(value) if name in _COUNTS else decimal(value)
        case _:
            return harmless(str(value))


def _html(name: str, value: object, currency: str) -> str:
    if isinstance(value, int):
        shown = str(value) if name in _COUNTS else money(value, currency)
        return f'<td class="n">{escape(shown)}</td>'
    return f"<td>{escape('' if value is None else str(value))}</td>"
