"""`epos simulate ...`: the simulated Dojo, and the people who use it."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from epos.commands.output import fail, say, say_target, without_password

app = typer.Typer(help="Run a simulated Dojo, and play its people.", no_args_is_help=True)
terminal_app = typer.Typer(help="Play a card machine at a table.", no_args_is_help=True)
phone_app = typer.Typer(help="Play a guest's phone.", no_args_is_help=True)
bookings_app = typer.Typer(help="Play a booking desk.", no_args_is_help=True)
app.add_typer(terminal_app, name="terminal")
app.add_typer(phone_app, name="phone")
app.add_typer(bookings_app, name="bookings")

_TIMEOUT_SECONDS = 300.0
Url = Annotated[str, typer.Option(help="URL of the simulated Dojo.", envvar="EPOS_SIMULATOR_URL")]
Account = Annotated[str | None, typer.Option(help="The account, if there are several.")]
Table = Annotated[str | None, typer.Option(help="A table id; by default, any table.")]
Order = Annotated[
    str | None, typer.Option(help="An order id; by default, the first payable order.")
]
Waiter = Annotated[str | None, typer.Option(help="The waiter who asks.")]
_URL = "http://127.0.0.1:8090"


@app.command()
def dojo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int | None, typer.Option(help="Make the same ids in every run.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds an answer may take.")] = 10.0,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch every entity that the EPOS reports as changed.")
    ] = False,
    lock_shift: Annotated[
        float, typer.Option(help="Seconds added to the expiry of each lock, for a moved clock.")
    ] = 0.0,
    late_capture: Annotated[
        float, typer.Option(help="Seconds until a payment with a rejected signature is captured.")
    ] = 90.0,
    contract: Annotated[
        Path | None,
        typer.Option(help="Folder of the published documents: check messages against them."),
    ] = None,
) -> None:
    """Start a simulated Dojo and serve until Ctrl-C."""
    from epos.simulator.options import Options
    from epos.simulator.process import CannotSimulate, simulate

    named = os.environ.get("EPOS_CONTRACT_DIR")
    folder = contract or (Path(named) if named else None)
    options = Options(
        seed=seed,
        contract=folder,
        call_seconds=timeout,
        fetches=fetch,
        late_capture=late_capture,
        lock_shift=lock_shift,
    )
    try:
        simulate(host, port, options)
    except CannotSimulate as error:
        fail(error)


@app.command("tester")
def serve_tester(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8095,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start an EPOS Tester: GET /flows, POST /flows, GET /flows/{flowId} run the flows of `epos check`."""
    import uvicorn

    from epos.check.tester import build_tester

    say(f"EPOS Tester on http://{host}:{port}, described at /docs")
    uvicorn.run(build_tester(), host=host, port=port, log_level="warning")


@terminal_app.command()
def pay_in_full(
    url: Url = _URL,
    account: Account = None,
    table: Table = None,
    order: Order = None,
    waiter: Waiter = None,
) -> None:
    """Pay an order in full. Steps: list, lock, print, pay, record, unlock."""
    wish = {"tableId": table, "orderId": order, "waiterId": waiter, "bill": True}
    _run(url, account, "terminal/pay", wish)


@terminal_app.command()
def split(
    url: Url = _URL,
    account: Account = None,
    table: Table = None,
    order: Order = None,
    guests: Annotated[int, typer.Option(min=1, help="Number of guests.")] = 3,
) -> None:
    """Pay an order in equal parts."""
    wish = {"tableId": table, "orderId": order, "equal": guests}
    _run(url, account, "terminal/pay", wish)


@terminal_app.command()
def tip(
    url: Url = _URL,
    account: Account = None,
    table: Table = None,
    order: Order = None,
    percent: Annotated[
        int, typer.Option(min=0, max=100, help="Percentage of the amount paid.")
    ] = 10,
) -> None:
    """Pay an order in full, with a tip."""
    wish = {"tableId": table, "orderId": order, "tipPercent": percent}
    _run(url, account, "terminal/pay", wish)


@terminal_app.command()
def reversal(
    url: Url = _URL, account: Account = None, table: Table = None, order: Order = None
) -> None:
    """Pay an order, then reverse the payment. The amount is due again."""
    _run(url, account, "terminal/reversal", {"tableId": table, "orderId": order})


@phone_app.command("order")
def phone_order(
    url: Url = _URL,
    account: Account = None,
    table: Table = None,
    tip_pence: Annotated[int, typer.Option("--tip", min=0, help="In minor units.")] = 0,
) -> None:
    """Order and pay: authorise, create the order, capture."""
    _run(url, account, "phone/order", {"tableId": table, "tip": tip_pence})


@phone_app.command("pay")
def phone_pay(
    url: Url = _URL, account: Account = None, table: Table = None, order: Order = None
) -> None:
    """Pay an open bill."""
    _run(url, account, "phone/pay", {"tableId": table, "orderId": order})


@bookings_app.command("evening")
def bookings_evening(
    url: Url = _URL,
    account: Account = None,
    reservations: Annotated[int, typer.Option(min=1, max=20)] = 4,
) -> None:
    """Make reservations; seat, move and finish their parties."""
    _run(url, account, "desk/evening", {"reservations": reservations})


def _run(url: str, account: str | None, path: str, wish: dict[str, Any]) -> None:
    """Print each step as it happens. Exit with code 1 if one failed."""
    import httpx

    params = {"stream": "true"} | ({"account": account} if account else {})
    place = f"{url.rstrip('/')}/sim/{path}"
    say_target(f"the simulated Dojo at {without_password(url)}")
    try:
        with httpx.stream(
            "POST", place, params=params, json=wish, timeout=_TIMEOUT_SECONDS
        ) as response:
            if response.status_code != 200:
                fail(response.read().decode())
            ended = [_show(json.loads(line)) for line in response.iter_lines()]
    except httpx.HTTPError as error:
        fail(f"no simulated Dojo at {url}: {error}")
    if not ended or not ended[-1]:
        raise typer.Exit(1)


def _show(line: dict[str, Any]) -> bool:
    """Print one line; tell whether its step succeeded."""
    well: bool = line["ok"]
    if "flow" in line:
        say(f"{'ok  ' if well else 'FAIL'}  {line['flow']}: {line['outcome']}")
        return well
    say(f"{'  ok' if well else '  --'}  {line['step']:<34} {line['says']}".rstrip())
    return well
