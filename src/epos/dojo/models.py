"""What Dojo's API answers: only what is read here. Unknown members are ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from epos.contract.operations import by_capability


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Money(Answer):
    value: int
    currencyCode: str  # noqa: N815 - Dojo's name


class Capability(Answer):
    name: str
    version: str

    @property
    def is_called(self) -> bool:
        return self.version == "v1"


class BasicAuth(Answer):
    username: str | None = None


class Auth(Answer):
    basic: BasicAuth | None = None


class Integration(Answer):
    """One registration. Only one of REST has a `url`."""

    capabilities: list[Capability] = []
    url: str | None = None
    auth: Auth | None = None

    @property
    def names(self) -> frozenset[str]:
        """What is registered, in the newest spelling."""
        return frozenset(newest(one.name) for one in self.capabilities if one.is_called)

    @property
    def username(self) -> str | None:
        basic = self.auth.basic if self.auth else None
        return basic.username if basic else None


class Integrations(Answer):
    restIntegrations: list[Integration] | None = None  # noqa: N815
    wsIntegrations: list[Integration] | None = None  # noqa: N815


class OrderDetails(Answer):
    externalId: str | None = None  # noqa: N815


class PaymentIntent(Answer):
    """A payment as Dojo knows it; `amount` is without tip and service charge."""

    id: str | None = None
    status: str | None = None
    amount: Money | None = None
    tipsAmount: Money | None = None  # noqa: N815
    serviceChargeAmount: Money | None = None  # noqa: N815
    refundedAmount: int | None = None  # noqa: N815
    reference: str | None = None
    orderDetails: OrderDetails | None = None  # noqa: N815


def newest(name: str) -> str:
    """A capability in the spelling that is current; a name that nobody knows stays as it is."""
    operation = by_capability(name)
    if operation is None or operation.events or name in operation.registrable_names:
        return name
    return operation.capability


def capabilities(names: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "version": "v1"} for name in names]
