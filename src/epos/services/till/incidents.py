"""What the day's report lists one by one."""

from epos.store.statements import Record
from epos.till_contract.incidents import Incident


def incident(row: Record) -> Incident:
    return Incident.model_construct(
        kind=row["kind"],
        tabId=row["order_id"],
        reference=row["reference"],
        table=row["table_name"],
        amount=row["amount"],
        count=row["count"],
        reason=row["reason"],
        by=row["waiter"],
        approvedBy=row["manager"],
        at=row["at"],
    )
