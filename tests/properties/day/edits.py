"""What staff do with a tab: items, discounts, service charge, here or away, split, merge, cancel."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction

from tests.properties.day.bill import Discount, Line, Tab, add_up
from tests.properties.day.given_back import explain, fits
from tests.properties.day.moves import Taken, divide, is_all, merge, split
from tests.properties.day.world import CLOSED, LADDER, Order, Refused, World

MOST_DISCOUNTS = 10


def save(
    world: World,
    order: Order,
    tab: Tab,
    *,
    status: str | None = None,
    incident: tuple[str, int, int] | None = None,
    moves: bool = False,
    explains: bool = True,
) -> None:
    """The order has this tab from now on, if it may. `moves`: nothing is taken off, it only goes to or
    comes from another tab. `explains`: a smaller bill says what was given back for.
    """
    assert order.tab is not None
    was, now = add_up(order.tab), add_up(tab)
    if tab.given_back and explains:
        explain(order.tab, tab)
        now = add_up(tab)
    if tab.given_back and not explains and not fits(tab):
        raise Refused(409, "as much must stay as was given back")
    becomes = status or order.status
    if (
        (now.total, now.back) != (was.total, was.back)
        and world.finalizes
        and 0 < order.paid == now.total
    ):
        becomes = "Finalized"
    if now.total < order.paid:
        raise Refused(409, "less than is paid")
    if becomes == "Finalized":
        make_all(order, tab)
    order.tab, order.status = tab, becomes
    if incident is not None:
        world.incident(order, *incident)
    left = 0 if status == "Canceled" else now.whole
    if not moves and order.billed is not None and left < order.billed:
        world.incident(order, "after-bill", order.billed - left)
        order.billed = now.whole
    world.changed(order)


def new_tab(charge_rate: int, *, is_compulsory: bool) -> Tab:
    return Tab(charge_rate=charge_rate, charge_is_compulsory=is_compulsory)


def make_all(order: Order, tab: Tab) -> None:
    """What is paid is made: the kitchen gets what it has not been told."""
    if any(line.round is None for line in tab.live):
        order.rounds += 1
        for line in tab.live:
            line.round = line.round or order.rounds


def _edited(tab: Tab) -> tuple[Tab, object]:
    return deepcopy(tab), tab.amounts()


def _line(tab: Tab, uid: int) -> Line:
    line = next(line for line in tab.lines if line.uid == uid)
    if line.is_void:
        raise Refused(409, "void")
    return line


# --- lines ----------------------------------------------------------------------------------------


def add(
    world: World,
    uid: int,
    version: int,
    lines: list[Line],
    *,
    refused: tuple[int, bool] | None,
) -> list[Order]:
    """`refused`: the status for what the menu does not have, and whether an approval helps."""
    order, tab = world.open_tab(uid, version)
    if refused is not None:
        raise Refused(refused[0], "not on the menu, or not twice")
    new, before = _edited(tab)
    for line in deepcopy(lines):
        line.uid = world.uid()
        new.lines.append(line)
    new.forget_split(before)
    twice_off = sum(line.quantity * line.twice_off for line in lines)
    incident = ("discount", twice_off, 0) if twice_off else None
    save(world, order, new, incident=incident)
    return [order]


def correct(
    world: World,
    uid: int,
    version: int,
    line_uid: int,
    becomes: tuple[int, int | None],
    *,
    approved: bool,
) -> list[Order]:
    """`becomes`: its quantity and its cover."""
    order, tab = world.open_tab(uid, version)
    new, before = _edited(tab)
    line, (quantity, cover) = _line(new, line_uid), becomes
    if quantity != line.quantity and (line.round is not None or line.is_part):
        raise Refused(409, "the kitchen has it, or it is a part")
    twice_off = (quantity - line.quantity) * line.twice_off
    if twice_off > 0 and not approved:
        raise Refused(403, "more of what is cheaper twice")
    line.quantity, line.cover = quantity, cover
    new.forget_split(before)
    save(world, order, new, incident=("discount", twice_off, 0) if twice_off > 0 else None)
    return [order]


def void(
    world: World, uid: int, version: int, line_uid: int, quantity: int, *, approved: bool
) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    new = deepcopy(tab)
    line = _line(new, line_uid)
    if line.round is not None and not approved:
        raise Refused(403, "the kitchen has it")
    if quantity > line.quantity:
        raise Refused(400, "more than there are")
    if quantity < line.quantity:
        if line.is_part:
            raise Refused(409, "a part has no quantity of its own")
        line = divide(new, line, quantity, world.uid())
    before = new.amounts()
    line.is_void = True
    new.forget_split(before)
    count = sum(part.count for part in line.parts)
    save(world, order, new, incident=("void", line.gross, count))
    return [order]


def send(world: World, uid: int, version: int) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    if all(line.round is not None for line in tab.live):
        raise Refused(409, "nothing new")
    new = deepcopy(tab)
    make_all(order, new)
    further = LADDER.index(order.status) < LADDER.index("Confirmed")
    save(world, order, new, status="Confirmed" if further else None)
    return [order]


def take_away(
    world: World, uid: int, version: int, line_uids: list[int] | None, *, away: bool
) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    new, before = _edited(tab)
    chosen = new.live if line_uids is None else [_line(new, one) for one in line_uids]
    for line in chosen:
        line.is_away = away
    new.forget_split(before)
    was = order.takeaway
    order.takeaway = away if line_uids is None else was
    try:
        save(world, order, new)
    except Refused:
        order.takeaway = was
        raise
    return [order]


# --- prices ---------------------------------------------------------------------------------------


def discount(
    world: World, uid: int, version: int, line_uid: int | None, what: Discount
) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    new, before = _edited(tab)
    mine = new.live
    if line_uid is None:
        new.discount = what
    else:
        line = _line(new, line_uid)
        if len(line.discounts) >= MOST_DISCOUNTS:
            raise Refused(409, "ten")
        line.discounts = (*line.discounts, what)
        mine = [line]
    new.forget_split(before)
    off = new.shares().off
    place = -1 if line_uid is None else -2
    amount = sum(sum(off[line.uid][place]) for line in mine)
    left = sum(sum(line.left(off[line.uid])) for line in mine)
    kind = "comp" if amount and not left else "discount"
    save(world, order, new, incident=(kind, amount, 0))
    return [order]


def undo_discount(world: World, uid: int, version: int, line_uid: int | None) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    new, before = _edited(tab)
    line = None if line_uid is None else _line(new, line_uid)
    if not (new.discount if line is None else line.discounts):
        raise Refused(409, "there is none")
    if line is None:
        new.discount = None
    else:
        line.discounts = ()
    new.forget_split(before)
    save(world, order, new)
    return [order]


def charge(world: World, uid: int, version: int, rate: int | None) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    new, before = _edited(tab)
    new.charge_rate = world.charge_rate if rate is None else rate
    new.charge_is_compulsory = world.charge_is_compulsory
    new.forget_split(before)
    save(world, order, new)
    return [order]


# --- two of one, one of two -----------------------------------------------------------------------


def part(world: World, uid: int, version: int, taken: Taken, waiter: str | None) -> list[Order]:
    order, tab = world.open_tab(uid, version)
    for line_uid, wanted in taken.items():
        if wanted > (1 if isinstance(wanted, Fraction) else _line(tab, line_uid).quantity):
            raise Refused(400, "more than there are")
    if all(line.uid in taken and is_all(line, taken[line.uid]) for line in tab.live):
        raise Refused(409, "nothing would stay")
    for line_uid, wanted in taken.items():
        line = _line(tab, line_uid)
        if line.is_part and not isinstance(wanted, Fraction) and not is_all(line, wanted):
            raise Refused(409, "a part has no quantity of its own")
    stays, goes = split(tab, taken, world.uid)
    new = replace(
        order,
        uid=world.uid(),
        tab=goes,
        waiter=waiter or order.waiter,
        payments=[],
        went_back=[],
        on_paper=0,
        lock=None,
        version=1,
        billed=None if order.billed is None else add_up(goes).total,
        noted={},
        noted_waiter=None,
        noted_items=Counter(),
        id="",
    )
    save(world, order, stays, explains=False)
    world.orders[new.uid] = new
    world.note_sales(new)
    return [order, new]


def join(world: World, named: tuple[int, int], other: tuple[int, int]) -> list[Order]:
    """Each: an order and the version that was seen."""
    (order, tab), (coming, coming_tab) = world.open_tab(*named), world.open_tab(*other)
    if order.payments and coming.payments:
        raise Refused(409, "both have payments")
    if coming.payments:
        order, tab, coming, coming_tab = coming, coming_tab, order, tab
    merged = merge(tab, coming_tab, order.rounds)
    status = max(order.status, coming.status, key=LADDER.index)
    billed, off = _billed(order, coming, add_up(merged).whole)
    order.rounds += coming.rounds
    incident = ("after-bill", off, 0) if off else None
    save(world, order, merged, status=status, incident=incident, moves=True)
    order.billed = billed
    emptied = replace(coming_tab, lines=[], discount=None, kept=None)
    coming.billed = None
    save(world, coming, emptied, status="Canceled", moves=True)
    return [order, coming]


def _billed(staying: Order, coming: Order, whole: int) -> tuple[int | None, int]:
    """What guests saw of both, and what is less of it now. What nobody saw counts as seen from now on."""
    assert staying.tab is not None
    assert coming.tab is not None
    alone = add_up(staying.tab).whole
    if staying.billed is None and coming.billed is None:
        return None, 0
    if coming.billed is None:
        seen, now = staying.billed or 0, alone
    elif staying.billed is None:
        seen, now = coming.billed, whole - alone
    else:
        seen, now = staying.billed + coming.billed, whole
    off = max(seen - now, 0)
    return seen - off + whole - now, off


# --- its life -------------------------------------------------------------------------------------


def progress(world: World, uid: int, version: int, status: str) -> list[Order]:
    order = world.order(uid, version)
    if not order.is_open or LADDER.index(status) <= LADDER.index(order.status):
        raise Refused(409, "a step back")
    order.status = status
    world.changed(order)
    return [order]


def cancel(world: World, uid: int, version: int, *, approved: bool) -> list[Order]:
    order = world.order(uid, version)
    if order.is_open and not approved:
        tab = order.tab
        if tab is None and (order.paid > 0 or order.status != "Submitted"):
            raise Refused(403, "it is promised, or paid for")
        if tab is not None and any(line.round is not None for line in tab.live):
            raise Refused(403, "the kitchen has it")
    if order.status == "Canceled":
        return [order]
    _check_cancelable(order)
    if order.tab is None:
        world.incident(order, "cancel", order.total)
        order.status = "Canceled"
        world.changed(order)
        return [order]
    new, before = _edited(order.tab)
    new.back, new.back_vat = Counter(), Counter()
    voided = [line for line in new.live if line.round is not None]
    for line in voided:
        line.is_void = True
    new.forget_split(before)
    count = sum(part.count for line in voided for part in line.parts)
    save(world, order, new, status="Canceled", incident=("cancel", order.total, count))
    return [order]


def cancel_by_dojo(world: World, uid: int) -> list[Order]:
    order = world.orders[uid]
    tab = order.tab
    if order.is_open and tab is not None and any(line.round is not None for line in tab.live):
        raise Refused(409, "the kitchen has it")
    if order.status == "Canceled":
        return [order]
    _check_cancelable(order)
    if order.locked(world.now):
        raise Refused(409, "a terminal has locked it")
    world.incident(order, "cancel", order.total)
    if order.billed:
        world.incident(order, "after-bill", order.billed)
    order.status = "Canceled"
    world.changed(order)
    return [order]


def _check_cancelable(order: Order) -> None:
    if order.status in CLOSED:
        raise Refused(409, order.status)
    if order.tab is not None and order.paid + order.tips > 0:
        raise Refused(409, "money first")


def close(world: World, uid: int, version: int) -> list[Order]:
    order = world.order(uid, version)
    if order.balance:
        raise Refused(409, "something is left to pay")
    if not order.is_open:
        raise Refused(409, order.status)
    if order.tab is not None:
        make_all(order, order.tab)
    order.status = "Finalized"
    world.changed(order)
    return [order]


def reopen(world: World, uid: int, version: int) -> list[Order]:
    order = world.order(uid, version)
    if order.status != "Finalized":
        raise Refused(409, "not finished")
    order.status = "Ready"
    world.incident(order, "reopen", order.total)
    world.changed(order)
    return [order]


def hand_over(world: World, uid: int, version: int, waiter: str | None) -> list[Order]:
    """To another waiter, or (None) to another table."""
    order = world.order(uid, version)
    if not order.is_open:
        raise Refused(409, order.status)
    if waiter is None and order.is_collection:
        raise Refused(409, "it is collected")
    order.waiter = waiter or order.waiter
    world.changed(order)
    return [order]


def show_bill(world: World, uid: int) -> list[Order]:
    order = world.orders[uid]
    is_over = order.status in ("Canceled", "Failed")
    if order.tab is not None and not is_over and (order.total or order.billed):
        order.billed = order.total  # a bill of nothing shows nothing that could be taken off
    return [order]


def show_receipt(world: World, uid: int) -> list[Order]:
    order = world.orders[uid]
    is_over = order.status in ("Canceled", "Failed")
    if is_over or (not order.paid and order.status != "Finalized"):
        raise Refused(409, "nothing is paid")
    return show_bill(world, uid)
