"""``GET /api/v1/ocr/<uuid>/pages/<index>/image/``: a page of the file, to look at."""

import re

from common.errors import InvalidField, NotFound
from common.ports import ImageFormat
from front.http.api_handler import ApiHandler
from front.http.waiting import unless

_NUMBER = re.compile(r"[0-9]{1,5}")
MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 16, 1000, 2000


class PageImageHandler(ApiHandler):
    allows_anonymous = True

    async def get(self, job_id: str, page_index: str) -> None:
        width, image_format = self._width(), self._format()
        job = await self.services.jobs.find(job_id, self.account)
        drawing = self.services.page_images.image(job, _index(page_index), width, image_format)
        image = await unless(drawing, self.is_gone)
        self.set_header("Content-Type", f"image/{image_format}")
        self.write(image or b"")

    def _width(self) -> int:
        sent = self.get_query_argument("width", str(DEFAULT_WIDTH))
        width = int(sent) if _NUMBER.fullmatch(sent) else 0
        if not MIN_WIDTH <= width <= MAX_WIDTH:
            raise InvalidField("width", f"width must be a whole number from {MIN_WIDTH} to {MAX_WIDTH}.")
        return width

    def _format(self) -> ImageFormat:
        sent = self.get_query_argument("format", ImageFormat.PNG)
        if sent not in list(ImageFormat):
            raise InvalidField("format", f"Unknown format {sent[:40]!r}: use {' or '.join(ImageFormat)}.")
        return ImageFormat(sent)


def _index(sent: str) -> int:
    if not _NUMBER.fullmatch(sent):
        raise NotFound("There is no such page: pages are counted from 0.")
    return int(sent)


URLS = [(r"/api/v1/ocr/([^/]+)/pages/([^/]+)/image/?", PageImageHandler)]
