"""Who is asking: what the access rules, the audit trail and the log read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Requester:
    """The sender of one request, however it came in.

    `credential` names the credential that was used, and with it the venue. The four headers of the
    EPOS Data API are None when they were not sent; no `waiter_id` means that no access rule applies.
    """

    venue_id: str
    credential: str
    trace_id: str
    waiter_id: str | None = None
    product: str | None = None
    device_id: str | None = None
    device_type: str | None = None

    @property
    def sent(self) -> dict[str, str]:
        """The headers that were sent, named as here; for the log."""
        headers = {
            "product": self.product,
            "waiter_id": self.waiter_id,
            "device_id": self.device_id,
            "device_type": self.device_type,
        }
        return {name: value for name, value in headers.items() if value is not None}
