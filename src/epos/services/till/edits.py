"""What a request of the till sets, and what it leaves as it is."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def columns_sent(request: BaseModel, columns: Mapping[str, str]) -> dict[str, Any]:
    """By column, what the request has of the fields in `columns`. Empty text takes away what there was."""
    sent = {column: getattr(request, field) for field, column in columns.items()}
    return {
        name: None if value == "" else value for name, value in sent.items() if value is not None
    }
