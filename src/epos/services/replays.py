"""Idempotency keys: a repeated request is answered again, and carries out nothing."""

from pydantic import BaseModel

from epos.contract.codec import fingerprint
from epos.domain.errors import Conflict
from epos.store.statements import Record


def made_before(existing: Record | None, request: BaseModel, key: str, use: str) -> Record | None:
    """What an earlier copy of the request made, or None. Call before any rule can refuse the request.

    `existing`: what its key was used for. Raises Conflict if that request had other content. `key` and
    `use` are words of the message: the property, and what it was used for.
    """
    if existing is not None and existing["fingerprint"] != fingerprint(request):
        raise Conflict(f"{key} has been used {use} with other content")
    return existing
