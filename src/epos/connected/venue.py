"""The connection of one venue to Dojo, while this process has the lease."""

import asyncio
import itertools

import structlog

from epos.dojo.client import DojoClient, DojoError
from epos.dojo.leases import Lease
from epos.dojo.links import LEASE
from epos.dojo.outbox_sender import OutboxSender
from epos.dojo.payment_job import PaymentJob
from epos.dojo.registration import Registrar, Registration
from epos.domain.backoff import Backoff
from epos.domain.dojo import Access, Transport
from epos.domain.errors import EposError
from epos.store.database import Database
from epos.store.wakeups import Wakeups
from epos.websocket.connection import Answering, DojoConnection, Endpoint

_REGISTER_AGAIN = Backoff(first=1.0, longest=60.0)
_log = structlog.get_logger("epos.dojo")


class VenueConnection:
    """Registers, answers Dojo's calls on the WebSocket, sends the outbox, and asks about payments that are
    unverified.
    """

    def __init__(
        self,
        database: Database,
        access: Access,
        registrar: Registrar,
        dispatcher: Answering,
        payments: PaymentJob,
        wakeups: Wakeups,
    ) -> None:
        self._database = database
        self._access = access
        self._registrar = registrar
        self._dispatcher = dispatcher
        self._payments = payments
        self._wakeups = wakeups

    @property
    def venue_id(self) -> str:
        return self._access.link.venue_id

    async def run(self, lease: Lease) -> None:
        """Run until cancelled; then answer the calls that have started."""
        with self._wakeups.sleeper(self.venue_id) as told:
            await self._run(lease, told)

    async def _run(self, lease: Lease, told: asyncio.Event) -> None:
        async with DojoClient(self._access) as client, asyncio.TaskGroup() as group:
            sender = OutboxSender(
                self._database, client, self.venue_id, LEASE, lease.fence, told=told
            )
            group.create_task(self._register(client))
            group.create_task(sender.run())
            group.create_task(self._payments.run())
            if self._access.link.transport is Transport.WEBSOCKET:
                connection = DojoConnection(
                    self._endpoint(), self._dispatcher, may_answer=lambda: lease.is_valid
                )
                group.create_task(connection.run())

    async def _register(self, client: DojoClient) -> None:
        """Try until it succeeds: Dojo calls nothing that is not registered."""
        for attempts in itertools.count(1):
            try:
                done = await self._registrar.register(self._access.link, client)
            except (DojoError, EposError) as error:
                _log.warning("not registered with Dojo yet", venue=self.venue_id, cause=str(error))
                await asyncio.sleep(_REGISTER_AGAIN.seconds(attempts))
            else:
                self._log_registration(done)
                return

    def _log_registration(self, done: Registration) -> None:
        _log.info("registered with Dojo", venue=self.venue_id, capabilities=len(done.registered))
        for warning in done.warnings:
            _log.warning("registration", venue=self.venue_id, warning=warning)

    def _endpoint(self) -> Endpoint:
        link = self._access.link
        return Endpoint(link.ws_url, self._access.api_key, link.software_house_id, link.reseller_id)
