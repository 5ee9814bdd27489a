"""The one error tree. Each edge has one table that turns it into a reply.

EposError
├── NotFound           the thing does not exist for this requester
├── Conflict           the state of the venue refuses it; final for a payment
├── InvalidRequest     the request itself is wrong; names the field
├── Unauthenticated    missing or wrong credentials
├── Forbidden          who asks may not do this
├── TooManyAttempts    guessing is slowed: not yet, after a while
└── UnexpectedError    we could not finish; a retry is safe
    └── Unavailable    the same, expected to pass: try again after a while
"""


class EposError(Exception):
    """A refusal whose message is fit to be shown: no guest data, no SQL, no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(EposError):
    """The thing does not exist, or is hidden from who is asking."""

    def __init__(self, thing: str) -> None:
        super().__init__(f"{thing} was not found")


class Conflict(EposError):
    """The request is understood and the state of the venue refuses it."""


class InvalidRequest(EposError):
    """The request is wrong by itself; `field` is its path as the sender wrote it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field} {message}")
        self.field = field
        self._words = message

    def inside(self, path: str) -> "InvalidRequest":
        """The same, where the field is a part of what stands at `path`."""
        return InvalidRequest(f"{path}.{self.field}", self._words)

    def outside(self, path: str) -> "InvalidRequest":
        """The same, for a sender whose field does not stand within `path`."""
        return InvalidRequest(self.field.removeprefix(f"{path}."), self._words)


class Unauthenticated(EposError):
    """Credentials are missing or wrong; the words never say which."""

    def __init__(self) -> None:
        super().__init__("Missing or wrong credentials")


class Forbidden(EposError):
    """Who asks, or who is named as the one who approves, may not do this."""


class TooManyAttempts(EposError):
    """A secret was guessed wrong too often; nobody may try again before `retry_after_seconds`."""

    def __init__(self, message: str, retry_after_seconds: int) -> None:
        super().__init__(f"{message}; try again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class UnexpectedError(EposError):
    """The outcome may be unknown to the caller; sending the request again is safe."""

    def __init__(self, message: str = "The request could not be finished") -> None:
        super().__init__(message)


class Unavailable(UnexpectedError):
    """The server cannot answer for the moment."""

    retry_after_seconds = 1
