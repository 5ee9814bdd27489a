"""What a card machine shows for an order."""

TERMINAL_WIDTH = 24


def display_name(place: str | None, reference: str) -> str:
    """The place (a table, or "Collection") and the reference, the place cut so that both fit a
    terminal's 24 characters; an order eaten here at no table is its reference.
    """
    if place is None:
        return reference
    room = TERMINAL_WIDTH - len(reference) - 1
    return f"{place[:room].rstrip()} {reference}" if room > 0 else reference
