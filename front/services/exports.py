"""Files of finished documents: built once when somebody asks, however many do, and kept with their job."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Final

from common.domain.export import Artefact, AskedAgain, Export, ExportRequest
from common.domain.job import Job
from common.domain.job_parts import BACKSTOP, JobStatus
from common.errors import ExportPending, NotFound, SourceMissing, TooManyDownloads
from common.ports import ExportRepository, JobRepository
from front.services.export_tasks import ExportTasks
from front.services.held_blobs import HeldBlobs
from front.services.jobs import NO_JOB
from front.services.places import Places

_TICKET_BYTES: Final = 16
# Between two looks at an export: a small file is built in no time, a large one need not be asked for often.
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5
_GROWTH: Final = 1.5


class Exports:
    """``max_held`` requests of one account may wait for files at once, at this replica."""

    def __init__(
        self,
        exports: ExportRepository,
        jobs: JobRepository,
        blobs: HeldBlobs,
        tasks: ExportTasks,
        max_held: int,
        now: Callable[[], datetime],
    ) -> None:
        self._exports = exports
        self._jobs = jobs
        self._blobs = blobs
        self._tasks = tasks
        self._held = Places(max_held, TooManyDownloads)
        self._now = now

    async def file(self, job: Job, request: ExportRequest, wait_s: float) -> Artefact:
        """The finished file of a job that is done; one that could not be built some time ago is tried again.

        Raises ExportPending when it is not there after ``wait_s`` seconds, NotFound when the job was deleted
        meanwhile, TooManyDownloads, and what it failed of. To end the wait does not end the building.
        """
        found = await self._exports.get(job.id, request.name)
        if found is not None and found.artefact is not None:
            return found.artefact
        with self._held.taken(job.account_id):
            return await self._built(job, request, wait_s)

    async def _built(self, job: Job, request: ExportRequest, wait_s: float) -> Artefact:
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + wait_s, _FIRST_PAUSE_S
        export = await self._asked_for(job, request)
        while not export.status.is_settled:
            left_s = deadline - loop.time()
            if left_s <= 0:
                raise ExportPending()
            await asyncio.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
            export = await self._as_it_is_now(export)
        if export.failure is not None:
            raise export.failure.error
        assert export.artefact is not None, "it is done"
        return export.artefact

    async def read(self, artefact: Artefact) -> AsyncIterator[bytes]:
        """The file's bytes in chunks. Raises NotFound, before the first, when its job was deleted."""
        try:
            async with self._blobs.hold(artefact.key) as held:
                async for chunk in held.read(artefact.key):
                    yield chunk
        except SourceMissing:  # it goes with its job alone
            raise NotFound(NO_JOB) from None

    async def _asked_for(self, job: Job, request: ExportRequest) -> Export:
        """The export, which somebody is to build if nobody was before, or nobody could some time ago."""
        while True:
            ticket = secrets.token_hex(_TICKET_BYTES)
            found = await self._exports.get(job.id, request.name)
            if found is None:
                begun = await self._added(job, request, ticket)
            elif (again := found.apply(AskedAgain(ticket, self._now()))) is not found:
                begun = await self._exports.save(again)
            else:
                return found
            if begun is not None:
                await self._check_not_deleted(job)
                await self._tasks.send(job, begun)
                return begun

    async def _added(self, job: Job, request: ExportRequest, ticket: str) -> Export | None:
        """The new export; None when somebody else was first."""
        assert job.expires_at is not None, "it is done"
        fresh = Export(job_id=job.id, request=request, ticket=ticket, expires_at=job.expires_at + BACKSTOP)
        return fresh if await self._exports.add(fresh) else None

    async def _check_not_deleted(self, job: Job) -> None:
        """Whoever deletes a job leaves its tombstone first: exports made after that must not stay."""
        current = await self._jobs.get(job.id)
        if current is None or current.status is not JobStatus.DONE:
            await self._exports.discard(job.id)
            raise NotFound(NO_JOB)

    async def _as_it_is_now(self, export: Export) -> Export:
        current = await self._exports.get(export.job_id, export.name)
        if current is None:
            raise NotFound(NO_JOB)
        return current
