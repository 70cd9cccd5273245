"""One log line for every request; never its query, which may hold a token."""

from tornado.web import RequestHandler

from common import logs
from front.http.api_handler import ApiHandler

log = logs.get("access")


def log_request(handler: RequestHandler) -> None:
    log.info(
        "request",
        method=handler.request.method,
        path=handler.request.path,
        status=handler.get_status(),
        duration_s=round(handler.request.request_time(), 4),
        request_id=handler.request_id if isinstance(handler, ApiHandler) else None,
    )
