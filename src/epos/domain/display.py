"""What a card machine shows for an order."""

TERMINAL_WIDTH = 24


def display_name(table_name: str | None, reference: str) -> str:
    """The table and the reference, the table cut so that both fit a terminal's 24 characters."""
    place = table_name if table_name is not None else "Collection"
    room = TERMINAL_WIDTH - len(reference) - 1
    return f"{place[:room].rstrip()} {reference}" if room > 0 else reference
