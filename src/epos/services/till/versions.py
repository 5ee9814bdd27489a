"""Two people at one thing: nobody overwrites what they did not see."""

from epos.domain.errors import Conflict


def refuse_stale(thing: str, version: int, seen: int) -> None:
    """Raises Conflict saying both versions."""
    if version != seen:
        raise Conflict(
            f"The {thing} is at version {version}, and the change was made to version {seen}; "
            "read it again"
        )
