"""The consume loop: publish first, ack after, and who is to blame for what."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from prometheus_client import REGISTRY

from common.contracts.codec import Encoded
from common.contracts.events import DocumentExported, ExportFailed, PageFailed, PageRecognized
from common.contracts.tasks import ExportDocument, RecognizePage
from common.contracts.topology import EXPORT_QUEUE
from common.errors import (
    EngineFailed,
    EngineTimeout,
    ExportCrashed,
    ExportTimeout,
    FleetError,
    FormatFailed,
    StoreUnavailable,
)
from common.runtime import ending
from common.runtime.worker import MAX_ATTEMPTS, Worker
from tests.fakes.broker import FakeConsumer, FakeDelivery, FakePublisher
from tests.fakes.samples import export_failed, export_task, exported, huge_page, page, recognized, task

EXPRESS = "ocr.cpu.pages.express"
Outcome = PageRecognized | Exception


@dataclass
class ScriptedHandler:
    """Answers with one outcome after the other, the last one for ever."""

    outcomes: list[Outcome]
    before: Callable[[], None] = lambda: None
    started: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event | None = None
    task_types = (RecognizePage,)

    async def handle(self, asked: RecognizePage) -> PageRecognized:
        self.started.set()
        self.before()
        if self.release is not None:
            await self.release.wait()
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def failed(self, asked: RecognizePage, error: FleetError) -> PageFailed:
        return PageFailed(
            job_id=asked.job_id,
            ticket=asked.ticket,
            page_index=asked.page_index,
            code=error.code,
            message=error.message,
        )


@dataclass
class Bench:
    handler: "ScriptedHandler | ExportingHandler"
    publisher: FakePublisher = field(default_factory=FakePublisher)
    consumer: FakeConsumer = field(default_factory=FakeConsumer)

    async def run(self, *deliveries: FakeDelivery, drain_s: float = 5) -> None:
        """Until every delivery is settled; then stop."""
        stop = asyncio.Event()
        for delivery in deliveries:
            self.consumer.deliver(delivery)
        running = asyncio.create_task(
            Worker(self.consumer, self.publisher, self.handler, 1).run(stop, drain_s)
        )
        async with asyncio.timeout(10):
            while not running.done() and any(delivery.settlement is None for delivery in deliveries):
                await asyncio.sleep(0.001)
            stop.set()
            await running


def delivery(**properties: object) -> FakeDelivery:
    return FakeDelivery.of(task(), routing_key=EXPRESS, **properties)


async def test_a_result_is_published_and_then_acked() -> None:
    bench = Bench(ScriptedHandler([recognized(0)]))
    one = delivery()
    await bench.run(one)
    (sent,) = bench.publisher.published
    assert (sent.exchange, sent.routing_key, sent.message) == (
        "ocr.results",
        "page.recognized",
        recognized(0),
    )
    assert one.settlement == "acked"


async def test_nothing_is_acked_before_its_result_is_confirmed() -> None:
    bench = Bench(ScriptedHandler([recognized(0)]))
    bench.publisher.failures = 2
    one = delivery()
    seen: list[str | None] = []
    publish = bench.publisher.publish

    async def watched(*arguments: object, **named: object) -> None:
        seen.append(one.settlement)
        await publish(*arguments, **named)  # type: ignore[arg-type]

    bench.publisher.publish = watched  # type: ignore[method-assign,assignment]
    await bench.run(one)
    assert seen == [None, None, None] and one.settlement == "acked"
    assert len(bench.publisher.published) == 1


async def test_a_retryable_failure_waits_longer_each_time() -> None:
    for attempt, exchange in enumerate(["ocr.retry.2s", "ocr.retry.15s", "ocr.retry.60s"]):
        bench = Bench(ScriptedHandler([EngineTimeout()]))
        one = delivery(attempt=attempt)
        await bench.run(one)
        (sent,) = bench.publisher.published
        assert (sent.exchange, sent.routing_key) == (exchange, "ocr.cpu.pages.express")
        assert sent.attempt == attempt + 1 and sent.message == task() and one.settlement == "acked"


@pytest.mark.parametrize(
    ("error", "attempt", "code"),
    [
        (EngineTimeout(), MAX_ATTEMPTS - 1, "engine_timeout"),
        (EngineFailed(), 0, "engine_failed"),
        (ZeroDivisionError(), 0, "internal_error"),
    ],
)
async def test_giving_up_is_an_answer_too(error: Exception, attempt: int, code: str) -> None:
    bench = Bench(ScriptedHandler([error]))
    one = delivery(attempt=attempt)
    await bench.run(one)
    (sent,) = bench.publisher.published
    assert isinstance(sent.message, PageFailed) and sent.message.code == code
    assert sent.routing_key == "page.failed" and one.settlement == "acked"


async def test_a_store_that_is_away_is_held_out_and_is_no_attempt() -> None:
    bench = Bench(ScriptedHandler([StoreUnavailable(), StoreUnavailable(), recognized(0)]))
    one = delivery()
    await bench.run(one)
    (sent,) = bench.publisher.published
    assert sent.message == recognized(0) and sent.attempt == 0


async def test_a_delivery_of_a_lost_connection_is_neither_published_nor_retried() -> None:
    one = delivery()

    def lose() -> None:
        one.is_lost = True

    bench = Bench(ScriptedHandler([recognized(0)], before=lose))
    await bench.run(one)
    assert bench.publisher.published == []


async def test_what_is_not_a_task_goes_to_the_dead_letters() -> None:
    bench = Bench(ScriptedHandler([recognized(0)]))
    unknown, *others = (
        FakeDelivery(Encoded("ocr.page.recognize.v9", None, b"{}")),
        FakeDelivery.of(recognized(0)),
        FakeDelivery.of(export_task()),
    )
    await bench.run(unknown, *others)
    assert {one.settlement for one in (unknown, *others)} == {"rejected"}
    assert bench.publisher.published == []


async def test_a_result_too_large_for_a_message_fails_its_page() -> None:
    bench = Bench(ScriptedHandler([recognized(0).model_copy(update={"page": huge_page()})]))
    await bench.run(delivery())
    (sent,) = bench.publisher.published
    assert isinstance(sent.message, PageFailed) and sent.message.code == "result_too_large"


async def test_a_result_that_cannot_be_written_fails_its_page_and_not_the_worker() -> None:
    """Half a surrogate pair has no place in UTF-8."""
    unfit = recognized(0).model_copy(update={"page": page("a \ud83d face")})
    bench = Bench(ScriptedHandler([unfit, recognized(0)]))
    first, second = delivery(), delivery()
    await bench.run(first, second)
    failed, read = (sent.message for sent in bench.publisher.published)
    assert isinstance(failed, PageFailed) and isinstance(read, PageRecognized)
    assert (first.settlement, second.settlement) == ("acked", "acked")


async def test_stopping_finishes_what_is_in_hand() -> None:
    release = asyncio.Event()
    bench = Bench(ScriptedHandler([recognized(0)], release=release))
    one, untouched = delivery(), delivery()
    stop = asyncio.Event()
    bench.consumer.deliver(one)
    running = asyncio.create_task(Worker(bench.consumer, bench.publisher, bench.handler, 1).run(stop, 5))
    await bench.handler.started.wait()
    bench.consumer.deliver(untouched)
    stop.set()
    release.set()
    await running
    assert one.settlement == "acked" and untouched.settlement == "handed back"
    assert len(bench.publisher.published) == 1


async def test_what_cannot_be_finished_in_time_stays_unacked() -> None:
    bench = Bench(ScriptedHandler([recognized(0)], release=asyncio.Event()))
    one = delivery()
    stop = asyncio.Event()
    bench.consumer.deliver(one)
    running = asyncio.create_task(Worker(bench.consumer, bench.publisher, bench.handler, 1).run(stop, 0.01))
    await bench.handler.started.wait()
    stop.set()
    await running
    assert one.settlement is None and bench.publisher.published == []


async def test_a_slot_that_fails_breaks_off_the_others_and_begins_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other one takes its first cancellation for something else."""
    monkeypatch.setattr(ending, "CANCEL_AGAIN_S", 0.01)
    begun, is_heard = asyncio.Event(), False

    class Slots:
        calls = 0

        async def batch(self, max_size: int, wait_s: float) -> list[FakeDelivery]:
            self.calls += 1
            if self.calls == 2:
                await begun.wait()
                raise ZeroDivisionError
            return [delivery()]

        async def hand_back(self) -> None:
            """There is nothing more."""

    class Deaf(ScriptedHandler):
        async def handle(self, asked: RecognizePage) -> PageRecognized:
            nonlocal is_heard
            begun.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            is_heard = True
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

    stop = asyncio.Event()
    async with asyncio.timeout(10):
        with pytest.raises(ZeroDivisionError):
            await Worker(Slots(), FakePublisher(), Deaf([]), 2).run(stop, 600)
    assert is_heard and stop.is_set()


