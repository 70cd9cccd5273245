"""``GET /api/v1/ocr/<uuid>/download/?format=``: what was found, as a file."""

from collections.abc import AsyncIterator

from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.errors import FormatUnavailable, InvalidField, JobHasNoResult, JobNotFinished
from front.http.api_handler import ApiHandler
from front.http.filenames import attachment
from front.http.job_json import job_json

_CONTENT_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}
_FORMATS = ("txt", "md", "docx", "pdf", "csv", "json", "hocr", "alto")


class DownloadHandler(ApiHandler):
    allows_anonymous = True

    async def get(self, job_id: str) -> None:
        name = _format_named(self.get_query_argument("format", ""))
        job = await self.services.jobs.find(job_id, self.account)
        _check_finished(job)
        chunks = self._content(job, name)
        self.set_header("Content-Type", _CONTENT_TYPES[name])
        self.set_header("Content-Disposition", attachment(job.source.filename, name))
        await self.write_stream(chunks)

    def _content(self, job: Job, name: str) -> AsyncIterator[bytes]:
        if name not in _CONTENT_TYPES:
            raise FormatUnavailable(f"This server cannot build {name} files yet: use txt, md or json.")
        if name == "json":
            return job_json(job, self.services.jobs, with_words=True)
        return self.services.jobs.text(job, markdown=name == "md")


def _format_named(name: str) -> str:
    if name not in _FORMATS:
        what = f"Unknown format {name[:40]!r}" if name else "The format is missing"
        raise InvalidField("format", f"{what}: use ?format= with one of {', '.join(_FORMATS)}.")
    return name


def _check_finished(job: Job) -> None:
    if not job.status.is_terminal:
        raise JobNotFinished()
    if job.status is not JobStatus.DONE:
        raise JobHasNoResult()


URLS = [(r"/api/v1/ocr/([^/]+)/download/?", DownloadHandler)]
