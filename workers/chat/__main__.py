"""The chat worker's composition root: children that read documents, a model where there is one, the one
consume loop."""

import asyncio
from contextlib import AsyncExitStack

from common import logs
from common.adapters.blob_cache import BlobCache
from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.mongo_connection import connect, database
from common.adapters.rabbit import RabbitConsumer, RabbitPublisher, connected
from common.contracts import topology
from common.runtime.health import Health
from common.runtime.metrics_server import serving_metrics
from common.runtime.model_settings import ModelSettings
from common.runtime.process import identity, run, unless_stopped, winding_up
from common.runtime.worker import Worker
from common.tracing import exporting
from workers.chat.engine import rest
from workers.chat.handler import ChatHandler
from workers.chat.model_answers import Manner, ModelAnswers
from workers.chat.settings import ChatSettings

_PROBE_S = 5.0

log = logs.get("chat")


def for_chat(access: ModelSettings, settings: ChatSettings) -> ModelSettings:
    """A person waits for the answer, so the model's server is given less time than for pages, and it is found
    out sooner that it is back."""
    return access.model_copy(
        update={
            "slots": settings.slots,
            "outage_s": settings.outage_s,
            "probe_s": min(access.probe_s, _PROBE_S),
            "timeout_s": min(access.timeout_s, settings.time_limit_s),
        }
    )


def manner(settings: ChatSettings) -> Manner:
    return Manner(
        settings.citations,
        settings.context_tokens,
        settings.max_tokens,
        settings.outage_s,
        settings.document_limit_s,
    )


async def main(stop: asyncio.Event) -> None:
    settings, access = ChatSettings(), ModelSettings()
    name = identity("chat")
    logs.configure(settings.log_level, name)

    async with AsyncExitStack() as stack, winding_up(stop):
        health = Health(stop)
        stack.enter_context(serving_metrics(settings.metrics_address, settings.metrics_port, health))
        stack.enter_context(exporting(name, settings.otlp_endpoint))
        async with unless_stopped(stop):
            children = ChildPool(
                slots=settings.children,
                memory_limit_mb=settings.memory_limit_mb,
                recycle_after=settings.recycle_after,
                routine=Routine(at_rest=rest),
            )
            stack.push_async_callback(children.close)
            await children.start()

            model = None
            if access.is_configured:
                # Here, since it takes seconds to load, also for each child.
                from common.adapters.anthropic_client import AnthropicModel

                asked = await stack.enter_async_context(AnthropicModel(for_chat(access, settings)))
                model = ModelAnswers(asked, children, manner(settings))

            mongo = connect(settings.mongo_url, name)
            stack.callback(mongo.close)
            blobs = GridFSBlobStore(database(mongo, settings.blobs_database))
            sources = BlobCache(blobs, settings.cache_dir, max_bytes=settings.cache_max_mb * 1024 * 1024)
            tending = asyncio.create_task(sources.tend())
            stack.callback(tending.cancel)

            publishing = await stack.enter_async_context(connected(settings.amqp_url, f"{name} publishing"))
            consuming = await stack.enter_async_context(connected(settings.amqp_url, f"{name} consuming"))
            publisher = await RabbitPublisher.open(publishing, name)
            consumer = RabbitConsumer([topology.CHAT_QUEUE])
            await consumer.start(consuming, consumers=settings.slots, prefetch=settings.prefetch)

        handler = ChatHandler(
            sources,
            publisher,
            children,
            model,
            time_limit_s=settings.time_limit_s,
            document_limit_s=settings.document_limit_s,
        )
        health.ready_while(lambda: consumer.is_receiving and publisher.is_open)
        log.info("started", slots=settings.slots, model=access.model if model else None)
        await Worker(consumer, publisher, handler, settings.slots).run(stop, settings.drain_s)
    log.info("stopped")


if __name__ == "__main__":
    run(main, ChatSettings().drain_s)
