"""``GET /api/v1/ocr/``: the account's jobs, newest first."""

import re
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, PathMatches

from common.errors import InvalidField
from front.http.api_handler import ApiHandler
from front.http.handlers.submissions import SubmissionsHandler
from front.services.job_view import job_summary

_PATH = r"/api/v1/ocr/?"
_LIMIT = re.compile(r"[0-9]{1,3}")
DEFAULT_LIMIT, MAX_LIMIT = 20, 100


class ListingHandler(ApiHandler):
    """Shares its path with the submissions, which are posted there."""

    async def get(self) -> None:
        cursor = self.get_query_argument("cursor", "")
        part = await self.services.listing.part(self.account, self._limit(), cursor or None)
        self.write_json({"jobs": [job_summary(job) for job in part.jobs], "next_cursor": part.next_cursor})

    def _limit(self) -> int:
        sent = self.get_query_argument("limit", str(DEFAULT_LIMIT))
        limit = int(sent) if _LIMIT.fullmatch(sent) else 0
        if not 1 <= limit <= MAX_LIMIT:
            raise InvalidField("limit", f"limit must be a whole number from 1 to {MAX_LIMIT}.")
        return limit

    def allowed_methods(self) -> list[str]:
        return [*super().allowed_methods(), "POST"]


class _Posted(PathMatches):
    """The path, when something is posted to it."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return super().match(request) if request.method == "POST" else None


URLS: list[tuple[str | Matcher, type[ApiHandler]]] = [
    (_Posted(_PATH), SubmissionsHandler),
    (_PATH, ListingHandler),
]
