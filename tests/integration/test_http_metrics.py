"""What is counted of requests: by names of ours, whatever callers ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from front.settings import FrontSettings
from tests.fakes.front import Front, eventually, running_front


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    settings = FrontSettings(front_port=0, spool_dir=tmp_path / "spool", inline_wait_s=0)
    with running_front(settings) as started:
        yield started


def requests_counted(route: str, method: str, status: str) -> float:
    labels = {"route": route, "method": method, "status": status}
    return REGISTRY.get_sample_value("ocr_http_requests_total", labels) or 0


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("GET", "/livez", ("live", "GET", "200")),
        ("POST", "/api/v1/ocr/", ("submissions", "POST", "400")),
        ("GET", f"/api/v1/ocr/{'f' * 32}/", ("job", "GET", "404")),
        ("GET", "/no/such/page", ("missing", "GET", "404")),
        ("BREW", "/livez", ("live", "other", "405")),
    ],
)
def test_a_request_is_counted_once(
    front: Front, method: str, path: str, counted: tuple[str, str, str]
) -> None:
    before = requests_counted(*counted)
    assert front.ask(method, path).status_code == int(counted[2])
    assert eventually(lambda: requests_counted(*counted) == before + 1)
