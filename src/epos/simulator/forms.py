"""What the EPOS sends to Dojo's API, as strict as the published document."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from epos.simulator.problems import Problem

Model = TypeVar("Model", bound=BaseModel)
Text = Annotated[str, Field(min_length=1)]
Whole = Annotated[int, Field(ge=0, lt=2**63)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True)


class _ClosedForm(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Capability(_Form):
    """A capability by any of its names; the version is `v1`."""

    name: Text
    version: Text


class BasicAuth(_Form):
    """What Dojo says when it calls."""

    username: str
    password: str


class RestAuth(_Form):
    """The only way Dojo has of saying who it is."""

    authType: Literal["basic"]
    basic: BasicAuth


class RestIntegrationForm(_Form):
    """PUT /epos/integrations/rest."""

    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]
    capabilities: list[Capability]
    auth: RestAuth


class SocketIntegrationForm(_Form):
    """PUT /epos/integrations/ws."""

    capabilities: list[Capability]


class Money(_ClosedForm):
    """Whole minor units."""

    value: Whole
    currencyCode: Literal["GBP", "EUR"]


class OrderReference(_ClosedForm):
    """Whose order an intent pays: `externalId` is the EPOS's, `id` is Dojo's."""

    id: str | None = None
    externalId: str | None = None
    availabilityDate: str | None = None
    isUpdate: bool | None = None


class IntentForm(BaseModel):
    """POST /payment-intents: what is used here; the other published fields are taken unread."""

    model_config = ConfigDict(strict=True, extra="allow")

    amount: Money
    reference: Annotated[str, Field(min_length=1, max_length=60)]
    captureMode: Literal["Auto", "Manual"] = "Auto"
    tipsAmount: Money | None = None
    serviceChargeAmount: Money | None = None
    cashbackAmount: Money | None = None
    description: Annotated[str, Field(max_length=4096)] | None = None
    metadata: dict[str, str] | None = None
    orderDetails: OrderReference | None = None


PUBLISHED_INTENT_FIELDS = frozenset(IntentForm.model_fields) | {
    "customer",
    "billingAddress",
    "shippingDetails",
    "cardHolderNotPresent",
    "config",
    "requestSecurity",
    "itemLines",
    "taxLines",
    "paymentMethods",
    "actionLink",
    "expireAt",
    "autoExpireIn",
    "autoExpireAction",
    "setupIntentId",
    "generateRemoteToken",
    "isNotOnlineCheckout",
}


class CaptureForm(_ClosedForm):
    """POST /payment-intents/{id}/captures: minor units of the intent's currency."""

    amount: Whole
    tipsAmount: Whole | None = None


class RefundForm(_ClosedForm):
    """POST /payment-intents/{id}/refunds."""

    amount: Annotated[int, Field(gt=0, lt=2**63)]
    previousTransactionId: Annotated[str, Field(max_length=100)] | None = None
    refundReason: Annotated[str, Field(max_length=1024)] | None = None
    notes: Annotated[str, Field(max_length=4096)] | None = None


def read_form(model: type[Model], body: Any) -> Model:
    """The form that a parsed body is. Raises Problem, naming what is wrong and never a value."""
    try:
        form = model.model_validate(body)
    except ValidationError as error:
        raise Problem(400, "; ".join(complaints(error))) from None
    unknown = sorted((form.model_extra or {}).keys() - PUBLISHED_INTENT_FIELDS)
    if unknown:
        raise Problem(400, f"{unknown[0]}: is not a property of this request")
    return form


def complaints(error: ValidationError) -> list[str]:
    """One line for each fault: where, and what."""
    return [
        f"{'.'.join(map(str, found['loc'])) or 'the body'}: {found['msg']}"
        for found in error.errors(include_url=False, include_input=False)
    ]
