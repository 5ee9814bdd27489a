"""Which connection makes way when clients have too many."""

from hypothesis import given
from hypothesis import strategies as st

from epos.web.connections import Connections

MOST = 8
ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3")


class Line:
    """A connection that can only be closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def abort(self) -> None:
        self.is_closed = True


def test_the_oldest_stranger_makes_way() -> None:
    connections, lines = Connections(MOST), [Line() for _ in range(20)]
    for number, line in enumerate(lines):
        connections.add((ADDRESSES[number % 3], number), line)
    assert [line.is_closed for line in lines] == [True] * 12 + [False] * 8


def test_an_address_has_half_and_makes_way_itself() -> None:
    connections, other, lines = Connections(MOST), Line(), [Line() for _ in range(20)]
    connections.add((ADDRESSES[1], 1), other)
    for number, line in enumerate(lines):
        connections.add((ADDRESSES[0], number), line)
    assert not other.is_closed, "an older stranger of another address"
    assert [line.is_closed for line in lines] == [True] * 16 + [False] * 4


def test_a_known_one_makes_way_for_nobody() -> None:
    connections, known, late = Connections(MOST), [Line() for _ in range(4)], Line()
    for port, line in enumerate(known):
        connections.add((ADDRESSES[0], port), line)
        connections.know((ADDRESSES[0], port), f"venue {port % 2}")
    for port in range(100, 200):
        connections.add((ADDRESSES[1], port), Line())
    connections.add((ADDRESSES[0], 50), late)
    assert late.is_closed, "all of its address are known"
    assert not any(line.is_closed for line in known)
    connections.forget((ADDRESSES[0], 0))
    again = Line()
    connections.add((ADDRESSES[0], 51), again)
    assert not again.is_closed


def test_a_venue_keeps_a_quarter_and_the_rest_makes_way_for_other_venues() -> None:
    connections, greedy, other = Connections(MOST), [Line() for _ in range(4)], Line()
    for port, line in enumerate(greedy):
        connections.add((ADDRESSES[0], port), line)
        connections.know((ADDRESSES[0], port), "greedy")
    connections.know(
        (ADDRESSES[0], 2), "greedy"
    )  # it was used again, so that the other one is older
    connections.add((ADDRESSES[0], 10), other)
    assert [line.is_closed for line in greedy] == [False, False, False, True]
    connections.know((ADDRESSES[0], 10), "other")
    connections.add((ADDRESSES[0], 11), Line())
    assert [line.is_closed for line in greedy] == [False, False, True, True]
    assert not other.is_closed


def test_what_a_venue_keeps_is_counted_as_it_goes() -> None:
    connections = Connections(MOST)
    for port in range(20):
        connections.add((ADDRESSES[0], port), Line())
        connections.know((ADDRESSES[0], port), "venue")
        connections.forget((ADDRESSES[0], port))
    kept = [Line(), Line()]
    for port, line in enumerate(kept, 20):
        connections.add((ADDRESSES[0], port), line)
        connections.know((ADDRESSES[0], port), "venue")
    for port in range(30, 50):
        connections.add((ADDRESSES[0], port), Line())
    assert not any(line.is_closed for line in kept)


def test_one_port_to_two_addresses_counts_once() -> None:
    """The machine has two addresses, and the client connects to both from the same port."""
    connections = Connections(MOST)
    for _ in range(10 * MOST):
        connections.add((ADDRESSES[0], 1), Line())
        connections.add((ADDRESSES[0], 1), Line())
        connections.forget((ADDRESSES[0], 1))
        connections.forget((ADDRESSES[0], 1))
    lines = [Line() for _ in range(MOST // 2)]
    for number, line in enumerate(lines):
        connections.add((ADDRESSES[0], number), line)
    assert not any(line.is_closed for line in lines)


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "know", "forget"]), st.sampled_from(ADDRESSES), st.integers(0, 9)
    )
)


@given(steps)
def test_never_more_than_the_limits_and_no_kept_one_is_closed(
    taken: list[tuple[str, str, int]],
) -> None:
    connections = Connections(MOST)
    lines: dict[tuple[str, int], Line] = {}
    kept: set[tuple[str, int]] = set()
    for step, address, port in taken:
        client = (address, port)
        line = lines.get(client)
        is_open = line is not None and not line.is_closed
        if step == "add" and not is_open:
            lines[client] = Line()
            connections.add(client, lines[client])
        elif step == "know":
            has = sum(of_venue % 3 == port % 3 for _, of_venue in kept)
            connections.know(client, f"venue {port % 3}")
            kept |= {client} if is_open and has < MOST // 4 else set()
        elif step == "forget":
            connections.forget(client)
            lines.pop(client, None)
            kept.discard(client)
        opened = [client for client, line in lines.items() if not line.is_closed]
        assert len(opened) <= MOST
        assert all(sum(a == address for a, _ in opened) <= MOST // 2 for address in ADDRESSES)
        assert kept <= set(opened)
