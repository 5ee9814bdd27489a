"""Rows for the tables of a party or a reservation."""

from typing import Any


def in_order(table_ids: list[str]) -> list[dict[str, Any]]:
    """`table_id` and its `position`, from 1, in ascending table id: each row's foreign key locks its table,
    and everybody locks them in this order.

    Write each as a statement of its own: on Citus an INSERT … SELECT of several rows commits in two phases.
    """
    placed = ({"table_id": name, "position": number} for number, name in enumerate(table_ids, 1))
    return sorted(placed, key=lambda row: str(row["table_id"]))
