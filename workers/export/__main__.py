"""The export worker's composition root: what builds files, in children around the one consume loop."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from common import logs
from common.adapters.blob_cache import BlobCache
from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.mongo_connection import connect, database
from common.adapters.rabbit import RabbitConsumer, RabbitPublisher, connected
from common.adapters.scratch_folder import scratch
from common.contracts import topology
from common.runtime.health import Health
from common.runtime.metrics_server import serving_metrics
from common.runtime.process import identity, run, unless_stopped, winding_up
from common.runtime.worker import Worker
from common.tracing import exporting
from workers.export.engine import load_libraries, warm_up
from workers.export.handler import ExportHandler
from workers.export.settings import ExportSettings

log = logs.get("export")


async def main(stop: asyncio.Event) -> None:
    settings = ExportSettings()
    name = identity("export")
    logs.configure(settings.log_level, name)

    async with AsyncExitStack() as stack, winding_up(stop):
        health = Health(stop)
        stack.enter_context(serving_metrics(settings.metrics_address, settings.metrics_port, health))
        stack.enter_context(exporting(name, settings.otlp_endpoint))
        async with unless_stopped(stop):
            children = ChildPool(
                slots=settings.slots,
                memory_limit_mb=settings.memory_limit_mb,
                recycle_after=settings.recycle_after,
                routine=Routine(warm_up=partial(warm_up, settings.niceness), at_rest=load_libraries),
            )
            stack.push_async_callback(children.close)
            await children.start()

            mongo = connect(settings.mongo_url, name)
            stack.callback(mongo.close)
            blobs = GridFSBlobStore(database(mongo, settings.blobs_database))
            sources = BlobCache(blobs, settings.cache_dir, max_bytes=settings.cache_max_mb * 1024 * 1024)
            tending = asyncio.create_task(sources.tend())
            stack.callback(tending.cancel)

            publishing = await stack.enter_async_context(connected(settings.amqp_url, f"{name} publishing"))
            consuming = await stack.enter_async_context(connected(settings.amqp_url, f"{name} consuming"))
            publisher = await RabbitPublisher.open(publishing, name)
            consumer = RabbitConsumer([topology.EXPORT_QUEUE])
            await consumer.start(consuming, consumers=settings.slots, prefetch=settings.prefetch)

        handler = ExportHandler(sources, blobs, children, scratch, settings.time_limit_s)
        health.ready_while(lambda: consumer.is_receiving and publisher.is_open)
        log.info("started", slots=settings.slots)
        await Worker(consumer, publisher, handler, settings.slots).run(stop, settings.drain_s)
    log.info("stopped")


if __name__ == "__main__":
    run(main, ExportSettings().drain_s)
