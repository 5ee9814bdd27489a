"""Errors of the embedded PostgreSQL. Each message is one line for the operator.

EmbeddedError
├── DataFolderInUse
├── EmbeddedUnavailable
└── EmbeddedStartFailed
"""

from pathlib import Path


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot serve."""


class DataFolderInUse(EmbeddedError):
    """Another process owns the data folder."""

    def __init__(self, folder: Path, owner: int | None) -> None:
        process = f" (process {owner})" if owner else ""
        super().__init__(
            f"The data folder {folder} is in use by another EPOS server or command{process}."
        )


class EmbeddedUnavailable(EmbeddedError):
    """This machine or this data folder cannot run an embedded PostgreSQL."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Set EPOS_DATABASE_URL to use a PostgreSQL of your own instead.")


class EmbeddedStartFailed(EmbeddedError):
    """PostgreSQL was started but does not accept connections."""

    def __init__(self, folder: Path, complaint: str) -> None:
        super().__init__(f"PostgreSQL in {folder} does not start: {complaint}")
