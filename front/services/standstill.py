"""Who stands still, and which queues are empty, as one observer sees it by its own monotonic clock."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from common.ports import Backlog

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sighting:
    """The version that is seen, and since when."""

    version: int
    since_s: float


class Sightings(Generic[Key]):
    def __init__(self) -> None:
        self._seen: dict[Key, Sighting] = {}

    def look(self, versions: Mapping[Key, int], now_s: float) -> Mapping[Key, Sighting]:
        """Each one of ``versions`` as it stands now; what is not among them is forgotten."""
        self._seen = {key: self._sighting(key, version, now_s) for key, version in versions.items()}
        return self._seen

    def _sighting(self, key: Key, version: int, now_s: float) -> Sighting:
        seen = self._seen.get(key)
        return seen if seen and seen.version == version else Sighting(version, now_s)


class QuietQueues:
    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        self._empty_since_s: dict[str, float] = {}

    async def look(self, now_s: float) -> None:
        """Raises Unavailable; nothing is known then of the time before."""
        before, self._empty_since_s = self._empty_since_s, {}
        waiting = await self._backlog.waiting()
        self._empty_since_s = {
            queue: before.get(queue, now_s) for queue, count in waiting.items() if not count
        }

    def since_s(self, queues: Collection[str]) -> float | None:
        """Since when all of them have been empty; None when one is not."""
        if not set(queues) <= self._empty_since_s.keys():
            return None
        return max(self._empty_since_s[queue] for queue in queues)
