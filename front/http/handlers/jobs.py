"""``GET /api/v1/ocr/<uuid>/``: how a job is doing, and what it found."""

from common.errors import InvalidField
from front.http.api_handler import ApiHandler
from front.http.job_json import job_json

_DETAILS = {"": False, "words": True}


class JobHandler(ApiHandler):
    async def get(self, job_id: str) -> None:
        with_words = self._with_words()
        job = await self.services.jobs.find(job_id, self.account)
        await self.write_json_stream(job_json(job, self.services.jobs, with_words=with_words))

    def _with_words(self) -> bool:
        detail = self.get_query_argument("detail", "")
        if detail not in _DETAILS:
            raise InvalidField("detail", f"Unknown detail {detail[:40]!r}: use words, or leave it out.")
        return _DETAILS[detail]


URLS = [(r"/api/v1/ocr/([^/]+)/?", JobHandler)]
