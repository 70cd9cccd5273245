"""Pages that wait for a model that is away: they need not be looked at again each time it is tried."""

from typing import Final

from common.contracts.tasks import RecognizePage
from workers.ocr_vlm.engine import Sight

_MOST: Final = 32  # of one or two megabytes


class HeldSights:
    """Forgets those that were given to it first: their tasks may have gone to another worker."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._sights: dict[tuple[str, str, int], Sight] = {}

    def keep(self, task: RecognizePage, sight: Sight) -> None:
        self._sights[_key(task)] = sight
        while len(self._sights) > self._most:
            del self._sights[next(iter(self._sights))]

    def take(self, task: RecognizePage) -> Sight | None:
        return self._sights.pop(_key(task), None)


def _key(task: RecognizePage) -> tuple[str, str, int]:
    return task.job_id, task.ticket, task.page_index
