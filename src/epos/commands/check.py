"""`epos check`: whether an EPOS does what the EPOS Data API asks of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from epos.commands.output import fail, say, say_target, without_password

if TYPE_CHECKING:
    from epos.check.results import Run
    from epos.check.session import Address
    from epos.check.world import CheckOptions

_PRODUCTS = ("Pay at Table", "Order & Pay", "QR Pay", "Bookings")


Urls = Annotated[
    list[str],
    typer.Argument(help="http(s) URL of an EPOS, or ws://HOST:PORT to wait for its connection."),
]
Write = Annotated[
    bool, typer.Option("--write", help="Make orders, parties and reservations, lock, and pay.")
]
Product = Annotated[
    list[str] | None, typer.Option(help=f"One of {', '.join(_PRODUCTS)}; may be repeated.")
]
Only = Annotated[str, typer.Option(help="Only checks whose names begin so.")]
Order = Annotated[
    list[str] | None,
    typer.Option(help="Id of an unpaid order of 20.00, for an EPOS without CreateOrder."),
]
Currency = Annotated[str | None, typer.Option(help="GBP or EUR [that of an order]")]
Json = Annotated[Path | None, typer.Option("--json", help="Results as JSON.")]
Junit = Annotated[Path | None, typer.Option(help="Results as JUnit XML.")]
Html = Annotated[Path | None, typer.Option(help="Results as one HTML page.")]
Bundle = Annotated[
    Path | None, typer.Option(help="All exchanges as JSON lines, or as a .zip with the results.")
]
Expected = Annotated[
    Path | None, typer.Option(help="File of known failures: a check's name and # why, a line each.")
]
Username = Annotated[str, typer.Option(envvar="EPOS_CHECK_USERNAME", help="For HTTP Basic.")]
Password = Annotated[
    str, typer.Option(envvar="EPOS_CHECK_PASSWORD", help="Better set as the variable.")
]
Wait = Annotated[float, typer.Option(help="Seconds to wait for the WebSocket.")]


def check(
    urls: Urls,
    write: Write = False,
    product: Product = None,
    only: Only = "",
    order: Order = None,
    currency: Currency = None,
    json: Json = None,
    junit: Junit = None,
    html: Html = None,
    bundle: Bundle = None,
    expected_failures: Expected = None,
    username: Username = "",
    password: Password = "",
    wait: Wait = 120.0,
) -> None:
    """Check an EPOS Data API server. Exit code 0: good, 1: a check failed, 2: it could not run."""
    from epos.check.expected import WrongFile, read_expected
    from epos.check.runner import CannotReach
    from epos.check.session import address
    from epos.check.world import CheckOptions

    unknown = set(product or []) - set(_PRODUCTS)
    if unknown:
        fail(f"no product {', '.join(sorted(unknown))}: it is one of {', '.join(_PRODUCTS)}")
    options = CheckOptions(
        write=write,
        products=frozenset(product or []),
        only=only,
        orders=tuple(order or []),
        currency=currency,
    )
    try:
        known = read_expected(expected_failures) if expected_failures else {}
        places = [address(url, username, password) for url in urls]
        for url in urls:
            say_target(f"the EPOS at {without_password(url)}")
        runs = [_run(place, options, known, wait) for place in places]
    except (CannotReach, WrongFile) as error:
        fail(error)
    files = {"json": json, "junit": junit, "html": html, "bundle": bundle}
    _write_files(runs, {name: path for name, path in files.items() if path is not None})
    if not all(run.is_good for run in runs):
        raise typer.Exit(1)


def _run(place: "Address", options: "CheckOptions", known: dict[str, str], wait: float) -> "Run":
    import asyncio

    from epos.check.expected import apply_expected
    from epos.check.reports.terminal import ProgressLine, summary
    from epos.check.runner import CannotReach
    from epos.check.session import check_epos

    progress = ProgressLine(_write_now, live=sys.stdout.isatty())
    working = check_epos(place, options, listener=progress, say=say, connect_seconds=wait)
    try:
        run = asyncio.run(working)
    except CannotReach as error:
        raise CannotReach(f"{place.label}: {error}") from None
    apply_expected(run, known)
    summary(run, say)
    return run


def _write_now(text: str) -> None:
    print(text, end="", flush=True)


def _write_files(runs: list["Run"], files: dict[str, Path]) -> None:
    from epos.check.reports import files as reports
    from epos.check.reports.terminal import matrix

    if len(runs) > 1:
        matrix(runs, say)
    write = {
        "json": reports.write_json,
        "junit": reports.write_junit,
        "html": reports.write_html,
        "bundle": reports.write_bundle,
    }
    try:
        for name, path in files.items():
            write[name](path, runs)
    except OSError as error:
        fail(error)
