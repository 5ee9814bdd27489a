"""How long to wait after a failed attempt."""

import pytest

from epos.dojo import outbox_sender, payment_job
from epos.domain.backoff import Backoff
from epos.websocket.connection import REDIAL


def test_the_wait_doubles_and_has_an_end() -> None:
    backoff = Backoff(0.5, 15, lambda _, most: most)
    waits = [backoff.seconds(attempts) for attempts in range(1, 9)]
    assert waits == [0.5, 1, 2, 4, 8, 15, 15, 15]


@pytest.mark.parametrize(
    ("backoff", "attempts", "ceiling"),
    [
        (REDIAL, 1, 0.5),
        (REDIAL, 11, 15),
        *(
            (backoff, attempts, ceiling)
            for backoff in (outbox_sender.PATIENCE, payment_job.PATIENCE)
            for attempts, ceiling in [(1, 2), (2, 4), (5, 32), (20, 3_600), (99, 3_600)]
        ),
    ],
)
def test_the_wait_is_jittered(backoff: Backoff, attempts: int, ceiling: float) -> None:
    waits = {backoff.seconds(attempts) for _ in range(20)}
    assert len(waits) > 1
    assert all(ceiling / 2 <= wait <= ceiling for wait in waits)
