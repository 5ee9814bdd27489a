"""What a card machine shows, cut as a card machine cuts it."""

from hypothesis import given
from hypothesis import strategies as st

from epos.domain.display import TERMINAL_WIDTH, display_name

references = st.text("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=8)


def test_table_and_reference() -> None:
    assert display_name("Table 12", "K7QX") == "Table 12 K7QX"


def test_a_collection() -> None:
    assert display_name("Collection", "K7QX") == "Collection K7QX"


def test_eaten_here_at_no_table() -> None:
    assert display_name(None, "K7QX") == "K7QX"


def test_a_long_name_makes_room_for_the_reference() -> None:
    shown = display_name("The conservatory, by the orange trees", "K7QX")
    assert shown == "The conservatory, b K7QX"
    assert len(shown) == TERMINAL_WIDTH == 24


def test_no_two_spaces_where_the_name_is_cut() -> None:
    assert display_name("The conservatory by          the trees", "K7QX") == (
        "The conservatory by K7QX"
    )


def test_a_reference_that_was_sent_may_fill_it_all() -> None:
    reference = "a reference of thirty letters."
    assert display_name("Table 1", reference) == reference


@given(st.text(max_size=60), references, references)
def test_two_orders_of_a_table_never_look_the_same(table: str, one: str, other: str) -> None:
    shown = [display_name(table, reference)[:TERMINAL_WIDTH] for reference in (one, other)]
    if one != other:
        assert shown[0] != shown[1] or len(one) != len(other)
    assert all(len(text) <= TERMINAL_WIDTH for text in shown)
