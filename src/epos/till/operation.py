"""What is known of one operation of the till's API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from epos.domain.credentials import Role
from epos.web.routes import Endpoint, Handler

TILL = frozenset({Role.TILL})
ADMIN = frozenset({Role.ADMIN})
TILL_AND_ADMIN = TILL | ADMIN


@dataclass(frozen=True, slots=True)
class TillOperation:
    """One operation: its place, its models, who may, and what answers it."""

    name: str
    """Unique, such as `add-items`: the operation's id in the document, and its name in the log."""
    http_method: str
    path: str
    summary: str
    tag: str
    handler: Handler
    roles: frozenset[Role] = TILL
    request: type[Any] | None = None
    read: Callable[[bytes], Any] | None = None
    """How the body is read, where the model alone does not say what is wrong with it."""
    response: Any = None
    """A model, `list[model]`, or None for an answer without content."""
    query: Mapping[str, str] = field(default_factory=dict)
    """The query parameters that it reads, and what each means."""
    media_types: tuple[str, ...] = ()
    """Other forms that it can answer in, for people."""

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            name=self.name,
            http_method=self.http_method,
            path=self.path,
            roles=self.roles,
            handler=self.handler,
            request=self.request,
            read=self.read,
            query=frozenset(self.query),
        )
