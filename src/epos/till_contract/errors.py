"""What the till's errors say beyond those of the EPOS Data API."""

from epos.contract.errors import EPOSError


class TillError(EPOSError):
    """The body of every answer that is not a success."""

    currentVersion: int | None = None
    """For a change that is based on an outdated version: the version that it is at now."""
