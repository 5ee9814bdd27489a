"""Write the audit trail."""

import json
from datetime import datetime

from sqlalchemy import insert

from epos.domain.requester import Requester
from epos.store.repository import Repository
from epos.store.statements import Statement
from epos.store.tables import audit_entry

_ADD = Statement(
    insert(audit_entry),
    columns=[column.name for column in audit_entry.c if column.name != "id"],
)


class AuditTrail(Repository):
    """Only appends; the database refuses to change or delete entries."""

    async def add(
        self,
        requester: Requester,
        at: datetime,
        action: str,
        subject_id: str,
        **details: str | int | bool | list[str] | None,
    ) -> None:
        """Record who did `action` to what. `details`: ids, amounts and states, never guests' words."""
        await self._run(
            _ADD,
            at=at,
            action=action,
            subject_id=subject_id,
            credential=requester.credential,
            waiter_id=requester.waiter_id,
            product=requester.product,
            device_id=requester.device_id,
            device_type=requester.device_type,
            trace_id=requester.trace_id,
            details=json.dumps(details),
        )
