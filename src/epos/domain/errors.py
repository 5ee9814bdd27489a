"""The tree of errors. `services/refusals.py` has each one's kind and HTTP status.

EposError
├── NotFound           it does not exist, or not for this requester
├── Conflict           the state of the venue does not allow it; final for a payment
│   └── StaleVersion   the change is based on an outdated version
├── InvalidRequest     the request itself is wrong; names the field
├── Unauthenticated    missing or wrong credentials
├── Forbidden          the requester may not do this
├── TooManyAttempts    too many wrong guesses: try again later
└── UnexpectedError    the request could not be finished; a retry is safe
    └── Unavailable    the same, for a short time: try again later
        └── Overloaded     there are too many requests for it to be carried out in time
"""


class HangUp(Exception):
    """Close the connection instead of answering. Only a fault of a test raises it."""


class EposError(Exception):
    """An error whose message may be answered: no guest data, no SQL, no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(EposError):
    """It does not exist, or is hidden from the requester."""

    def __init__(self, thing: str) -> None:
        super().__init__(f"{thing} was not found")


class Conflict(EposError):
    """The request is valid, but the state of the venue does not allow it."""


class StaleVersion(Conflict):
    """The change is based on an outdated version. `current_version`: the one that it is at."""

    def __init__(self, message: str, current_version: int) -> None:
        super().__init__(message)
        self.current_version = current_version


class InvalidRequest(EposError):
    """The request is wrong, whatever the state. `field`: its path in the request."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field
        self._words = message

    def inside(self, path: str) -> "InvalidRequest":
        """The same error, with the field inside the object at `path`."""
        return InvalidRequest(f"{path}.{self.field}", self._words)

    def outside(self, path: str) -> "InvalidRequest":
        """The same error, with the field not inside `path`."""
        return InvalidRequest(self.field.removeprefix(f"{path}."), self._words)


class Unauthenticated(EposError):
    """Credentials are missing or wrong; the message never says which."""

    def __init__(self) -> None:
        super().__init__("Missing or wrong credentials")


class Forbidden(EposError):
    """The requester, or the named approver, may not do this."""


class TooManyAttempts(EposError):
    """Too many wrong guesses of a secret. Nobody may try again before `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(f"{message}; try again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class UnexpectedError(EposError):
    """The request failed, perhaps after it was carried out; sending it again is safe."""

    def __init__(self, message: str = "The request could not be finished") -> None:
        super().__init__(message)


class Unavailable(UnexpectedError):
    """The server cannot answer at the moment."""

    retry_after_seconds = 1


class Overloaded(Unavailable):
    """There are too many requests. Nothing was done. Try again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("The server has too many requests at the moment; sending it again is safe")
        self.retry_after_seconds = retry_after_seconds
