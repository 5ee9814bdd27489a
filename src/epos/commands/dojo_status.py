"""The lines that `epos dojo` prints about links, the outbox and registrations."""

from collections.abc import Collection

from epos.commands.output import say
from epos.dojo.models import Integration, Integrations
from epos.dojo.products import products, warnings
from epos.dojo.registration import implemented
from epos.domain.dojo import DojoLink
from epos.store.outbox import Waiting
from epos.store.statements import Record


def say_link(link: DojoLink | None, venue_id: str) -> None:
    if link is None:
        say(f"venue {venue_id}: no server has connected it yet")
        return
    source = "in the environment" if link.api_key_sealed is None else "sealed here"
    checks = "checked with Dojo" if link.verifies_payments else "not checked with Dojo"
    say(f"venue {venue_id}: {link.transport}, {link.api_url}, key {source}, payments {checks}")


def say_keeper(keeper: str | None, link: DojoLink | None) -> None:
    """Name the process that connects the venue; none does if no running server has its key."""
    if keeper is not None:
        say(f"connected by {keeper}")
    elif link is not None:
        name = "EPOS_DOJO_API_KEY" if link.api_key_sealed is None else "EPOS_SECRET_KEY"
        say(
            f"warning: no server process keeps venue {link.venue_id} connected, and its changes wait: "
            f"start one with {name}, or give the link up with `epos dojo link remove {link.venue_id}`"
        )


def say_outbox(waiting: Waiting) -> None:
    if waiting.since is None:
        say("outbox: nothing waits")
        return
    parked = f", {waiting.parked} of them parked" if waiting.parked else ""
    say(
        f"outbox: {waiting.changes} changes of {waiting.entities} things wait since "
        f"{waiting.since:%Y-%m-%d %H:%M:%S}{parked}"
    )


def say_change(row: Record) -> None:
    """Print the waiting changes of one order, party or reservation."""
    state = "parked" if row["parked"] else f"due {row['due_at']:%Y-%m-%d %H:%M:%S}"
    columns = (row["entity"], row["entity_id"], f"{row['changes']} changes")
    say("\t".join([*columns, f"{row['attempts']} tries", state, row["last_error"] or ""]))


def say_registrations(integrations: Integrations, served: Collection[str]) -> None:
    """Print a line for each capability; then, for each registration, the products that it enables."""
    ours = implemented(served)
    rest, socket = integrations.restIntegrations or [], integrations.wsIntegrations or []
    names = {"websocket": _names(socket), "rest": _names(rest)}
    registered = frozenset().union(*names.values())
    for name in [*ours, *sorted(registered - set(ours))]:
        doors = [door for door, held in names.items() if name in held]
        here = "" if name in ours else "  (this server does not implement it)"
        say(f"{name:45}{' and '.join(doors) or 'not registered'}{here}")
    sets = [("websocket", one.names) for one in socket]
    sets += [(f"rest at {one.url}", one.names) for one in rest]
    if len(sets) != 1:
        sets.append(("together" if sets else "nothing registered", registered))
    for title, held in sets:
        say(f"{title}: {len(held)} capabilities")
        say_products(held)
        for warning in warnings(held):
            say(f"warning: {warning}")


def say_products(names: frozenset[str]) -> None:
    """Print which products these capabilities enable, and what the others still need."""
    for product in products(names):
        state = "enabled" if product.is_enabled else f"missing {', '.join(product.missing)}"
        say(f"  {product.name:15}{state}")


def _names(integrations: list[Integration]) -> frozenset[str]:
    return frozenset().union(*(one.names for one in integrations))
