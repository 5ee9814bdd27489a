"""A request that was answered before, recognised by its key."""

from pydantic import BaseModel

from epos.contract.codec import fingerprint
from epos.domain.errors import Conflict
from epos.store.statements import Record


def refuse_other_content(made: Record, request: BaseModel, key: str, use: str) -> None:
    """`made` is what the request's key was used for. Raises Conflict unless by the very same content.

    `key` and `use` are the refusal's words: which property, and what it was used for.
    """
    if made["fingerprint"] != fingerprint(request):
        raise Conflict(f"{key} has been used {use} with other content")
