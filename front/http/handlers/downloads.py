"""``GET /api/v1/ocr/<uuid>/download/?format=``: what was found, as a file.

Text, Markdown and JSON are read from the finished document; all else is built by a worker first.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from common.contracts.tasks import ExportFormat
from common.domain.export import FORMAT_OF_OPTION, Artefact, ExportRequest, check_options
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.errors import ExportPending, InvalidField, JobHasNoResult, JobNotFinished
from front.http.api_handler import ApiHandler
from front.http.delivery import delivered
from front.http.filenames import attachment
from front.http.job_json import job_json
from front.http.waiting import unless
from front.services.jobs import transcript_of


@dataclass(frozen=True, slots=True)
class Kind:
    """How a format is called by programs and by file systems."""

    content_type: str
    extension: str


KINDS = {
    "txt": Kind("text/plain; charset=utf-8", "txt"),
    "md": Kind("text/markdown; charset=utf-8", "md"),
    "docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "pdf": Kind("application/pdf", "pdf"),
    "csv": Kind("text/csv; charset=utf-8", "csv"),
    "json": Kind("application/json", "json"),
    "hocr": Kind("application/xhtml+xml", "hocr"),
    "alto": Kind("application/xml", "alto.xml"),
}
_FLAGS = {"": False, "false": False, "true": True}


class DownloadHandler(ApiHandler):
    allows_anonymous = True

    async def get(self, job_id: str) -> None:
        name = _format_named(self.get_query_argument("format", ""))
        options = {option: self._flag(option) for option in FORMAT_OF_OPTION}
        check_options(name, (option for option, is_asked in options.items() if is_asked))
        translated = self._flag("translated")
        is_built = name in list(ExportFormat)
        request = ExportRequest(ExportFormat(name), **options, translated=translated) if is_built else None
        job = await self.services.jobs.find(job_id, self.account)
        _check_finished(job)
        transcript_of(job, translated=translated)
        if request is not None:
            await self._send_built(job, request)
        else:
            await self._send(job, name, self._found(job, name, translated))

    async def _send_built(self, job: Job, request: ExportRequest) -> None:
        """Held until the file is built, the client gone, or the server ending."""
        wait_s = self.surroundings.settings.export_wait_s
        building = self.services.exports.file(job, request, wait_s)
        artefact = await unless(building, self.surroundings.stopping, self.is_gone)
        if self.is_gone.is_set():
            return
        if artefact is None:
            raise ExportPending()
        await self._send(job, request.format, self.services.exports.read(artefact), artefact)

    async def _send(
        self, job: Job, name: str, chunks: AsyncIterator[bytes], artefact: Artefact | None = None
    ) -> None:
        kind = KINDS[name]
        self.set_header("Content-Type", kind.content_type)
        self.set_header("Content-Disposition", attachment(job.source.filename, kind.extension))
        if artefact is not None:
            self.set_header("Content-Length", artefact.size_bytes)
            if self.request.method == "HEAD":
                await self.send_head()
                return
        await self.write_stream(chunks)
        await delivered(self, job)

    async def _found(self, job: Job, name: str, translated: bool) -> AsyncIterator[bytes]:
        jobs = self.services.jobs
        if name == "json":
            told = self.services.fetching.told(job)
            async for chunk in job_json(told, jobs, with_words=True, translated=translated):
                yield chunk
            return
        async with jobs.transcript(job, translated=translated) as found:
            async for chunk in found.markdown(with_page_breaks=True) if name == "md" else found.text():
                yield chunk

    def _flag(self, name: str) -> bool:
        sent = self.get_query_argument(name, "")
        if sent not in _FLAGS:
            raise InvalidField(name, f"{name} is true or false, not {sent[:40]!r}.")
        return _FLAGS[sent]


def _format_named(name: str) -> str:
    if name not in KINDS:
        what = f"Unknown format {name[:40]!r}" if name else "The format is missing"
        raise InvalidField("format", f"{what}: use ?format= with one of {', '.join(KINDS)}.")
    return name


def _check_finished(job: Job) -> None:
    path = f"/api/v1/ocr/{job.id}/"
    if not job.status.is_terminal:
        raise JobNotFinished(
            f"The job is {job.status}, {job.pages_done} of {job.page_count} pages done: download it once it "
            f"is done. Until then GET {path} every 2 s, or follow GET {path}events/."
        )
    if job.status is not JobStatus.DONE:
        raise JobHasNoResult(f"The job is {job.status}, so there is nothing to download: see GET {path}.")


URLS = [(r"/api/v1/ocr/([^/]+)/download/?", DownloadHandler)]
