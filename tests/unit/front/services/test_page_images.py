"""Pages as pictures: which page of the file is drawn, and what becomes of one that cannot be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from common.contracts.tasks import MediaType
from common.errors import EngineTimeout, FleetError, NotFound, PageNotShown, PageUnreadable, SourceMissing
from common.ports import ImageFormat
from front.services.page_images import PageImages
from tests.fakes.samples import JOB_ID, job


@dataclass
class FakeSources:
    error: FleetError | None = None

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        if self.error:
            raise self.error
        yield Path(key)


@dataclass
class FakePainter:
    error: FleetError | None = None
    painted: list[tuple[Path, MediaType, int, int, ImageFormat]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def paint(
        self, path: Path, media_type: MediaType, source_page: int, width: int, image_format: ImageFormat
    ) -> bytes:
        self.painted.append((path, media_type, source_page, width, image_format))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.error:
            raise self.error
        return b"picture"


async def test_an_index_counts_the_selected_pages() -> None:
    painter = FakePainter()
    images = PageImages(FakeSources(), painter, at_once=1)
    assert await images.image(job(2, source_pages=(4, 9)), 1, 300, ImageFormat.WEBP) == b"picture"
    assert painter.painted == [(Path(f"{JOB_ID}/source"), MediaType.PDF, 9, 300, ImageFormat.WEBP)]


async def test_a_page_beyond_the_last_is_not_there() -> None:
    with pytest.raises(NotFound):
        await PageImages(FakeSources(), FakePainter(), 1).image(job(2), 2, 300, ImageFormat.PNG)


@pytest.mark.parametrize("error", [PageUnreadable("It is torn."), EngineTimeout()])
async def test_a_page_that_cannot_be_drawn_says_why(error: FleetError) -> None:
    images = PageImages(FakeSources(), FakePainter(error), 1)
    with pytest.raises(PageNotShown) as raised:
        await images.image(job(2), 0, 300, ImageFormat.PNG)
    assert error.message in raised.value.message


async def test_a_file_that_is_gone_is_a_job_that_was_deleted() -> None:
    with pytest.raises(NotFound, match="no such job"):
        await PageImages(FakeSources(SourceMissing()), FakePainter(), 1).image(
            job(2), 0, 300, ImageFormat.PNG
        )


async def test_so_many_pages_are_drawn_at_once_and_no_more() -> None:
    painter = FakePainter()
    images = PageImages(FakeSources(), painter, at_once=2)
    await asyncio.gather(*(images.image(job(9), index, 300, ImageFormat.PNG) for index in range(9)))
    assert painter.most_at_once == 2
