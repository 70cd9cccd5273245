"""Traces: off by default, and wherever the packages are missing nothing breaks."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from common import tracing
from common.tracing import PARENT_HEADER, Role
from tests.otlp_receiver import Collector, collecting
from tests.stack import CHECKOUT

# Every process is imported as it is started, and traces as it does with an endpoint set.
_WITHOUT_PACKAGES = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter")):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
import front.__main__, workers.ocr_cpu.__main__, workers.ocr_vlm.__main__
import workers.export.__main__, workers.chat.__main__
from common import tracing
with tracing.exporting("front@host/1", "http://127.0.0.1:9"):
    with tracing.span("something", tracing.Role.SERVER, {"a": 1}):
        assert tracing.headers() == {}
    assert tracing.begin("something", tracing.Role.SERVER, {}, carrier={}) is None
print("whole")
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


def test_without_the_packages_every_process_works_and_says_why_nothing_is_traced() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PACKAGES],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.stdout.endswith("whole\n"), done.stderr
    assert "tracing_not_installed" in done.stdout


def test_without_an_endpoint_nothing_is_traced() -> None:
    with tracing.exporting("front@host/1", ""), tracing.span("something", Role.SERVER):
        assert tracing.headers() == {}


def test_what_goes_on_within_a_span_takes_its_place_along(collector: Collector) -> None:
    with tracing.exporting("front@host/1", collector.url):
        with tracing.span("request", Role.SERVER, carrier={}), tracing.span("publish", Role.PRODUCER):
            carrier = tracing.headers()
        assert tracing.headers() == {}
        with tracing.span("handle", Role.CONSUMER, {"ocr.attempt": 1}, carrier=carrier):
            pass
    by_name = {span.name: span for span in collector.spans}
    request, publish, handle = by_name["request"], by_name["publish"], by_name["handle"]
    assert {span.trace_id for span in collector.spans} == {request.trace_id}
    assert (request.parent_id, publish.parent_id, handle.parent_id) == ("", request.span_id, publish.span_id)
    assert carrier.keys() == {PARENT_HEADER}
    assert request.service == "front"


def test_an_error_is_told_by_its_class_alone(collector: Collector) -> None:
    with (
        tracing.exporting("front@host/1", collector.url),
        pytest.raises(ValueError),
        tracing.span("handle", Role.CONSUMER, carrier={}),
    ):
        raise ValueError("what the page says")
    (span,) = collector.spans
    assert "ValueError" in span.told and "what the page says" not in span.told


@pytest.mark.parametrize("parent", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_caller_who_makes_a_parent_up_begins_a_trace(collector: Collector, parent: str) -> None:
    with (
        tracing.exporting("front@host/1", collector.url),
        tracing.span("handle", Role.CONSUMER, carrier={PARENT_HEADER: parent}),
    ):
        pass
    (span,) = collector.spans
    assert span.parent_id == ""


def test_a_collector_that_is_away_holds_nobody_up_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "FLUSH_LIMIT_S", 0.3)
    begun = time.monotonic()
    with (
        tracing.exporting("front@host/1", "http://127.0.0.1:9"),
        tracing.span("handle", Role.CONSUMER, carrier={}),
    ):
        pass
    assert time.monotonic() - begun < 2
