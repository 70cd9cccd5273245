"""Traces: what became of one request, from HTTP through the queue and a worker and back, for OpenTelemetry.

Off, and nothing but a look at a variable, unless a process was told where to send them and the packages of
``requirements/tracing.txt`` are there. No span holds text, names of files or tokens. The tracer is ours
alone, not OpenTelemetry's global one: libraries that would tell what they sent to whom find none.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from common import logs

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

PARENT_HEADER: Final = "traceparent"
FLUSH_LIMIT_S: Final = 3.0

Attributes = Mapping[str, str | int]
# What came with a request or message; of its keys, PARENT_HEADER counts.
Carrier = Mapping[str, str]

log = logs.get("tracing")


class Role(StrEnum):
    """OpenTelemetry's kinds of spans."""

    SERVER = "SERVER"
    PRODUCER = "PRODUCER"
    CONSUMER = "CONSUMER"


@contextlib.contextmanager
def exporting(process: str, endpoint: str) -> Iterator[None]:
    """Send what this process traces to ``endpoint``: OTLP over HTTP, without ``/v1/traces``.

    ``process`` is its name among others; SDK settings such as OTEL_TRACES_SAMPLER count, too.
    """
    global _backend
    if not endpoint:
        yield
        return
    try:
        _backend = _Backend(process, endpoint)
    except ImportError as error:
        log.warning("tracing_not_installed", reason=str(error))
        yield
        return
    try:
        yield
    finally:
        ended, _backend = _backend, None
        ended.close()


@contextlib.contextmanager
def span(
    name: str,
    role: Role,
    attributes: Attributes | None = None,
    *,
    carrier: Carrier | None = None,
    others: Sequence[Carrier] = (),
) -> Iterator[None]:
    """What the block does. With a ``carrier`` it continues what that came from, else what is going on here;
    ``others`` are what it is about as well. An error is told by its class alone.
    """
    if _backend is None:
        yield
        return
    begun = _backend.begin(name, role, attributes or {}, carrier, others)
    try:
        yield
    except Exception as error:
        begun.fail(type(error).__name__)
        raise
    finally:
        begun.end()
        begun.leave()


def begin(name: str, role: Role, attributes: Attributes, *, carrier: Carrier) -> "Begun | None":
    """A span of the task that is running, until its ``end``; None where nothing is traced."""
    return _backend.begin(name, role, attributes, carrier, ()) if _backend else None


def headers() -> dict[str, str]:
    """What a message takes along, so that it is known what it came from."""
    return _backend.headers() if _backend else {}


class Begun:
    """A span that is the current one of its task."""

    def __init__(self, span: "Span", context: "Context") -> None:
        from opentelemetry.context import attach

        self._span = span
        self._token = attach(context)

    def fail(self, what: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR, what)

    def end(self, attributes: Attributes | None = None) -> None:
        """Ending it again, or in another task, is harmless. It stays the current one of its own task."""
        if self._span.is_recording():
            self._span.set_attributes(dict(attributes or {}))
            self._span.end()

    def leave(self) -> None:
        """What was the current one before, is again."""
        from opentelemetry.context import detach

        detach(self._token)


class _Backend:
    """Raises ImportError where the packages are not there."""

    def __init__(self, process: str, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        kind = process.partition("@")[0]
        resource = Resource.create(
            {"service.namespace": "ocr-fleet", "service.name": kind, "service.instance.id": process}
        )
        self._provider: TracerProvider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("ocr-fleet")
        self._propagator = TraceContextTextMapPropagator()

    def begin(
        self,
        name: str,
        role: Role,
        attributes: Attributes,
        carrier: Carrier | None,
        others: Sequence[Carrier],
    ) -> Begun:
        from opentelemetry.context import get_current
        from opentelemetry.trace import Link, SpanKind, get_current_span, set_span_in_context

        parent = get_current() if carrier is None else self._extracted(carrier)
        linked = [get_current_span(self._extracted(other)).get_span_context() for other in others]
        span = self._tracer.start_span(
            name,
            context=parent,
            kind=SpanKind[role],
            attributes=dict(attributes),
            links=[Link(context) for context in linked if context.is_valid],
            record_exception=False,
            set_status_on_exception=False,
        )
        return Begun(span, set_span_in_context(span, parent))

    def headers(self) -> dict[str, str]:
        told: dict[str, str] = {}
        self._propagator.inject(told)
        return {name: value for name, value in told.items() if name == PARENT_HEADER}

    def close(self) -> None:
        """Send what is left, within a time: a collector that is away holds nobody up."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(FLUSH_LIMIT_S)

    def _extracted(self, carrier: Carrier) -> "Context":
        from opentelemetry.context import Context

        told = {PARENT_HEADER: carrier[PARENT_HEADER]} if PARENT_HEADER in carrier else {}
        return self._propagator.extract(told, context=Context())


_backend: _Backend | None = None
