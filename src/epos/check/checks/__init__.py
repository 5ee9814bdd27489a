"""The checks. Importing this registers them, in the order in which they run."""

from epos.check.checks import (  # isort: skip - the order is that of a run
    forms as forms,
    claims as claims,
    tables as tables,
    orders as orders,
    order_pages as order_pages,
    payments as payments,
    payment_refusals as payment_refusals,
    locks as locks,
    bills as bills,
    parties as parties,
    reservations as reservations,
    events as events,
    inputs as inputs,
    http as http,
    sockets as sockets,
    flows as flows,
)
