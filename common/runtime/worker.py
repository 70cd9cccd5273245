"""The one consume loop: every worker type is this loop around its own handler."""

import asyncio
from contextlib import AbstractContextManager
from typing import Generic, Protocol, TypeVar

import structlog

from common import logs, metrics, tracing
from common.contracts import topology
from common.contracts.tasks import AnswerQuestion, ExportDocument, RecognizePage, TranslatePage
from common.errors import FleetError, MessageUnreadable, ResultTooLarge, Unavailable
from common.ports import Consumer, Delivery, Publisher
from common.runtime.ending import cancel_all
from common.runtime.holding import until_available
from common.runtime.result_counts import Result, Task, count

MAX_ATTEMPTS = len(topology.RETRY_DELAYS_S) + 1

_Task = TypeVar("_Task", bound=Task)

log = logs.get("worker")


class Handler(Protocol[_Task]):
    """A worker's own work. ``handle`` raises FleetError; ``failed`` is the answer when giving up."""

    @property
    def task_types(self) -> tuple[type[_Task], ...]: ...

    async def handle(self, task: _Task) -> Result: ...

    def failed(self, task: _Task, error: FleetError) -> Result: ...


class Worker(Generic[_Task]):
    """Takes tasks, ``slots`` at once, and publishes what became of them, then acks: never the reverse.

    A failure that the handler reports counts as an attempt and is retried after a pause while its
    error allows; a store or broker that is away is not one: the task is held until they are back.
    """

    def __init__(self, consumer: Consumer, publisher: Publisher, handler: Handler[_Task], slots: int) -> None:
        self._consumer = consumer
        self._publisher = publisher
        self._handler = handler
        self._slots = slots

    async def run(self, stop: asyncio.Event, drain_s: float) -> None:
        """Work until ``stop`` is set, then finish what is in hand, for ``drain_s`` seconds at most.

        What was received and not begun is given back first, and others have it at once. A task not
        finished in time stays unacked: the broker gives it to another worker. Where a slot fails, the
        others are broken off, ``stop`` is set and its error raised.
        """
        metrics.SLOTS.set(self._slots)
        slots = [asyncio.create_task(self._serve(stop)) for _ in range(self._slots)]
        stopped = asyncio.create_task(stop.wait())
        ending: list[asyncio.Task[None]] = []
        try:
            await asyncio.wait([stopped, *slots], return_when=asyncio.FIRST_COMPLETED)
            ending.append(asyncio.create_task(self._consumer.hand_back()))
            await asyncio.wait([*slots, *ending], timeout=drain_s if stop.is_set() else 0)
        finally:
            stop.set()
            await cancel_all([stopped, *slots, *ending])
        for slot in slots:
            if not slot.cancelled():
                slot.result()

    async def _serve(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            delivery = await _unless_stopped(self._consumer, stop)
            if delivery is not None:
                await self._process(delivery)

    async def _process(self, delivery: Delivery) -> None:
        try:
            task = delivery.message()
            if not isinstance(task, self._handler.task_types):
                raise MessageUnreadable(f"{task.type} is not a task for this worker")
        except MessageUnreadable as error:
            log.error("task_unreadable", reason=error.message)
            metrics.TASKS_DEAD.labels(delivery.routing_key).inc()
            await delivery.reject()
            return
        if delivery.waited_s is not None:
            metrics.QUEUE_WAIT.labels(delivery.routing_key).observe(delivery.waited_s)
        identity = structlog.contextvars.bound_contextvars(**_identity(task))
        with identity, _traced(delivery, task), metrics.SLOTS_BUSY.track_inprogress():
            await self._settle(delivery, task)

    async def _settle(self, delivery: Delivery, task: _Task) -> None:
        async for attempt in until_available():
            with attempt:
                if delivery.is_lost:
                    return
                result = await self._result(delivery, task)
        if result is None:
            await self._retry_later(delivery, task)
        else:
            await self._announce(delivery, task, result)
        await delivery.ack()

    async def _result(self, delivery: Delivery, task: _Task) -> Result | None:
        """What the handler made of the task; None when it should be tried again later."""
        try:
            return await self._handler.handle(task)
        except Unavailable:
            raise
        except FleetError as error:
            failure = error
        except Exception:
            log.exception("handler_bug")
            failure = FleetError()
        log.warning("task_failed", code=failure.code, reason=failure.message, attempt=delivery.attempt)
        if failure.retryable and delivery.attempt + 1 < MAX_ATTEMPTS:
            return None
        return self._handler.failed(task, failure)

    async def _retry_later(self, delivery: Delivery, task: _Task) -> None:
        metrics.TASKS_RETRIED.labels(delivery.routing_key).inc()
        delay_s = topology.RETRY_DELAYS_S[delivery.attempt]
        await self._publish(delivery, task, topology.retry_exchange(delay_s), delivery.routing_key)

    async def _announce(self, delivery: Delivery, task: _Task, result: Result) -> None:
        try:
            await self._publish(delivery, result, topology.RESULTS, result.routing_key)
        except Exception as error:
            failure = error if isinstance(error, ResultTooLarge) else FleetError()
            log.exception("result_unfit", code=failure.code)
            result = self._handler.failed(task, failure)
            await self._publish(delivery, result, topology.RESULTS, result.routing_key)
        count(task, result)

    async def _publish(
        self, delivery: Delivery, message: Task | Result, exchange: str, routing_key: str
    ) -> None:
        async for attempt in until_available():
            with attempt:
                if delivery.is_lost:
                    return
                await self._publisher.publish(
                    message,
                    exchange,
                    routing_key,
                    correlation_id=message.job_id,
                    attempt=delivery.attempt + 1 if isinstance(message, Task) else delivery.attempt,
                )


def _traced(delivery: Delivery, task: Task) -> AbstractContextManager[None]:
    about = {f"ocr.{name}": value for name, value in _identity(task).items()}
    attributes = {
        "messaging.destination.name": delivery.routing_key,
        "ocr.attempt": delivery.attempt,
        **about,
    }
    return tracing.span(f"handle {task.type}", tracing.Role.CONSUMER, attributes, carrier=delivery.trace)


def _identity(task: Task) -> dict[str, str | int]:
    """What the log calls it."""
    match task:
        case RecognizePage() | TranslatePage():
            deaths = {"earlier_deaths": len(task.earlier)} if task.earlier else {}
            return {"job_id": task.job_id, "page_index": task.page_index, **deaths}
        case ExportDocument():
            return {"job_id": task.job_id, "export": task.name}
        case AnswerQuestion():
            return {"job_id": task.job_id, "question_id": task.question_id}


async def _unless_stopped(consumer: Consumer, stop: asyncio.Event) -> Delivery | None:
    """The next delivery, or None as soon as ``stop`` is set."""
    waiting = asyncio.create_task(consumer.batch(1, 0))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([waiting, stopped], return_when=asyncio.FIRST_COMPLETED)
        return waiting.result()[0] if waiting.done() else None
    finally:
        waiting.cancel()
        stopped.cancel()
