"""The ledger and the intents behind it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from epos.store.repository import Repository
from epos.store.statements import Record, Statement
from epos.store.tables import payment, payment_intent
from epos.store.tables.base import Key
from epos.store.visibility import VENUE

_INTENTS = bindparam("intent_ids", type_=ARRAY(Key))
_KNOW = Statement(
    upsert(payment_intent)
    .from_select(["venue_id", "id"], select(VENUE, func.unnest(_INTENTS)))
    .on_conflict_do_nothing()
)
_LOCK = Statement(
    select(payment_intent)
    .where(payment_intent.c.venue_id == VENUE, payment_intent.c.id == func.any(_INTENTS))
    .order_by(payment_intent.c.id)
    .with_for_update(key_share=True)
)
_OF_INTENTS = Statement(
    select(payment).where(
        payment.c.venue_id == VENUE, payment.c.payment_intent_id == func.any(_INTENTS)
    )
)
_INSERT = Statement(
    insert(payment),
    columns=[column.name for column in payment.c if column.name != "refunded_amount"],
)
_SET_INTENT_STATUS = Statement(
    update(payment_intent)
    .where(payment_intent.c.venue_id == VENUE, payment_intent.c.id == bindparam("intent_id"))
    .values(status=bindparam("new_status"))
)


class PaymentRepository(Repository):
    async def lock_intents(self, intent_ids: Iterable[str]) -> dict[str, Record]:
        """The intents' rows, made if new, locked in ascending id until the transaction ends."""
        wanted = sorted(set(intent_ids))
        if not wanted:
            return {}
        await self._run(_KNOW, intent_ids=wanted)
        return {row["id"]: row for row in await self._all(_LOCK, intent_ids=wanted)}

    async def of_intents(self, intent_ids: Iterable[str]) -> dict[str, Record]:
        """Ledger rows by intent. Call it with the intents locked."""
        rows = await self._all(_OF_INTENTS, intent_ids=sorted(set(intent_ids)))
        return {row["payment_intent_id"]: row for row in rows}

    async def insert(self, **columns: Any) -> None:
        await self._run(_INSERT, **columns)

    async def set_intent_status(self, intent_id: str, status: str) -> None:
        await self._run(_SET_INTENT_STATUS, intent_id=intent_id, new_status=status)
