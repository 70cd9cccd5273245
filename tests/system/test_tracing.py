"""One trace for each request: from the front through the queue, a worker and back."""

import secrets
import time

import pytest

from tests.client import Client
from tests.otlp_receiver import Collector, Span
from tests.stack import Stack
from tests.text_pdfs import long_pdf

# More than are sent at first: the next ones are sent by whoever records those.
PAGES = 40
LIMIT_S = 20


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client(stack.account(f"traced-{secrets.token_hex(4)}"))


class Traced:
    """What a caller sends that traces its own work, and what comes of it at the collector."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.trace_id, self.span_id = secrets.token_hex(16), secrets.token_hex(8)
        self.headers = {"traceparent": f"00-{self.trace_id}-{self.span_id}-01"}

    @property
    def spans(self) -> list[Span]:
        return self._collector.trace(self.trace_id)

    def wait_for(self, service: str, name: str, count: int = 1) -> list[Span]:
        deadline = time.monotonic() + LIMIT_S
        while len(found := [one for one in self.spans if (one.service, one.name) == (service, name)]) < count:
            told = sorted({(span.service, span.name) for span in self.spans})
            assert time.monotonic() < deadline, f"{len(found)} of {count} {name!r} in {told}"
            time.sleep(0.1)
        return found

    def way_to(self, span: Span) -> list[tuple[str, str]]:
        """What led to it, from the caller on, and it; spans come when they have ended, and in batches."""
        deadline, way = time.monotonic() + LIMIT_S, [span]
        while way[0].parent_id != self.span_id:
            parent = next((one for one in self.spans if one.span_id == way[0].parent_id), None)
            if parent is not None:
                way.insert(0, parent)
            else:
                assert time.monotonic() < deadline, f"{way[0].name} does not come of the caller's"
                time.sleep(0.1)
        return [(one.service, one.name) for one in way]


@pytest.fixture
def traced(collector: Collector) -> Traced:
    return Traced(collector)


def test_a_job_its_file_and_a_question_are_traced_to_the_worker_and_back(
    client: Client, collector: Collector
) -> None:
    job_trace, export_trace, chat_trace = Traced(collector), Traced(collector), Traced(collector)
    name = f"secret-name-{secrets.token_hex(4)}"
    answer = client.post(
        "/api/v1/ocr/", files={"file": (f"{name}.pdf", long_pdf(PAGES))}, headers=job_trace.headers
    )
    job = client.finished(answer.json())
    assert job["status"] == "done"
    file = client.get(f"/api/v1/ocr/{job['uuid']}/download/?format=docx", headers=export_trace.headers)
    assert file.status_code == 200
    asked = client.post(
        f"/api/v1/chat/{job['uuid']}/", json={"message": "What is it about?"}, headers=chat_trace.headers
    )
    assert asked.status_code == 200

    job_trace.wait_for("ocr_cpu", "handle ocr.page.recognize.v1", PAGES)
    ways = [job_trace.way_to(span) for span in job_trace.wait_for("front", "record pages")]
    assert min(ways, key=len) == [
        ("front", "POST submissions"),
        ("front", "publish ocr.page.recognize.v1"),
        ("ocr_cpu", "handle ocr.page.recognize.v1"),
        ("ocr_cpu", "publish ocr.page.recognized.v1"),
        ("front", "record pages"),
    ]
    (back,) = export_trace.wait_for("front", "record export")
    assert export_trace.way_to(back) == [
        ("front", "GET download"),
        ("front", "publish ocr.document.export.v1"),
        ("export", "handle ocr.document.export.v1"),
        ("export", "publish ocr.document.exported.v1"),
        ("front", "record export"),
    ]
    (back,) = chat_trace.wait_for("front", "record answer")
    assert [service for service, _ in chat_trace.way_to(back)] == ["front", "front", "chat", "chat", "front"]

    told = "".join(span.told for one in (job_trace, export_trace, chat_trace) for span in one.spans)
    page = job["pages"][0]["text"].split("\n")[0]
    for secret in (name, str(client.token), page, "What is it about?"):
        assert secret not in told


def test_a_refused_request_is_a_trace_of_its_own(client: Client, traced: Traced) -> None:
    assert client.get(f"/api/v1/ocr/{'f' * 32}/", headers=traced.headers).status_code == 404
    (span,) = traced.wait_for("front", "GET job")
    assert span.parent_id == traced.span_id and "404" in span.told


def test_probes_are_not_traced(client: Client, traced: Traced, collector: Collector) -> None:
    assert client.get("/livez", headers=traced.headers).status_code == 200
    after = Traced(collector)
    client.get("/api/v1/plans/", headers=after.headers)
    after.wait_for("front", "GET plans")
    assert traced.spans == []
