"""One log line for every request, and its metrics; never its query, which may hold a token."""

from tornado.web import RequestHandler

from common import logs, metrics
from front.http.api_handler import ApiHandler, route_of

log = logs.get("access")


def log_request(handler: RequestHandler) -> None:
    log.info(
        "request",
        method=handler.request.method,
        path=handler.request.path,
        status=handler.get_status(),
        duration_s=round(handler.request.request_time(), 4),
        **(_identity(handler) if isinstance(handler, ApiHandler) else {}),
    )
    route, method = route_of(handler), _method(handler)
    metrics.REQUESTS.labels(route, method, handler.get_status()).inc()
    metrics.REQUEST_DURATION.labels(route, method).observe(handler.request.request_time())


def _identity(handler: ApiHandler) -> dict[str, str | None]:
    """Whose request it was; none of it can be taken from the context, which errors may have left."""
    account = getattr(handler, "account", None)
    return {
        "request_id": handler.request_id,
        "account_id": account.id if account else None,
        "job_id": handler.job_id,
    }


def _method(handler: RequestHandler) -> str:
    """A caller may invent methods, but not make labels of them."""
    method = handler.request.method or ""
    return method if method in handler.SUPPORTED_METHODS else "other"
