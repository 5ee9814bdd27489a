"""Bills: an order between what the venue prints above and below it."""

from epos.contract.bills import OrderBill
from epos.domain.errors import NotFound
from epos.domain.requester import Requester
from epos.services import bill_sections, bill_text, mapping
from epos.store.database import Database


class Bills:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, order_id: str, requester: Requester) -> OrderBill:
        """The order as it would be answered at this moment, and the lines around it. Takes no lock.

        Raises NotFound for an order that does not exist or that the waiter may not see.
        """
        async with self._database.snapshot(requester.venue_id) as store:
            row = await store.orders.answer(order_id, requester.waiter_id)
            if row is None:
                raise NotFound("The order")
            profile = await store.venue.bill_profile(row)
        return OrderBill.model_construct(
            header=bill_sections.header(profile, row),
            order=mapping.order(row),
            footer=bill_sections.footer(profile, row),
        )

    async def text(self, order_id: str, requester: Requester) -> str:
        """The whole bill as people read it. Raises NotFound as `get` does."""
        return bill_text.render(await self.get(order_id, requester))
