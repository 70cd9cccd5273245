"""``POST /api/v1/ocr/``: a file comes in, a job goes out."""

import asyncio
import re
from contextlib import ExitStack, nullcontext
from typing import Any

from common.domain.job import Job
from common.domain.job_parts import EXPRESS_PAGES
from front.http.api_handler import ApiHandler
from front.http.delivery import delivered
from front.http.job_json import promised_json
from front.http.multipart_form import MAX_OVERHEAD_BYTES, MultipartForm
from front.http.services import Surroundings
from front.http.waiting import unless
from front.services.forms import SubmitForm
from front.services.idempotency import HEADER, Hold

_LENGTH = re.compile(r"[0-9]{1,18}")


class SubmissionsHandler(ApiHandler):
    """The file goes to the spool while it arrives and is gone from there once the job has it."""

    allows_anonymous = True
    _form: MultipartForm | None = None
    _hold: Hold | None = None
    _is_received = False

    def initialize(self, surroundings: Surroundings) -> None:
        super().initialize(surroundings)
        self._upload_place = ExitStack()

    async def prepare(self) -> None:
        await super().prepare()
        self._expect_form()
        self._take_place()
        await self._take_key()
        if self._hold is None or not self._hold.has_job:
            await self.services.submission.check_admission(self.account)

    def _expect_form(self) -> None:
        plan, spool, settings = self.account.plan, self.surroundings.spool, self.surroundings.settings
        file_bytes = max(0, self._announced_bytes(default=0) - MAX_OVERHEAD_BYTES)
        plan.check_size(file_bytes)
        spool.room.check(self.account, file_bytes)
        self._form = MultipartForm(self.request.headers.get("Content-Type", ""), self.account, spool)
        largest = self._announced_bytes(default=plan.max_bytes)
        self.connection.set_body_timeout(settings.body_timeout_s + largest / settings.min_upload_rate)

    def _take_place(self) -> None:
        """One of those that the account has for files on their way in, until the job has the file."""
        self._upload_place.enter_context(self.surroundings.uploads.taken(self.account.id))
        if self.is_gone.is_set():
            self._discard()

    async def _take_key(self) -> None:
        key = self.request.headers.get(HEADER)
        if key is not None:
            self._hold = await self.services.idempotency.hold(self.account, key)
            if self.is_gone.is_set():
                self._discard()

    def receive(self, chunk: bytes) -> None:
        self.form.feed(chunk)

    async def post(self) -> None:
        self._is_received = True
        async with self._hold or nullcontext():
            job = await self._submit()
        self.job_id = job.id
        self._leave_spool()
        if job.page_count <= EXPRESS_PAGES:
            job = await self._finished_in_time(job)
        told, chunks = await promised_json(self.services.fetching.told(job), self.services.jobs)
        self.set_status(200 if told.status.is_terminal else 202)
        self.set_header("Location", f"/api/v1/ocr/{job.id}/")
        await self.write_json_stream(chunks)
        if told.status.is_terminal:
            await delivered(self, job)

    @property
    def form(self) -> MultipartForm:
        assert self._form is not None, "prepare() comes first"
        return self._form

    async def _submit(self) -> Job:
        upload = self.form.upload()
        form = SubmitForm(**self.form.fields())
        await self.services.visitors.welcome(self.account)
        if self._hold is not None:
            return await self.services.idempotency.submit(self._hold, upload, form)
        return await self.services.submission.submit(self.account, upload, form)

    async def _finished_in_time(self, job: Job) -> Job:
        """The job as it is at its end, or when the wait is over, the client gone, or the server ending."""
        wait_s = self.surroundings.settings.inline_wait_s
        waited = self.services.jobs.until_finished(job, self.account, wait_s)
        return await unless(waited, self.surroundings.stopping, self.is_gone) or job

    def _announced_bytes(self, default: int) -> int:
        length = self.request.headers.get("Content-Length", "")
        return int(length) if _LENGTH.fullmatch(length) else default

    def on_connection_close(self) -> None:
        super().on_connection_close()
        if not self._is_received:
            self._discard()

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> "asyncio.Future[None]":
        self._discard()
        return super().finish(chunk)

    def _leave_spool(self) -> None:
        self._upload_place.close()
        if self._form is not None:
            self._form.discard()

    def _discard(self) -> None:
        self._leave_spool()
        if self._hold is not None:
            self.services.idempotency.let_go(self._hold)


URLS = [(r"/api/v1/ocr/?", SubmissionsHandler)]
