"""Answers of Dojo's API: the members that are read here; others are ignored."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from epos.contract.operations import by_capability


class DojoAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DojoMoney(DojoAnswer):
    value: int
    currencyCode: str  # noqa: N815 - Dojo's name


class Capability(DojoAnswer):
    name: str
    version: str

    @property
    def is_called(self) -> bool:
        return self.version == "v1"


class BasicAuth(DojoAnswer):
    username: str | None = None


class Auth(DojoAnswer):
    basic: BasicAuth | None = None


class Integration(DojoAnswer):
    """One registration. Only those for REST have a `url`."""

    capabilities: list[Capability] = []
    url: str | None = None
    auth: Auth | None = None

    @property
    def names(self) -> frozenset[str]:
        """The registered capabilities, in the newest spelling."""
        return frozenset(newest(one.name) for one in self.capabilities if one.is_called)

    @property
    def username(self) -> str | None:
        basic = self.auth.basic if self.auth else None
        return basic.username if basic else None


class Integrations(DojoAnswer):
    restIntegrations: list[Integration] | None = None  # noqa: N815
    wsIntegrations: list[Integration] | None = None  # noqa: N815


class DojoOrderDetails(DojoAnswer):
    externalId: str | None = None  # noqa: N815


class PaymentIntent(DojoAnswer):
    """A payment in Dojo's record; `amount` is without tip and service charge."""

    id: str | None = None
    status: str | None = None
    amount: DojoMoney | None = None
    tipsAmount: DojoMoney | None = None  # noqa: N815
    serviceChargeAmount: DojoMoney | None = None  # noqa: N815
    refundedAmount: int | None = None  # noqa: N815
    reference: str | None = None
    orderDetails: DojoOrderDetails | None = None  # noqa: N815
    metadata: Any = None


def newest(name: str) -> str:
    """The capability in the current spelling; an unknown name stays as it is."""
    operation = by_capability(name)
    if operation is None or operation.events or name in operation.registrable_names:
        return name
    return operation.capability


def capabilities(names: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "version": "v1"} for name in names]
