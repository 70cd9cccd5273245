import asyncio

import pytest
import requests

from common import metrics
from common.runtime.health import Health
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


async def test_whether_a_process_lives_and_takes_work_is_told(unused_tcp_port: int) -> None:
    stop, is_connected = asyncio.Event(), True
    health = Health(stop)

    async def told(path: str) -> tuple[int, str]:
        answer = await asyncio.to_thread(
            requests.get, f"http://127.0.0.1:{unused_tcp_port}/{path}", timeout=10
        )
        return answer.status_code, answer.text.strip()

    with serving_metrics("127.0.0.1", unused_tcp_port, health):
        assert await told("livez") == (200, "ok")
        assert await told("readyz") == (503, "starting")
        health.ready_while(lambda: is_connected)
        assert await told("readyz") == (200, "ok")
        is_connected = False
        assert await told("readyz") == (503, "the broker is away")
        is_connected = True
        stop.set()
        assert await told("readyz") == (503, "stopping")
        assert await told("livez/") == (200, "ok")
        assert (await told("metrics"))[0] == 200


async def test_a_process_whose_event_loop_is_stuck_does_not_live() -> None:
    health = Health(asyncio.Event(), loop_limit_s=0.05)
    assert await asyncio.to_thread(health.is_live)
    assert not health.is_live()  # asked here, the loop waits for the answer