CPU = {"tier": "cpu"}


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.mark.parametrize(
    ("outcome", "name", "labels"),
    [
        (recognized(0), "ocr_pages_total", {"tier": "cpu", "engine": "tesseract", "outcome": "read"}),
        (
            recognized(0),
            "ocr_page_duration_seconds_count",
            {"tier": "cpu", "engine": "tesseract", "language": "en"},
        ),
        (recognized(0), "ocr_queue_wait_seconds_count", {"queue": EXPRESS}),
        (EngineFailed(), "ocr_pages_total", {"tier": "cpu", "engine": "", "outcome": "engine_failed"}),
        (EngineTimeout(), "ocr_tasks_retried_total", {"queue": EXPRESS}),
    ],
)
async def test_what_becomes_of_a_task_is_counted(outcome: Outcome, name: str, labels: dict[str, str]) -> None:
    before = counted(name, **labels)
    await Bench(ScriptedHandler([outcome])).run(delivery(waited_s=0.2))
    assert counted(name, **labels) == before + 1


async def test_what_goes_to_the_dead_letters_is_counted() -> None:
    before = counted("ocr_tasks_dead_total", queue=EXPRESS)
    await Bench(ScriptedHandler([recognized(0)])).run(
        FakeDelivery.of(recognized(0), routing_key=EXPRESS), delivery()
    )
    assert counted("ocr_tasks_dead_total", queue=EXPRESS) == before + 1


