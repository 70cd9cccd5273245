"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) about a job."""

from collections.abc import Sequence
from typing import Any

import orjson

from front.services.progress import JobEnded, News, PageSettled

CONTENT_TYPE = "text/event-stream"
RETRY_MS = 2000
OPENING = f"retry: {RETRY_MS}\n\n".encode()
_SIGN_OF_LIFE = b": still there\n\n"


def rendered(news: Sequence[News]) -> bytes:
    """The events one after the other; without any, a comment that keeps the connection open."""
    return b"".join(map(_event, news)) or _SIGN_OF_LIFE


def last_position(last_event_id: str | None) -> int:
    """What a reconnecting client has seen; 0 for what is no position of ours."""
    is_position = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
    return int(last_event_id[:_MOST_DIGITS]) if last_event_id and is_position else 0


_MOST_DIGITS = 9


def _event(news: News) -> bytes:
    match news:
        case PageSettled():
            return _framed(news.position, "page", _page(news))
        case JobEnded():
            return _framed(news.position, news.status.value, _end(news))


def _page(news: PageSettled) -> dict[str, Any]:
    return {
        "index": news.index,
        "status": "failed" if news.code else "read",
        "pages_done": news.position,
        "page_count": news.page_count,
        "code": news.code,
    }


def _end(news: JobEnded) -> dict[str, Any]:
    return {
        "status": news.status.value,
        "pages_done": news.pages_done,
        "page_count": news.page_count,
        "code": news.error,
    }


def _framed(position: int, name: str, data: dict[str, Any]) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (position, name.encode(), orjson.dumps(data))
