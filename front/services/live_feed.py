"""Waiting for news of a job: announcements wake whoever watches it."""

import asyncio
from contextlib import AbstractContextManager

from common.contracts.job_events import JobAnnounced, JobHint
from front.services.watchers import Watchers


class LiveFeed:
    """Hears what is announced about every job; watchers then read the job itself."""

    def __init__(self) -> None:
        self._watchers = Watchers()

    def notice(self, announced: JobAnnounced | JobHint) -> None:
        self._watchers.wake(announced.job_id)

    def watch(self, job_id: str) -> AbstractContextManager[asyncio.Event]:
        """An event that is set when something was announced about the job; clear it before reading."""
        return self._watchers.watch(job_id)
