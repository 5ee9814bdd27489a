"""Check user names and passwords."""

import hashlib
import time
from collections.abc import Callable

from epos.domain.credentials import Principal, Role, matches, secret_hash, split_username
from epos.domain.errors import Unauthenticated
from epos.services.expiring_cache import ExpiringCache
from epos.store import credentials
from epos.store.database import Database

DEMO = "demo"
_DEMO_ROLES = {DEMO: Role.DOJO, f"{DEMO}.till": Role.TILL, f"{DEMO}.admin": Role.ADMIN}
_REMEMBERED_SECONDS = 5.0
_VENUE_SECONDS = 60.0
_NOBODY = secret_hash("")


class Authentication:
    """Checks credentials. An answer is kept for five seconds, so a revoked credential may still work
    for that long.
    """

    def __init__(
        self,
        database: Database,
        *,
        demo: bool = False,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`demo`: accept the users `demo`, `demo.till` and `demo.admin`, with the password `demo`."""
        self._database = database
        self._demo = demo
        self._remembered = ExpiringCache[bytes, Principal](_REMEMBERED_SECONDS, clock=seconds)
        self._venues = ExpiringCache[bytes, str](_VENUE_SECONDS, clock=seconds)

    def remembered(self, presented: str | None) -> Principal | None:
        """The principal, if these credentials (in the form that the door has) were right lately."""
        return self._remembered.get(_digest(presented))

    def venue_of(self, presented: str | None) -> str | None:
        """The venue of these credentials, if they were right in the last minute: enough to refuse a
        request, never to let one in.
        """
        return self._venues.get(_digest(presented))

    def remember(self, presented: str | None, principal: Principal) -> None:
        digest = _digest(presented)
        self._remembered.put(digest, principal)
        self._venues.put(digest, principal.venue_id)

    async def check(self, username: str, password: str) -> Principal:
        """Raises Unauthenticated, the same whichever part is wrong."""
        return self._demo_principal(username, password) or await self._look_up(username, password)

    def _demo_principal(self, username: str, password: str) -> Principal | None:
        role = _DEMO_ROLES.get(username) if self._demo else None
        if role is None or not matches(password, secret_hash(DEMO)):
            return None
        name = username.rpartition(".")[2]
        return Principal(venue_id=DEMO, credential=name, role=role, is_public=True)

    async def _look_up(self, username: str, password: str) -> Principal:
        venue_id, name = split_username(username)
        found = None
        if name and "\0" not in username:
            async with self._database.connection(venue_id) as connection:
                found = await credentials.find(connection, venue_id, name)
        # An unknown user takes the same comparison, so that its time tells nothing.
        right = matches(password, found["secret_sha256"] if found else _NOBODY)
        if found is None or not right:
            raise Unauthenticated
        return Principal(venue_id=venue_id, credential=name, role=Role(found["role"]))


def _digest(presented: str | None) -> bytes:
    """Only a hash is kept in memory, never the secret."""
    return hashlib.sha256((presented or "").encode()).digest()
