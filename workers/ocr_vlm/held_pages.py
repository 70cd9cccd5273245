"""Pages that wait for a model that is away: what was done for them need not be done, or paid, again."""

from dataclasses import dataclass
from typing import Final

from common.contracts.tasks import RecognizePage
from common.document.page import Page
from workers.ocr_vlm.engine import Sight

_MOST: Final = 32  # of one or two megabytes


@dataclass(frozen=True, slots=True)
class HeldPage:
    """``read``: the page, where the model had read it before it went away."""

    sight: Sight
    read: Page | None = None


class HeldPages:
    """Forgets those that were given to it first: their tasks may have gone to another worker."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._pages: dict[tuple[str, str, int], HeldPage] = {}

    def keep(self, task: RecognizePage, page: HeldPage) -> None:
        self._pages[_key(task)] = page
        while len(self._pages) > self._most:
            del self._pages[next(iter(self._pages))]

    def take(self, task: RecognizePage) -> HeldPage | None:
        return self._pages.pop(_key(task), None)


def _key(task: RecognizePage) -> tuple[str, str, int]:
    return task.job_id, task.ticket, task.page_index
