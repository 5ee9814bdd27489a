"""The clients of one venue: guests who pay, a host who seats them, a till. They send again what was not
answered, as Dojo does, until it is acknowledged.
"""

import asyncio
import random
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks.citus_history.record import LOST, Promised, Record
from tests.support.floor import party, seated
from tests.support.orders import gbp, order, unique
from tests.support.venues import SECRET

Json = dict[str, Any]
UNEXPECTED = 500
"""A fault of the server; the write is sent again as well, so that the story goes on."""
_AGAIN_SECONDS = 0.25
_BETWEEN_SECONDS = 0.4
_DEADLINE_SECONDS = 20.0
_PRICES = {"burger": 1250, "chips": 450, "milk": 125, "wine": 795}
_TABLES = ("t1", "t2", "t3", "t10", "p1", "p2")
_choose = random.SystemRandom()


class NeverAnswered(Exception):
    """A write that was not acknowledged within minutes."""


class Clients:
    """`servers`: the base URLs of all server processes; each attempt goes to any of them."""

    def __init__(self, venue_id: str, servers: list[str], record: Record, pause: float) -> None:
        self.venue_id = venue_id
        self.promised = Promised()
        self.goes_on = True
        self.acknowledged = 0
        self._record = record
        self._pause = pause
        limits = httpx.Limits(max_connections=8)
        self._http = [
            httpx.AsyncClient(base_url=url, timeout=_DEADLINE_SECONDS, limits=limits)
            for url in servers
        ]

    async def run(self) -> None:
        """Until `goes_on` is false; what was begun is brought to its end."""
        async with asyncio.TaskGroup() as group:
            for story in (self._guests, self._host, self._till):
                group.create_task(self._repeat(story))
        for http in self._http:
            await http.aclose()

    async def _repeat(self, story: Any) -> None:
        while self.goes_on:
            done: Coroutine[Any, Any, None] = story()
            await done

    async def _send(self, method: str, path: str, body: Json | None = None) -> Json:
        """One write, until it is acknowledged."""
        await asyncio.sleep(self._pause * _choose.uniform(0.5, 1.5))
        role = "till" if path.startswith("/till") else "dojo"
        began = time.monotonic()
        at_first = self._record.now(self.venue_id)
        attempts = 0
        while True:
            attempts += 1
            status, answer = await self._attempt(role, method, path, body)
            if status == UNEXPECTED:
                self.promised.refused.append(f"{method} {path}: {status} {answer}")
            elif status not in (LOST, 502, 503, 504):
                break
            if time.monotonic() - began > 20 * _DEADLINE_SECONDS:
                raise NeverAnswered(f"{method} {path}: {status}")
            await asyncio.sleep(_AGAIN_SECONDS)
        stopped = time.monotonic() - began
        for seen in (at_first, self._record.now(self.venue_id)):
            seen.longest_stop = max(seen.longest_stop, stopped)
        self.acknowledged += 1
        is_gone = method == "DELETE" and attempts > 1 and status in (404, 409)
        if status != 200 and not is_gone:
            self.promised.refused.append(f"{method} {path}, attempt {attempts}: {status} {answer}")
        return answer

    async def _attempt(
        self, role: str, method: str, path: str, body: Json | None
    ) -> tuple[int, Json]:
        seen, began = self._record.now(self.venue_id), time.monotonic()
        http, user = _choose.choice(self._http), (f"{self.venue_id}.{role}", SECRET)
        headers = {"waiter-id": "anna"} if role == "till" else {}
        try:
            response = await http.request(method, path, json=body, auth=user, headers=headers)
            status, answer = response.status_code, response.json() if response.content else {}
        except (httpx.HTTPError, ValueError):
            status, answer = LOST, {}
        later = self._record.now(self.venue_id)
        for one in (seen,) if later is seen else (seen, later):
            one.slowest = max(one.slowest, time.monotonic() - began)
        later.answers[status] += 1
        return status, answer

    # --- what they do -----------------------------------------------------------------------------

    async def _guests(self) -> None:
        """An order that is locked, paid in two parts, and unlocked."""
        total, first = _choose.randrange(1_000, 9_000), _choose.randrange(1, 1_000)
        body = order(total)
        order_id = (await self._send("POST", "/v1/orders", body)).get("id", "?")
        self.promised.orders[body["dojoOrderId"]] = (order_id, total, 0)
        lock = unique("lock")
        expiry = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        await self._send("POST", f"/v1/orders/{order_id}/lock", {"lockId": lock, "expiry": expiry})
        self.promised.locks.add((order_id, lock, False))
        for paid, so_far in ((first, first), (total - first, total)):
            intent, tip = unique("pi"), _choose.randrange(100)
            sent = {"paymentIntentId": intent, "paidAmount": gbp(paid), "lockId": lock}
            await self._send(
                "POST", f"/v1/orders/{order_id}/record-payment", sent | {"tipsAmount": gbp(tip)}
            )
            self.promised.payments[intent] = (order_id, paid, tip)
            self.promised.orders[body["dojoOrderId"]] = (order_id, total, so_far)
        await self._send("DELETE", f"/v1/orders/{order_id}/locks/{lock}")
        self.promised.locks -= {(order_id, lock, False)}
        self.promised.locks.add((order_id, lock, True))

    async def _host(self) -> None:
        """Guests who sit down at two tables, move to two others, and leave."""
        tables = _choose.sample(_TABLES, 4)
        body = party(*tables[:2], dojoPartyId=unique("party"))
        key = body["dojoPartyId"]
        party_id = (await self._send("POST", "/v1/parties", body)).get("id", "?")
        self.promised.parties[key] = (party_id, tuple(tables[:2]), True)
        await self._send("PUT", f"/v1/parties/{party_id}", seated(body, *tables[2:]))
        self.promised.parties[key] = (party_id, tuple(tables[2:]), True)
        await self._send("DELETE", f"/v1/parties/{party_id}")
        self.promised.parties[key] = (party_id, tuple(tables[2:]), False)

    async def _till(self) -> None:
        """A tab that is opened at the bar, with some lines in two goes, and paid in cash."""
        key = unique("tab")
        tab = await self._send("POST", "/till/v1/tabs", {"key": key})
        tab_id, plus = tab.get("id", "?"), tuple[str, ...]()
        for count in (3, 2):
            more = tuple(_choose.choices(list(_PRICES), k=count))
            items = [{"plu": plu} for plu in more]
            body = {"key": unique("add"), "version": tab.get("version", 0), "items": items}
            tab = await self._send("POST", f"/till/v1/tabs/{tab_id}/items", body)
            plus += more
            total = sum(_PRICES[plu] for plu in plus)
            self.promised.tabs[key] = (tab_id, plus, total, 0)
        paid = {"key": unique("cash"), "type": "cash", "amount": total}
        await self._send("POST", f"/till/v1/tabs/{tab_id}/payments", paid | _version(tab))
        self.promised.tabs[key] = (tab_id, plus, total, total)


def _version(tab: Json) -> Json:
    return {"version": tab.get("version", 0)}
