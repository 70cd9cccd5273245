"""Waiting for news of a job: announcements wake whoever watches it. A hint, never the truth."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

from common.contracts.job_events import JobAnnounced, JobHint


class LiveFeed:
    """Hears what is announced about every job; watchers then read the job itself."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)

    def notice(self, announced: JobAnnounced | JobHint) -> None:
        for changed in self._watchers.get(announced.job_id, ()):
            changed.set()

    @contextlib.asynccontextmanager
    async def watch(self, job_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when something was announced about the job; clear it before reading."""
        changed = asyncio.Event()
        self._watchers[job_id].add(changed)
        try:
            yield changed
        finally:
            self._watchers[job_id].discard(changed)
            if not self._watchers[job_id]:
                del self._watchers[job_id]
