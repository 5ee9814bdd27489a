"""The name of an order on a card machine."""

TERMINAL_WIDTH = 24


def display_name(place: str | None, reference: str) -> str:
    """The place (a table, or "Collection") and the reference. The place is cut so that both fit into the
    terminal's 24 characters. An order to eat in without a table is shown as its reference.
    """
    if place is None:
        return reference
    room = TERMINAL_WIDTH - len(reference) - 1
    return f"{place[:room].rstrip()} {reference}" if room > 0 else reference
