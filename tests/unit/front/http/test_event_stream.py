"""Progress as server-sent events."""

import pytest

from common.domain.job_parts import JobStatus
from front.http.event_stream import last_position, rendered
from front.services.progress import JobEnded, PageSettled


def test_each_event_has_a_position_a_kind_and_one_line_of_json() -> None:
    news = [PageSettled(1, 4, 9, None), PageSettled(2, 0, 9, "engine_timeout")]
    assert rendered([*news, JobEnded(3, JobStatus.CANCELED, 2, 9, None)]).decode() == (
        "id: 1\nevent: page\n"
        'data: {"index":4,"status":"read","pages_done":1,"page_count":9,"code":null}\n\n'
        "id: 2\nevent: page\n"
        'data: {"index":0,"status":"failed","pages_done":2,"page_count":9,"code":"engine_timeout"}\n\n'
        "id: 3\nevent: canceled\n"
        'data: {"status":"canceled","pages_done":2,"page_count":9,"code":null}\n\n'
    )


def test_without_news_there_is_a_comment() -> None:
    assert rendered([]).startswith(b":") and rendered([]).endswith(b"\n\n")


@pytest.mark.parametrize(
    ("sent", "position"),
    [
        (None, 0),
        ("", 0),
        ("7", 7),
        ("0", 0),
        ("-1", 0),
        ("x", 0),
        ("²", 0),
        ("1e3", 0),
        ("9" * 5000, 999_999_999),
    ],
)
def test_a_reconnecting_client_tells_its_position(sent: str | None, position: int) -> None:
    assert last_position(sent) == position
