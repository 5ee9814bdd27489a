"""Who tried what can be read in the log, and no secret with it."""

from typing import Any

from tests.support.refusals import Refusal, logged
from tests.support.server import RunningServer
from tests.support.venues import Venue, client_at

Json = dict[str, Any]


async def refused(server: RunningServer, username: str) -> Json:
    async with client_at(server) as anybody:
        answer = await anybody.get("/v1/areas", auth=(username, "a-wrong-secret"))
    refusal = Refusal.of(answer)
    refusal.check(401, "InvalidRequest", "Missing or wrong credentials")
    line = await logged(server.log, refusal.error["traceId"])
    assert "a-wrong-secret" not in str(line)
    return line


async def test_a_401_names_the_user_and_the_address(venue: Venue, server: RunningServer) -> None:
    line = await refused(server, f"{venue.id}.somebody")
    assert (line["username"], line["address"]) == (f"{venue.id}.somebody", "127.0.0.1")


async def test_what_is_no_user_name_is_not_logged(server: RunningServer) -> None:
    line = await refused(server, "jane.doe@example.com")
    assert line["username"] == "(no user name)"


async def test_every_line_names_the_credential(venue: Venue, server: RunningServer) -> None:
    answer = await venue.call("GET", "/v1/areas")
    line = await logged(server.log, answer.headers["x-trace-id"])
    assert (line["venue"], line["credential"]) == (venue.id, "dojo")
