"""``GET /api/v1/ocr/<uuid>/events/``: how a job gets on, told as it happens."""

import asyncio
from contextlib import aclosing

from common import metrics
from common.domain.job import Job
from front.http.api_handler import ApiHandler
from front.http.event_stream import CONTENT_TYPE, OPENING, last_position, rendered
from front.http.waiting import until
from front.services.progress import has_been_told

ADMITTED_FOR_S = 5.0


class EventsHandler(ApiHandler):
    """Ends with the job, with the caller's admission, or when the server stops: a client then asks again,
    perhaps another replica.
    """

    allows_anonymous = True
    _admitted_at_s = 0.0

    async def get(self, job_id: str) -> None:
        job = await self._opened(job_id)
        after = last_position(self.request.headers.get("Last-Event-ID"))
        if has_been_told(job, after):
            self.set_status(204)  # tells a browser not to ask again
            return
        with self.services.progress.admitted(self.account), metrics.LIVE_STREAMS.track_inprogress():
            await self._send_news(job, after)

    async def head(self, *path: str) -> None:
        await self._opened(*path)
        await self.send_head()

    async def _opened(self, job_id: str) -> Job:
        job = await self.services.jobs.find(job_id, self.account)
        self.set_header("Content-Type", CONTENT_TYPE)
        self.set_header("X-Accel-Buffering", "no")
        return job

    async def _send_news(self, job: Job, after: int) -> None:
        self._admitted_at_s = asyncio.get_running_loop().time()
        await self.send(OPENING)
        async with aclosing(self.services.progress.follow(job, self.account, after)) as happening:
            async for news in until(happening, self.surroundings.stopping, self.is_gone):
                if not await self._is_admitted():
                    return
                await self.send(rendered(news))

    async def _is_admitted(self) -> bool:
        """Asked now and then: there are news, or a sign of life, more often than is worth a look."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._admitted_at_s < ADMITTED_FOR_S:
            return True
        self._admitted_at_s = now_s
        return await self.is_still_admitted()


URLS = [(r"/api/v1/ocr/([^/]+)/events/?", EventsHandler)]
