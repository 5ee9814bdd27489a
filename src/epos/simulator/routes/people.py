"""The control API of those who use the products: a terminal, a phone, a booking desk."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from epos.simulator.accounts import DojoAccount
from epos.simulator.desk import BookingDesk, evening
from epos.simulator.flows import FlowRun, run_flow
from epos.simulator.phone import GuestPhone
from epos.simulator.routes.dependencies import TheAccount
from epos.simulator.terminal import Terminal
from epos.simulator.wishes import (
    Changes,
    EveningWish,
    MoveWish,
    OrderWish,
    PartWish,
    PartyWish,
    PaymentWish,
    ReservationWish,
    SessionWish,
)

router = APIRouter(prefix="/sim", tags=["Control: people"])


class People:
    """Those of one account."""

    def __init__(self, account: DojoAccount) -> None:
        self.terminal = Terminal(account)
        self.phone = GuestPhone(account)
        self.desk = BookingDesk(account)


def people_of(account: TheAccount) -> People:
    """They come with the account, and remember."""
    if account.people is None:
        account.people = People(account)
    people: People = account.people
    return people


ThePeople = Annotated[People, Depends(people_of)]


# --- terminal -------------------------------------------------------------------------------------


@router.post("/terminal/orders")
async def list_orders(people: ThePeople, wish: SessionWish) -> Response:
    """What the waiter is shown: the payable orders."""

    async def work(run: FlowRun) -> None:
        run.data["orders"] = await people.terminal.orders(run, wish)

    return await run_flow("terminal orders", work)


@router.post("/terminal/pay")
async def terminal_pay(people: ThePeople, wish: PaymentWish, *, stream: bool = False) -> Response:
    """In full, in equal parts or in custom ones, each with a tip."""
    return await run_flow("terminal pay", lambda run: people.terminal.pay(run, wish), stream=stream)


@router.post("/terminal/reversal")
async def reversal(people: ThePeople, wish: PaymentWish, *, stream: bool = False) -> Response:
    """Pay, and give it back."""
    return await run_flow(
        "terminal reversal", lambda run: people.terminal.reversal(run, wish), stream=stream
    )


@router.post("/terminal/sessions")
async def open_session(people: ThePeople, wish: SessionWish) -> Response:
    """Open an order and keep its lock."""
    return await run_flow("terminal open", lambda run: people.terminal.open(run, wish))


@router.post("/terminal/sessions/{session_id}/pay")
async def pay_part(people: ThePeople, session_id: str, wish: PartWish) -> Response:
    return await run_flow(
        "terminal pay part", lambda run: people.terminal.pay_part(run, session_id, wish)
    )


@router.post("/terminal/sessions/{session_id}/extend")
async def extend(people: ThePeople, session_id: str) -> Response:
    session = people.terminal.session(session_id)
    return await run_flow("terminal extend", session.extend)


@router.post("/terminal/sessions/{session_id}/bill")
async def bill(people: ThePeople, session_id: str) -> Response:
    session = people.terminal.session(session_id)

    async def work(run: FlowRun) -> None:
        run.data["bill"] = await session.bill(run)

    return await run_flow("terminal bill", work)


@router.delete("/terminal/sessions/{session_id}")
async def close_session(people: ThePeople, session_id: str) -> Response:
    return await run_flow("terminal close", lambda run: people.terminal.close(run, session_id))


# --- phone ----------------------------------------------------------------------------------------


@router.post("/phone/order")
async def phone_order(people: ThePeople, wish: OrderWish, *, stream: bool = False) -> Response:
    """Order and pay at once."""
    return await run_flow("phone order", lambda run: people.phone.order(run, wish), stream=stream)


@router.post("/phone/pay")
async def phone_pay(people: ThePeople, wish: PaymentWish, *, stream: bool = False) -> Response:
    """Pay an open bill."""
    return await run_flow("phone pay", lambda run: people.phone.pay(run, wish), stream=stream)


# --- booking desk ---------------------------------------------------------------------------------


@router.post("/desk/reservations")
async def book(people: ThePeople, wish: ReservationWish) -> Response:
    return await run_flow("book", lambda run: people.desk.book(run, wish))


@router.put("/desk/reservations/{reservation_id}")
async def rebook(people: ThePeople, reservation_id: str, changes: Changes) -> Response:
    """Only what changes; the rest is sent as it was."""
    sent = changes.model_dump()
    return await run_flow(
        "rebook", lambda run: people.desk.change_reservation(run, reservation_id, sent)
    )


@router.delete("/desk/reservations/{reservation_id}")
async def unbook(people: ThePeople, reservation_id: str) -> Response:
    return await run_flow("unbook", lambda run: people.desk.delete_reservation(run, reservation_id))


@router.post("/desk/parties")
async def seat(people: ThePeople, wish: PartyWish) -> Response:
    """Guests of a reservation, or walk-ins."""
    return await run_flow("seat", lambda run: people.desk.seat(run, wish))


@router.put("/desk/parties/{party_id}")
async def change_party(people: ThePeople, party_id: str, changes: Changes) -> Response:
    sent = changes.model_dump()
    return await run_flow("change party", lambda run: people.desk.change_party(run, party_id, sent))


@router.post("/desk/parties/{party_id}/move")
async def move(people: ThePeople, party_id: str, wish: MoveWish) -> Response:
    changes = wish.model_dump()
    return await run_flow("move", lambda run: people.desk.change_party(run, party_id, changes))


@router.post("/desk/parties/{party_id}/finish")
async def finish(people: ThePeople, party_id: str) -> Response:
    return await run_flow("finish", lambda run: people.desk.finish(run, party_id))


@router.delete("/desk/parties/{party_id}")
async def delete_party(people: ThePeople, party_id: str) -> Response:
    return await run_flow("delete party", lambda run: people.desk.delete_party(run, party_id))


@router.post("/desk/evening")
async def an_evening(people: ThePeople, wish: EveningWish, *, stream: bool = False) -> Response:
    """A whole evening of bookings."""
    return await run_flow("evening", lambda run: evening(people.desk, run, wish), stream=stream)
