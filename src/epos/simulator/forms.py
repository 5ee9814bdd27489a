"""Bodies of requests to Dojo's API, as strict as the published document."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
WholeNumber = Annotated[int, Field(ge=0, lt=2**63)]


class _Form(BaseModel):
    """Strict types; unknown properties are ignored."""

    model_config = ConfigDict(strict=True)


class _ClosedForm(BaseModel):
    """Strict types; unknown properties are refused."""

    model_config = ConfigDict(strict=True, extra="forbid")


class CapabilityForm(_Form):
    """A capability by any of its names; the version is `v1`."""

    name: Text
    version: Text


class BasicAuthForm(_Form):
    """The credentials with which Dojo calls."""

    username: str
    password: str


class RestAuthForm(_Form):
    """How Dojo authenticates: Basic is the only way."""

    authType: Literal["basic"]
    basic: BasicAuthForm


class RestIntegrationForm(_Form):
    """PUT /epos/integrations/rest."""

    url: Annotated[str, Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")]
    capabilities: list[CapabilityForm]
    auth: RestAuthForm


class SocketIntegrationForm(_Form):
    """PUT /epos/integrations/ws."""

    capabilities: list[CapabilityForm]


class EventForm(BaseModel):
    """POST /epos/events: `event` has the id of what has changed."""

    model_config = ConfigDict(strict=True, extra="allow")

    eventType: str
    event: dict[str, Any]


class MoneyForm(_ClosedForm):
    """Whole minor units."""

    value: WholeNumber
    currencyCode: Literal["GBP", "EUR"]


class OrderReferenceForm(_ClosedForm):
    """The order that an intent pays: `externalId` is the EPOS's id, `id` is Dojo's."""

    id: str | None = None
    externalId: str | None = None
    availabilityDate: str | None = None
    isUpdate: bool | None = None


class IntentForm(_ClosedForm):
    """POST /payment-intents. The properties of type Any are published, and not used here."""

    amount: MoneyForm
    reference: Annotated[str, Field(min_length=1, max_length=60)]
    captureMode: Literal["Auto", "Manual"] = "Auto"
    tipsAmount: MoneyForm | None = None
    serviceChargeAmount: MoneyForm | None = None
    cashbackAmount: MoneyForm | None = None
    description: Annotated[str, Field(max_length=4096)] | None = None
    metadata: dict[str, str] | None = None
    orderDetails: OrderReferenceForm | None = None
    customer: Any = None
    billingAddress: Any = None
    shippingDetails: Any = None
    cardHolderNotPresent: Any = None
    config: Any = None
    requestSecurity: Any = None
    itemLines: Any = None
    taxLines: Any = None
    paymentMethods: Any = None
    actionLink: Any = None
    expireAt: Any = None
    autoExpireIn: Any = None
    autoExpireAction: Any = None
    setupIntentId: Any = None
    generateRemoteToken: Any = None
    isNotOnlineCheckout: Any = None


class CaptureForm(_ClosedForm):
    """POST /payment-intents/{id}/captures: minor units of the intent's currency."""

    amount: WholeNumber
    tipsAmount: WholeNumber | None = None


class RefundForm(_ClosedForm):
    """POST /payment-intents/{id}/refunds."""

    amount: Annotated[int, Field(gt=0, lt=2**63)]
    previousTransactionId: Annotated[str, Field(max_length=100)] | None = None
    refundReason: Annotated[str, Field(max_length=1024)] | None = None
    notes: Annotated[str, Field(max_length=4096)] | None = None


class SaleForm(_Form):
    """The payment that a terminal takes."""

    paymentIntentId: Text


class MatchedRefundForm(_Form):
    """A refund of a payment; without an amount, of all that remains."""

    paymentIntentId: Text
    amount: MoneyForm | None = None


class UnlinkedRefundForm(_Form):
    """A refund that belongs to no payment."""

    amount: MoneyForm
    cardholderNotPresent: bool | None = None


class SessionDetailsForm(_Form):
    """What a terminal shall do: the property that `sessionType` names."""

    sessionType: Literal["Sale", "MatchedRefund", "UnlinkedRefund"]
    sale: SaleForm | None = None
    matchedRefund: MatchedRefundForm | None = None
    unlinkedRefund: UnlinkedRefundForm | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [
            name
            for name, one in (
                ("Sale", self.sale),
                ("MatchedRefund", self.matchedRefund),
                ("UnlinkedRefund", self.unlinkedRefund),
            )
            if one is not None
        ]
        if given != [self.sessionType]:
            raise ValueError("details must have what sessionType names, and nothing else")
        return self


class TerminalSessionForm(_ClosedForm):
    """POST /terminal-sessions."""

    terminalId: Text
    details: SessionDetailsForm


class SignatureForm(_Form):
    """PUT /terminal-sessions/{id}/signature."""

    accepted: bool