# --- another kind of task -----------------------------------------------------------------------


@dataclass
class ExportingHandler:
    outcome: DocumentExported | FleetError
    task_types = (ExportDocument,)

    async def handle(self, asked: ExportDocument) -> DocumentExported:
        if isinstance(self.outcome, FleetError):
            raise self.outcome
        return self.outcome

    def failed(self, asked: ExportDocument, error: FleetError) -> ExportFailed:
        return export_failed(asked.name, error.code)


@pytest.mark.parametrize(
    ("outcome", "attempt", "told", "outcome_counted"),
    [
        (exported(), 0, "document.exported", "built"),
        (FormatFailed(), 0, "export.failed", "format_failed"),
        (ExportTimeout(), 0, "export.failed", "export_timeout"),
        (ExportCrashed(), MAX_ATTEMPTS - 1, "export.failed", "export_crashed"),
    ],
)
async def test_what_becomes_of_an_export_is_told_and_counted(
    outcome: DocumentExported | FleetError, attempt: int, told: str, outcome_counted: str
) -> None:
    labels = {"format": "pdf", "outcome": outcome_counted}
    before = counted("ocr_exports_total", **labels)
    one = FakeDelivery.of(export_task(), routing_key=EXPORT_QUEUE, attempt=attempt)
    bench = Bench(ExportingHandler(outcome))
    await bench.run(one)
    (sent,) = bench.publisher.published
    assert (sent.exchange, sent.routing_key, one.settlement) == ("ocr.results", told, "acked")
    assert counted("ocr_exports_total", **labels) == before + 1


async def test_a_crashed_export_is_tried_again_by_way_of_its_own_queue() -> None:
    bench = Bench(ExportingHandler(ExportCrashed()))
    await bench.run(FakeDelivery.of(export_task(), routing_key=EXPORT_QUEUE))
    (sent,) = bench.publisher.published
    assert (sent.exchange, sent.routing_key, sent.attempt) == ("ocr.retry.2s", EXPORT_QUEUE, 1)


async def test_told_to_stop_it_gives_back_what_it_has_not_begun_while_it_finishes_the_rest() -> None:
    handler = ScriptedHandler([recognized(0)], release=asyncio.Event())
    bench = Bench(handler)
    begun, waiting = delivery(), delivery()
    bench.consumer.deliver(begun)
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(bench.consumer, bench.publisher, handler, 1).run(stop, 5))
    async with asyncio.timeout(5):
        await handler.started.wait()
        bench.consumer.deliver(waiting)
        stop.set()
        while waiting.settlement is None:
            await asyncio.sleep(0.001)
        assert (begun.settlement, waiting.settlement) == (None, "handed back")
        assert handler.release is not None
        handler.release.set()
        await running
    assert (begun.settlement, waiting.settlement) == ("acked", "handed back")
    assert len(bench.publisher.published) == 1
