"""What can go wrong with the embedded PostgreSQL, each in one line for the person at the terminal.

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
    """The machine, or the data folder, cannot have an embedded PostgreSQL."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason} Set EPOS_DATABASE_URL to use a PostgreSQL of your own instead.")


class EmbeddedStartFailed(EmbeddedError):
    """PostgreSQL was started and would not serve."""

    def __init__(self, folder: Path, complaint: str) -> None:
        super().__init__(f"PostgreSQL in {folder} does not start: {complaint}")
