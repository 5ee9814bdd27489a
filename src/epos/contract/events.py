"""Events that Dojo sends about payments.

They are in the reference page and in the AsyncAPI document, not in the REST document.
"""

from enum import StrEnum

from epos.contract.base import Id, Request, Time


class EventType(StrEnum):
    """The events that can be registered with Dojo. `Event.event` also accepts other names."""

    payment_intent_created = "payment_intent.created"
    payment_intent_status_updated = "payment_intent.status_updated"


class PaymentIntentStatus(StrEnum):
    """How far a card payment has come at Dojo.

    `Created`: no card yet. `Authorized`: the money is held. `Captured`: the money is taken.
    `Reversed`, `Refunded`, `Canceled`: the payment has ended and does not count any more.
    """

    Created = "Created"
    Authorized = "Authorized"
    Captured = "Captured"
    Reversed = "Reversed"
    Refunded = "Refunded"
    Canceled = "Canceled"


class CaptureMode(StrEnum):
    """When Dojo takes the money. `Auto`: at once. `Manual`: when it is asked to."""

    Auto = "Auto"
    Manual = "Manual"


class PaymentIntentEvent(Request):
    """The state of one payment intent. It names neither the order nor the amount."""

    paymentIntentId: Id
    """Dojo's id of the payment intent."""
    paymentStatus: PaymentIntentStatus
    """The status of the payment intent after this event."""
    captureMode: CaptureMode
    """When the money is taken."""


class Event(Request):
    """Something that happened at Dojo. Events may come more than once and in any order."""

    id: Id
    """The id of the event. A second event with this id changes nothing."""
    accountId: Id
    """Dojo's account. It is stored and decides nothing: the credential names the venue."""
    event: Id
    """The name of the event: one of `EventType`, or a newer one."""
    data: PaymentIntentEvent
    """The payment intent that the event is about."""
    createdAt: Time
    """When Dojo created the event."""
