"""Pages of a job's file as pictures, drawn when they are asked for."""

import asyncio

from common.domain.job import Job
from common.errors import NotFound, PageError, PageNotShown, SourceMissing
from common.ports import ImageFormat, PagePainter, SourceFiles
from front.services.jobs import NO_JOB


class PageImages:
    """Draws ``at_once`` pages at the same time, so that some children stay free for inspecting uploads."""

    def __init__(self, sources: SourceFiles, painter: PagePainter, at_once: int) -> None:
        self._sources = sources
        self._painter = painter
        self._turns = asyncio.Semaphore(at_once)

    async def image(self, job: Job, page_index: int, width: int, image_format: ImageFormat) -> bytes:
        """The picture's file. Raises NotFound for a page that the job has not, or for a job that was deleted
        meanwhile, and PageNotShown.
        """
        if page_index >= job.page_count:
            raise NotFound(f"The job has no page {page_index}: they count from 0 to {job.page_count - 1}.")
        source_page = job.source_pages[page_index]
        try:
            async with self._turns, self._sources.use(job.source.key) as path:
                return await self._painter.paint(
                    path, job.source.media_type, source_page, width, image_format
                )
        except SourceMissing:  # it goes with its job alone
            raise NotFound(NO_JOB) from None
        except PageError as error:
            raise PageNotShown(f"The page cannot be shown as a picture: {error.message}") from error
