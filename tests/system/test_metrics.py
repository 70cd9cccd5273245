"""Metrics of each process on a port of its own: they move with a job, and tell nothing of who or what."""

import re
import secrets
from collections.abc import Callable
from functools import cache

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests import files
from tests.client import Client
from tests.metrics import Metrics
from tests.pages import numbered_pages
from tests.stack import CHECKOUT, Stack

MONITORING = CHECKOUT / "deploy"
DASHBOARD = MONITORING / "grafana" / "dashboards" / "ocr-fleet.json"
# Each has a handful of values, all of them ours; ``le`` is a histogram's own.
BOUNDED = {
    "code",
    "engine",
    "exchange",
    "folder",
    "format",
    "kind",
    "lane",
    "language",
    "le",
    "method",
    "outcome",
    "part",
    "queue",
    "route",
    "status",
    "tier",
}


def test_a_job_moves_the_counters_of_front_and_workers(
    stack: Stack, new_account: Callable[[str], Client]
) -> None:
    client, name = new_account("paid"), f"secret-name-{secrets.token_hex(4)}"
    data = files.png(numbered_pages(1)[0].image)
    front, workers = Metrics(stack, "front"), Metrics(stack, "ocr_cpu")
    job = client.read(data, f"{name}.png", language="en")

    assert front.grew("ocr_jobs_accepted_total", 1, tier="cpu", lane="express")
    assert front.grew("ocr_jobs_ended_total", 1, status="done")
    assert front.grew("ocr_credits_charged_total", 1, tier="cpu")
    assert front.grew("ocr_uploaded_bytes_total", len(data))
    assert front.grew("ocr_tracking_batch_events_sum", 1)
    requested = {"route": "submissions", "method": "POST", "status": "200"}
    assert front.grew("ocr_http_requests_total", 1, **requested)
    assert workers.grew("ocr_pages_total", 1, engine="tesseract", outcome="read")
    assert workers.grew("ocr_page_duration_seconds_count", 1)
    assert workers.grew("ocr_queue_wait_seconds_count", 1, queue="ocr.cpu.pages.express")

    told = front.text() + workers.text()
    assert name not in told and job["uuid"] not in told and str(client.token) not in told


def test_an_open_event_stream_is_seen(stack: Stack, client: Client) -> None:
    front = Metrics(stack, "front")
    pages = files.scanned_pdf([page.image for page in numbered_pages(8)])
    job = client.submit(pages, "long.pdf", language="en").json()
    with client.get(f"/api/v1/ocr/{job['uuid']}/events/", stream=True) as stream:
        assert stream.status_code == 200
        assert front.grew("ocr_http_live_streams", 1)
    assert front.grew("ocr_http_live_streams", 0)
    client.finished(job)


def test_each_process_has_a_port_that_the_api_does_not_answer_on(stack: Stack, client: Client) -> None:
    fleet = [*stack.processes("front"), *stack.processes("ocr_cpu")]
    ports = [process.ports[f"{process.name}-metrics"] for process in fleet]
    assert len(set(ports)) == len(fleet)
    assert client.get("/metrics").status_code == 404


def test_every_metric_that_dashboard_and_alerts_ask_for_is_told(stack: Stack) -> None:
    asked = "".join(file.read_text() for file in (*MONITORING.glob("prometheus/rules/*"), DASHBOARD))
    told = {
        name
        for kind in ("front", "ocr_cpu", "ocr_vlm", "export", "chat")
        for name in names(Metrics(stack, kind).text())
    }
    for name in set(re.findall(r"\b(?:ocr|rabbitmq)_\w+", asked)):
        assert re.sub("_(bucket|sum|count)$", "", name) in told | broker_tells(stack), name


def names(text: str) -> set[str]:
    return set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))


@cache
def broker_tells(stack: Stack) -> set[str]:
    (broker,) = stack.processes("rabbitmq")
    url = f"http://127.0.0.1:{broker.ports['amqp-prometheus']}/metrics/per-object"
    return names(requests.get(url, timeout=20).text)


def test_no_label_is_as_many_as_jobs_or_accounts_are(stack: Stack) -> None:
    labels = {
        label
        for kind in ("front", "ocr_cpu", "ocr_vlm", "export", "chat")
        for family in text_string_to_metric_families(Metrics(stack, kind).text())
        for sample in family.samples
        for label in sample.labels
        if sample.name.startswith("ocr_")
    }
    assert labels <= BOUNDED, labels - BOUNDED
