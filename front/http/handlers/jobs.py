"""``/api/v1/ocr/<uuid>/``: how a job is doing and what it found; having it canceled or deleted."""

from common.domain.job import Job
from common.errors import InvalidField
from front.http.api_handler import JSON, ApiHandler
from front.http.delivery import delivered
from front.http.job_json import job_json

_DETAILS = {"": False, "words": True}


class JobHandler(ApiHandler):
    allows_anonymous = True

    def count_request(self) -> None:
        """A job may be looked at however much else is asked."""
        if self.request.method == "DELETE":
            super().count_request()

    async def get(self, job_id: str) -> None:
        job, with_words = await self._looked_at(job_id)
        told = self.services.fetching.told(job)
        await self.write_json_stream(job_json(told, self.services.jobs, with_words=with_words))
        await delivered(self, job)

    async def head(self, *path: str) -> None:
        await self._looked_at(path[0])
        self.set_header("Content-Type", JSON)
        await self.send_head()

    async def delete(self, job_id: str) -> None:
        job = await self.services.jobs.find(job_id, self.account)
        await self.services.withdrawal.delete(job)
        self.set_status(204)

    async def _looked_at(self, job_id: str) -> tuple[Job, bool]:
        """The job, and whether its words were asked for."""
        limits = self.services.rate_limits
        with limits.looking(self.account):
            with_words = self._with_words()
            job = await self.services.jobs.find(job_id, self.account)
        self.tell(limits.look(self.account, job.id))
        return job, with_words

    def _with_words(self) -> bool:
        detail = self.get_query_argument("detail", "")
        if detail not in _DETAILS:
            raise InvalidField("detail", f"Unknown detail {detail[:40]!r}: use words, or leave it out.")
        return _DETAILS[detail]


class CancelHandler(ApiHandler):
    allows_anonymous = True

    async def post(self, job_id: str) -> None:
        job = await self.services.jobs.find(job_id, self.account)
        canceled = await self.services.withdrawal.cancel(job)
        told = self.services.fetching.told(canceled)
        await self.write_json_stream(job_json(told, self.services.jobs, with_words=False))
        await delivered(self, canceled)


URLS = [(r"/api/v1/ocr/([^/]+)/?", JobHandler), (r"/api/v1/ocr/([^/]+)/cancel/?", CancelHandler)]
