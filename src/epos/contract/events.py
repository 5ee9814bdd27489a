"""Events that Dojo sends: the reference page and the AsyncAPI document have them, REST does not."""

from enum import StrEnum

from epos.contract.base import Id, Request, Time


class EventType(StrEnum):
    """The events that can be registered. Others are accepted: `event` is open text."""

    payment_intent_created = "payment_intent.created"
    payment_intent_status_updated = "payment_intent.status_updated"


class PaymentIntentStatus(StrEnum):
    """Where a payment is, in Dojo's words."""

    Created = "Created"
    Authorized = "Authorized"
    Captured = "Captured"
    Reversed = "Reversed"
    Refunded = "Refunded"
    Canceled = "Canceled"


class CaptureMode(StrEnum):
    """Whether the money is taken at once or when asked for."""

    Auto = "Auto"
    Manual = "Manual"


class PaymentIntentEvent(Request):
    """What an event says of a payment: neither the order nor the amount."""

    paymentIntentId: Id
    paymentStatus: PaymentIntentStatus
    captureMode: CaptureMode


class Event(Request):
    """At least once, in any order: `id` is what makes a repetition harmless."""

    id: Id
    accountId: Id
    event: Id
    """One of `EventType`, or something newer."""
    data: PaymentIntentEvent
    createdAt: Time
