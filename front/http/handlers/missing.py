"""Every path that is none of ours."""

from common.errors import NotFound
from front.http.api_handler import ApiHandler


class MissingHandler(ApiHandler):
    needs_account = False

    async def prepare(self) -> None:
        raise NotFound("There is nothing at this address: files are sent to /api/v1/ocr/.")
