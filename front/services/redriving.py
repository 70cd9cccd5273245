"""Trying anew what ended in the dead letters: once for each, and charged as if it had never been tried.

A page that died was settled as failed and paid back, so its second try is a new job over the same file. It is
claimed by a key of its own, as submissions are, so that of several operators, or after a command that broke
off, one job comes of it.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from common import logs
from common.contracts.tasks import AnswerQuestion, Death, ExportDocument, RecognizePage, TranslatePage
from common.domain.account import Account
from common.domain.export import Export, ExportStatus, Redriven
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.domain.redriving import check_redrivable, redriven
from common.errors import FleetError, NotRedrivable, Unavailable
from common.ports import AccountRepository, BlobStore, DeadLetter, ExportRepository, JobRepository
from front.services.export_tasks import ExportTasks
from front.services.idempotency import Hold, Keys
from front.services.promising import Promising
from front.services.submission import TICKET_BYTES

PageTask = RecognizePage | TranslatePage

log = logs.get("redriving")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of these letters. Where it ``is_settled``, they have served their purpose and may go."""

    letters: tuple[DeadLetter, ...]
    said: str
    is_settled: bool = False


class Redriving:
    def __init__(
        self,
        jobs: JobRepository,
        exports: ExportRepository,
        accounts: AccountRepository,
        blobs: BlobStore,
        keys: Keys,
        promising: Promising,
        export_tasks: ExportTasks,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._exports = exports
        self._accounts = accounts
        self._blobs = blobs
        self._keys = keys
        self._promising = promising
        self._export_tasks = export_tasks
        self._now = now

    async def check(self, letter: DeadLetter) -> None:
        """Raises NotRedrivable where it is plain beforehand that nothing can come of it."""
        match letter.message:
            case RecognizePage() | TranslatePage() as task:
                job = check_redrivable(
                    await self._jobs.get(task.job_id),
                    task.page_index,
                    self._now(),
                    translates=_translates(task),
                )
                await self._check_source(job)
            case ExportDocument() as task:
                await self._failed_export(task)
            case AnswerQuestion():
                raise NotRedrivable(
                    "A question is not asked again: who asked it was told and not charged. Drop it."
                )
            case _:
                raise NotRedrivable("It is no task of this service.")

    async def redrive(self, letters: Sequence[DeadLetter]) -> Sequence[Outcome]:
        """The pages of one job that died in one way become one job. Raises Unavailable half-way."""
        outcomes: list[Outcome] = []
        groups: dict[tuple[str, bool], list[DeadLetter]] = {}
        for letter in letters:
            task = letter.message
            if isinstance(task, PageTask):
                groups.setdefault((task.job_id, _translates(task)), []).append(letter)
            else:
                outcomes.append(await self._alone(letter))
        for group in groups.values():
            outcomes += await self._pages(group)
        return outcomes

    async def _alone(self, letter: DeadLetter) -> Outcome:
        try:
            await self.check(letter)
            assert isinstance(letter.message, ExportDocument), "nothing else passes"
            return Outcome((letter,), await self._build_again(letter.message), is_settled=True)
        except Unavailable:
            raise
        except FleetError as error:
            return Outcome((letter,), error.message)

    async def _pages(self, group: Sequence[DeadLetter]) -> list[Outcome]:
        """``group``: those of one job, all of them of reading or all of translating."""
        outcomes: list[Outcome] = []
        fit: dict[int, list[DeadLetter]] = {}
        for letter in group:
            try:
                await self.check(letter)
            except NotRedrivable as error:
                outcomes.append(Outcome((letter,), error.message))
            else:
                fit.setdefault(_task(letter).page_index, []).append(letter)
        if not fit:
            return outcomes
        try:
            return outcomes + await self._new_job(fit)
        except Unavailable:
            raise
        except FleetError as error:
            return [*outcomes, Outcome(_all(fit), error.message)]

    async def _new_job(self, fit: Mapping[int, Sequence[DeadLetter]]) -> list[Outcome]:
        task = _task(_all(fit)[0])
        job = await self._jobs.get(task.job_id)
        account = await self._accounts.get(job.account_id) if job else None
        if job is None or account is None:
            raise NotRedrivable("Its job is gone, and the file with it.")
        if account.suspended:
            raise NotRedrivable(f"The account '{account.id}' is suspended.")
        account.plan.check_offered()
        outcomes: list[Outcome] = []
        async with AsyncExitStack() as stack:
            held: dict[int, Hold] = {}
            for index, letters in fit.items():
                hold = await self._keys.hold(account, _key(job, task, index))
                if hold.has_job:
                    said = f"It was redriven before, as the job {hold.claim.job_id}."
                    outcomes.append(Outcome(tuple(letters), said, is_settled=True))
                else:
                    held[index] = await stack.enter_async_context(hold)
            if held:
                outcomes.append(await self._promise(account, job, task, held, fit))
        return outcomes

    async def _promise(
        self,
        account: Account,
        job: Job,
        task: PageTask,
        held: Mapping[int, Hold],
        fit: Mapping[int, Sequence[DeadLetter]],
    ) -> Outcome:
        async def bind(draft: Job) -> None:
            for hold in held.values():
                await hold.bind(hold.claim.key, draft)

        draft = redriven(
            job,
            {index: tuple(dict.fromkeys(map(_death, fit[index]))) for index in held},
            translates=_translates(task),
            id=uuid4().hex,
            ticket=secrets.token_hex(TICKET_BYTES),
            now=self._now(),
        )
        made = await self._promising.promise(account, draft, self._blobs.read(job.source.key), bind)
        log.info("redriven", job_id=made.id, of_job=job.id, page_indexes=sorted(held))
        pages = "1 page" if len(held) == 1 else f"{len(held)} pages"
        said = f"Redriven as the job {made.id} of the account '{account.id}': {pages}, charged if read."
        return Outcome(_all({index: fit[index] for index in held}), said, is_settled=True)

    async def _build_again(self, task: ExportDocument) -> str:
        while True:
            job, export = await self._failed_export(task)
            if export.ticket != task.ticket:
                return f"The file was asked for again since: it is {export.status}."
            again = export.apply(Redriven(task.ticket, secrets.token_hex(TICKET_BYTES)))
            saved = await self._exports.save(again)
            if saved is not None:
                await self._export_tasks.send(job, saved)
                log.info("redriven", job_id=job.id, export=export.name)
                return "The file is being built again: it is there when it is asked for next."

    async def _failed_export(self, task: ExportDocument) -> tuple[Job, Export]:
        job = await self._jobs.get(task.job_id)
        export = await self._exports.get(task.job_id, task.name)
        if job is None or export is None or job.status is not JobStatus.DONE or job.is_expired(self._now()):
            raise NotRedrivable("Its job is gone, and the document with it.")
        if export.ticket == task.ticket and export.status is not ExportStatus.FAILED:
            raise NotRedrivable(f"The file is {export.status} by this very task.")
        return job, export

    async def _check_source(self, job: Job) -> None:
        if not await self._blobs.present([job.source.key]):
            raise NotRedrivable("The file is gone.")


def _task(letter: DeadLetter) -> PageTask:
    assert isinstance(letter.message, PageTask), "asked before"
    return letter.message


def _translates(task: PageTask) -> bool:
    return isinstance(task, TranslatePage)


def _all(fit: Mapping[int, Sequence[DeadLetter]]) -> tuple[DeadLetter, ...]:
    return tuple(letter for letters in fit.values() for letter in letters)


def _key(job: Job, task: PageTask, index: int) -> str:
    """One for each page and stage, which the account's own keys cannot be: nobody knows a ticket."""
    return f"redriven/{job.ticket}/{task.type}/{index}"


def _death(letter: DeadLetter) -> Death:
    task, death = _task(letter), letter.death
    return Death(
        job_id=task.job_id,
        page_index=task.page_index,
        queue=death.queue if death else letter.queue,
        reason=death.reason if death else "",
        attempts=letter.attempts,
        at=death.at if death else None,
    )
