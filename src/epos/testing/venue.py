"""The venue of one test."""

from collections.abc import Callable
from datetime import datetime
from functools import cache, cached_property
from ssl import SSLContext
from typing import Any

import httpx

from epos.contract.operations import OPERATIONS
from epos.contract.orders import Order
from epos.contract.parties import Party
from epos.contract.reservations import Reservation
from epos.contract.tables import Table
from epos.testing.errors import CannotHappen
from epos.testing.journal import JournalOfVenue
from epos.testing.people import Desk, Dojo, Json, Phone, Staff, Terminal, done, order_of, read
from epos.testing.servers import dojo_server

_SECONDS = 30.0
_DOJO_SECONDS = 120.0


@cache
def certificates() -> SSLContext:
    """One for all clients of the run: reading the certificates takes 20 ms of processor time."""
    return httpx.create_ssl_context()


class TabOfVenue:
    """A tab at the till. It is read when it is asked: `reload` gives it as Dojo sees it."""

    def __init__(self, venue: "Epos", tab_id: str) -> None:
        self._venue = venue
        self.id = tab_id

    def reload(self) -> Order:
        """The order as it is now."""
        return order_of(self._venue.http, self.id)

    @property
    def total(self) -> int:
        """What it comes to, in minor units."""
        total = self.reload().totalAmount
        return 0 if total is None else total.value

    def __repr__(self) -> str:
        return f"<tab {self.id}>"


class Clock:
    """The time of the test's venue, and of the Dojo that acts at it. When a call returns, what fell due is
    done.
    """

    def __init__(self, control: httpx.Client, path: str, moved: Callable[[Json], None]) -> None:
        """`moved` is called with the venue's new time."""
        self._control = control
        self._path = f"{path}/clock"
        self._moved = moved

    @property
    def now(self) -> datetime:
        return _instant(read(self._control, self._path))

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Let it stand still, at this time or where it is."""
        stands = self.now if at is None else at
        text = stands if isinstance(stands, str) else stands.isoformat()
        return self._set({"freezeAt": text})

    def advance(self, seconds: float) -> datetime:
        return self._set({"advanceSeconds": seconds})

    def unfreeze(self) -> datetime:
        return self._set({"unfreeze": True})

    def _set(self, form: Json) -> datetime:
        told = done(self._control.put(self._path, json=form))
        self._moved(told)
        return _instant(told)


def _instant(told: Json) -> datetime:
    return datetime.fromisoformat(told["now"])


class Fault:
    """A fault of the test's venue."""

    def __init__(self, control: httpx.Client, path: str) -> None:
        self._control = control
        self._path = path

    @property
    def struck(self) -> int:
        """How often it has struck."""
        count: int = read(self._control, self._path)["struck"]
        return count

    @property
    def trace_ids(self) -> list[str]:
        """The requests that it struck."""
        ids: list[str] = read(self._control, self._path)["traceIds"]
        return ids

    def disarm(self) -> None:
        done(self._control.delete(self._path))


