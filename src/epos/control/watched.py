"""What is watched of each test venue of this process: its journal and its faults."""

from dataclasses import dataclass, field

from epos.control.faults import Faults
from epos.control.journal import Journal
from epos.services.worlds import World, Worlds


@dataclass(frozen=True, slots=True)
class Watch:
    """Of one venue."""

    world: World
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)


class Watches:
    """Of all test venues. What is not a test venue is never watched."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._watches: dict[str, Watch] = {}

    def find(self, venue_id: str) -> Watch | None:
        world = self._worlds.find(venue_id)
        if world is None:
            self._watches.pop(venue_id, None)
            return None
        watch = self._watches.get(venue_id)
        if watch is None:
            watch = self._watches[venue_id] = Watch(world)
        return watch

    async def require(self, venue_id: str) -> Watch:
        """Raises NotFound."""
        await self._worlds.require(venue_id)
        watch = self.find(venue_id)
        assert watch is not None, "it is required above"  # noqa: S101
        return watch

    def forget(self, venue_id: str) -> None:
        """It was removed."""
        self._watches.pop(venue_id, None)
