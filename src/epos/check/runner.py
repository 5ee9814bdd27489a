"""Run the checks against one EPOS, one after the other."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import epos.check.checks  # noqa: F401 - registers the checks
from epos.check.exchanges import Exchange
from epos.check.links import Link
from epos.check.registry import CHECKS, Check, Obligation, Verdict
from epos.check.results import Result, Run
from epos.check.subject import Epos, Failed, NotClaimed, NotTried
from epos.check.world import CheckOptions, World
from epos.contract.operation import ALL_PRODUCTS
from epos.simulator.formats import now_text

Listener = Callable[[int, int, Check, Result | None], None]
"""Told of each check before it runs, with None, and after: its number, how many there are, and the rest."""
_WITHOUT_MEMORY = {"forms", "claims", "inputs", "http", "sockets"}
"""Groups of checks that say something about a mock, too."""
_PAGE = {"cursor": {"limit": 100}}


class CannotReach(Exception):
    """Why no check can run, in one line."""


def chosen(options: CheckOptions, transport: str) -> list[Check]:
    """The checks of a run."""
    products = options.products or ALL_PRODUCTS
    return [
        check
        for check in CHECKS.values()
        if check.products & products
        and transport in check.transports
        and check.name.startswith(options.only)
    ]


async def run_checks(
    link: Link,
    options: CheckOptions,
    label: str,
    *,
    unclaimed: Iterable[str] = (),
    listener: Listener | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Run:
    """Raises CannotReach."""
    world = World(options, given_orders=list(options.orders), unclaimed=set(unclaimed))
    run = Run(label, link.transport, now_text(), options.products or ALL_PRODUCTS)
    await _look_around(Epos("start", link, world, run.exchanges), world)
    run.is_mock = world.is_mock
    if run.is_mock:
        say("This is a mock: two orders that do not exist are answered, with the same order.")
    checks = chosen(options, link.transport)
    for number, check in enumerate(checks, 1):
        if listener is not None:
            listener(number, len(checks), check, None)
        result = await run_one(check, link, world, run.exchanges)
        run.results.append(result)
        if listener is not None:
            listener(number, len(checks), check, result)
    run.left_behind = world.left_behind
    return run


async def run_one(check: Check, link: Link, world: World, exchanges: list[Exchange]) -> Result:
    """One check, and what it made is taken away again."""
    epos = Epos(check.name, link, world, exchanges)
    started = time.perf_counter()
    result = await _judge(check, epos)
    await epos.clean_up()
    result.seconds = time.perf_counter() - started
    result.notes = epos.notes
    return result


async def _judge(check: Check, epos: Epos) -> Result:
    missing = [name for name in check.needs if name in epos.world.unclaimed]
    if missing:
        return Result(check, Verdict.NOT_CLAIMED, got=f"{missing[0]} is not offered")
    if check.writes and not epos.world.options.write:
        return Result(check, Verdict.NOT_TRIED, got="it writes: --write allows it")
    if epos.world.is_mock and check.group not in _WITHOUT_MEMORY:
        return Result(check, Verdict.NOT_TRIED, got="it needs a memory, which a mock has not")
    result = Result(check, Verdict.PASS)
    try:
        await check.work(epos)
    except Failed as failed:
        must = check.obligation is Obligation.MUST
        result.verdict = Verdict.FAIL if must else Verdict.LOOSE
        result.expected, result.got = failed.expected, failed.got
        result.exchange = failed.exchange
        return result
    except NotClaimed as words:
        result.verdict, result.got = Verdict.NOT_CLAIMED, str(words)
    except NotTried as words:
        result.verdict, result.got = Verdict.NOT_TRIED, str(words)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        # The answer is not what the schema says; the checks of forms tell of it.
        words_ = f"the answer cannot be understood: {type(error).__name__} {error}"
        result.verdict, result.got = Verdict.NOT_TRIED, words_
    else:
        result.got = "; ".join(epos.loose_words)
        result.expected = "" if epos.loose_words else epos.expected
        result.verdict = Verdict.LOOSE if epos.loose_words else Verdict.PASS
    result.exchange = epos.last
    return result


async def _look_around(epos: Epos, world: World) -> None:
    """Find out what is there. Nothing is judged yet."""
    if epos.is_rest:
        sent = {"method": "GET", "path": "/v1/no-such-path", "headers": {}}
        nowhere = await epos.send("none", sent)
        if nowhere.received.silence is not None:
            raise CannotReach(nowhere.received.silence)
        world.unknown_path = nowhere.error
    orders = await _content(epos, "SearchOrders", {"cursor": {"limit": 1}})
    if epos.last is not None and epos.last.received.status in {401, 403}:
        raise CannotReach("the username and password are not accepted")
    world.is_mock = await _is_mock(epos)
    world.areas = _objects(await _content(epos, "ListAreas"))
    page = await _content(epos, "SearchTables", _PAGE)
    world.tables = _objects(_rows(page[0] if isinstance(page, list) and page else page))
    parties = _objects(_rows(await _content(epos, "SearchParties", _PAGE)))
    taken = {table for party in parties for table in party.get("tableIds") or []}
    world.free_tables = [one["id"] for one in world.tables if one["id"] not in taken]
    world.currency = world.options.currency or _currency(_objects(_rows(orders))) or "GBP"


async def _is_mock(epos: Epos) -> bool:
    """Whether two orders that do not exist are answered, and are the same order."""
    names = [epos.new_id("no_order") for _ in range(2)]
    try:
        one, other = [(await epos.ask("GetOrderById", orderId=name)).content for name in names]
    except NotClaimed:
        return False
    return isinstance(one, dict) and one == other


async def _content(epos: Epos, capability: str, body: Any = None) -> Any:
    try:
        return (await epos.ask(capability, body)).content
    except NotClaimed:
        return None


def _rows(page: Any) -> Any:
    return page.get("data") if isinstance(page, dict) else None


def _objects(rows: Any) -> list[Any]:
    known = rows if isinstance(rows, list) else []
    return [row for row in known if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _currency(orders: list[Any]) -> str | None:
    totals = [order.get("totalAmount") for order in orders]
    codes = [total.get("currencyCode") for total in totals if isinstance(total, dict)]
    return next((code for code in codes if code in {"GBP", "EUR"}), None)
