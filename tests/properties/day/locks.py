"""The lock of a terminal, which keeps tills away but no payment."""

from datetime import datetime

from tests.properties.day.world import Order, Refused, World


def lock(world: World, uid: int, lock_id: str, until: datetime) -> list[Order]:
    order = world.orders[uid]
    if not order.is_open or order.locked(world.now):
        raise Refused(409, "not now")
    order.lock = (lock_id, until)
    if order.tab is not None:
        order.billed = order.total  # the terminal shows what the lock's answer says
    return [order]


def unlock(world: World, uid: int, lock_id: str) -> list[Order]:
    order = world.orders[uid]
    if order.lock is not None and order.lock[0] == lock_id:
        order.lock = None
    return [order]


def break_lock(world: World, uid: int, lock_id: str) -> list[Order]:
    order = world.orders[uid]
    if not order.locked(world.now) or order.lock is None or order.lock[0] != lock_id:
        raise Refused(409, "it is not live")
    world.incident(order, "break-lock", order.balance)
    order.lock = None
    return [order]