class Epos:
    """A venue of the test's own, and who acts at it.

    `url`, `auth` and `http` are for the client under test: the EPOS Data API as Dojo's products call it.
    """

    def __init__(
        self, url: str, control: httpx.Client, form: Json | None = None, dojo_url: str | None = None
    ) -> None:
        made = done(control.post("/test/v1/venues", json=form or {"kind": "demo"}))
        self.url = url
        self.venue_id: str = made["venueId"]
        self.credentials: dict[str, dict[str, str]] = made["credentials"]
        self._control = control
        self._dojo_url = dojo_url
        self._path = f"/test/v1/venues/{self.venue_id}"
        self.journal = JournalOfVenue(control, self._path)
        self._time: Json | None = None
        self.clock = Clock(control, self._path, self._moved)

    @property
    def auth(self) -> tuple[str, str]:
        """User name and password for the EPOS Data API."""
        return self._login("dojo")

    def _login(self, role: str) -> tuple[str, str]:
        login = self.credentials[role]
        return login["username"], login["password"]

    @cached_property
    def http(self) -> httpx.Client:
        """Speaks as Dojo: the EPOS Data API."""
        return self._client("dojo")

    @cached_property
    def till(self) -> httpx.Client:
        """Speaks as a till: `/till/v1`."""
        return self._client("till")

    @cached_property
    def admin(self) -> httpx.Client:
        """Speaks as who sets the venue up: `/till/v1`."""
        return self._client("admin")

    @cached_property
    def async_http(self) -> httpx.AsyncClient:
        """As `http`, asynchronous. Who uses it closes it, or leaves it to the event loop's end."""
        return httpx.AsyncClient(
            base_url=self.url, auth=self.auth, timeout=_SECONDS, verify=certificates()
        )

    def _client(self, role: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, auth=self._login(role), timeout=_SECONDS, verify=certificates()
        )

    # --- what there is -----------------------------------------------------------------------------

    @property
    def menu(self) -> list[Json]:
        """All items that can be sold, as the till's API has them."""
        categories = read(self.till, "/till/v1/menu")["categories"]
        return [item for category in categories for item in category["items"]]

    def table(self, name: str) -> Table:
        """A table by its name or its id."""
        found = [one for one in self._tables if name in (one["id"], one["name"])]
        if len(found) != 1:
            names = ", ".join(one["name"] for one in self._tables)
            raise CannotHappen(f"There is no one table {name!r}; there are: {names}")
        return Table.model_validate(found[0])

    @cached_property
    def _tables(self) -> list[Json]:
        tables: list[Json] = []
        cursor: Json = {"limit": 100}
        while True:
            response = self.http.post("/v1/tables/search", json={"cursor": cursor})
            told: Any = done(response)
            page = told[0] if isinstance(told, list) else told
            tables += page["data"]
            if "after" not in page:
                return tables
            cursor = {"limit": 100, "after": page["after"]}

    def _table_id(self, name: str) -> str:
        return self.table(name).id

    def _plu_of(self, name: str) -> str:
        """An item by its name, its PLU, or words of its name that no other item has."""
        items = self.menu
        for fits in (_is_it, _has_its_words):
            found = [item["plu"] for item in items if fits(name, item)]
            if len(found) == 1:
                plu: str = found[0]
                return plu
        names = ", ".join(item["name"] for item in items)
        raise CannotHappen(f"The menu has no one item {name!r}; it has: {names or 'nothing'}")

    # --- what can be made --------------------------------------------------------------------------

    def tab(
        self, *, table: str | None = None, items: list[str] | None = None, **more: Any
    ) -> TabOfVenue:
        """Open a tab with these items, at a table or at the bar."""
        body = more if table is None else {"tableId": self._table_id(table)} | more
        opened = done(self.till.post("/till/v1/tabs", json=body))
        tab = TabOfVenue(self, opened["id"])
        if items:
            self.staff.add(tab, *items)
        return tab

    def party(self, *, table: str, name: str = "Ada Lovelace", covers: int = 2) -> Party:
        """Guests who sit down at a table."""
        return self.desk.seat(table=table, name=name, covers=covers)

    def reservation(
        self, *, table: str, name: str = "Ada Lovelace", covers: int = 2, **wish: Any
    ) -> Reservation:
        """Guests who will come."""
        return self.desk.reserve(table=table, name=name, covers=covers, **wish)

    def order(self, order_id: str) -> Order:
        """An order as Dojo sees it."""
        return order_of(self.http, order_id)

    # --- who acts ----------------------------------------------------------------------------------

    @cached_property
    def staff(self) -> Staff:
        return Staff(self.till, self._plu_of)

    @cached_property
    def terminal(self) -> Terminal:
        return Terminal(self._drive)

    @cached_property
    def phone(self) -> Phone:
        return Phone(self._drive, self._table_id)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self._drive, self._table_id, self.http)

    @cached_property
    def dojo(self) -> Dojo:
        return Dojo(self._drive, self._events)

    def _events(self) -> list[Json]:
        self._drive("settle", {})
        return [entry.body for entry in self.journal.entries("HandleEvent")]

    def _drive(self, path: str, wish: Json) -> Json:
        """Let the simulated Dojo act with the venue's account."""
        response = self._account.post(
            f"/sim/{path}", json=wish, params={"account": self._account_id}
        )
        if response.status_code != 200:
            raise CannotHappen(f"{path}: {response.text}")
        told: Json = response.json()
        return told

    @cached_property
    def _account(self) -> httpx.Client:
        """The venue's account in a simulated Dojo, which calls the venue over REST from now on."""
        key = f"sk_sandbox_{self.venue_id}"
        headers = {
            "authorization": f"Basic {key}",
            "version": "2026-02-27",
            "software-house-id": "test-house",
            "reseller-id": "test-reseller",
        }
        url = self._dojo_url or dojo_server()
        client = httpx.Client(
            base_url=url, headers=headers, timeout=_DOJO_SECONDS, verify=certificates()
        )
        self._account_id = done(client.post("/sim/accounts", json={"apiKey": key}))["id"]
        username, password = self.auth
        names = [name for operation in OPERATIONS for name in operation.registrable_names]
        form = {
            "url": self.url,
            "auth": {"authType": "basic", "basic": {"username": username, "password": password}},
            "capabilities": [{"name": name, "version": "v1"} for name in names],
        }
        done(client.put("/epos/integrations/rest", json=form))
        if self._time is not None:
            self._set_dojo_time(client, self._time)
        return client

    _account_id = ""

    def _moved(self, time: Json) -> None:
        """Dojo's time is the venue's, also where Dojo is asked to act later."""
        self._time = time
        if self._account_id:
            self._set_dojo_time(self._account, time)

    def _set_dojo_time(self, dojo: httpx.Client, time: Json) -> None:
        done(dojo.put("/sim/clock", json=time, params={"account": self._account_id}))

    # --- what may go wrong, and how it is undone ---------------------------------------------------

    def fault(self, *, when: str = "before", action: Json, **more: Any) -> Fault:
        """Let requests go wrong: `epos.fault(when="after-commit", action={"cut": True}, times=1)`. `more`:
        `capability`, `transport`, `orderId`, `product`, `deviceId`, `skip`, `times`, `seconds`,
        `probability`, `seed`.
        """
        form = {"when": when, "action": action} | more
        made = done(self._control.post(f"{self._path}/faults", json=form))
        return Fault(self._control, f"{self._path}/faults/{made['faultId']}")

    def snapshot(self) -> str:
        """Keep what the venue has now; `restore` puts it back."""
        kept: str = done(self._control.post(f"{self._path}/snapshots"))["snapshotId"]
        return kept

    def restore(self, snapshot_id: str) -> None:
        done(self._control.post(f"{self._path}/restore", json={"snapshotId": snapshot_id}))
        self._put_back()

    def reset(self) -> None:
        """Put the venue back to what it was when the test began."""
        done(self._control.post(f"{self._path}/reset"))
        self._put_back()

    def _put_back(self) -> None:
        """The venue's clock is another one now."""
        if self._time is not None:
            self._moved(read(self._control, f"{self._path}/clock"))

    def close(self) -> None:
        """Remove the venue, and close the clients that were used."""
        for name in ("http", "till", "admin", "_account"):
            client = self.__dict__.get(name)
            if client is not None:
                client.close()
        self._control.delete(self._path)


def _is_it(name: str, item: Json) -> bool:
    return name in (item["plu"], item["name"])


def _has_its_words(name: str, item: Json) -> bool:
    words = {word.strip(".,&").casefold() for word in item["name"].split()}
    return {word.casefold() for word in name.split()} <= words
