"""The demo venue, and a card machine that pays at it."""
