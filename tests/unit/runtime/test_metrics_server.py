import pytest
import requests

from common import metrics
from common.runtime.metrics_server import serving_metrics


def test_metrics_are_told_for_as_long_as_they_are_served(unused_tcp_port: int) -> None:
    metrics.JOBS_RECOVERED.inc()
    url = f"http://127.0.0.1:{unused_tcp_port}/metrics"
    with serving_metrics("127.0.0.1", unused_tcp_port):
        answer = requests.get(url, timeout=10)
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert "ocr_jobs_recovered_total" in answer.text and "process_resident_memory_bytes" in answer.text
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_port_0_serves_nothing() -> None:
    with serving_metrics("nowhere.invalid", 0):
        pass


def test_a_port_that_is_taken_is_told(unused_tcp_port: int) -> None:
    again = serving_metrics("127.0.0.1", unused_tcp_port)
    with serving_metrics("127.0.0.1", unused_tcp_port), pytest.raises(OSError), again:
        pass
