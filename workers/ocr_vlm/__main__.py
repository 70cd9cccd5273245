"""The VLM worker's composition root: a model, children that look at pages, and the one consume loop."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from common import logs
from common.adapters.anthropic_client import AnthropicModel
from common.adapters.blob_cache import BlobCache
from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.mongo_connection import connect, database
from common.adapters.rabbit import RabbitConsumer, RabbitPublisher, connected
from common.adapters.rendering import forget_document
from common.adapters.tesseract_data import tessdata_folder
from common.contracts import topology
from common.contracts.tasks import RecognizePage, Tier
from common.reading.engines import warm_up
from common.reading.page_order import PageOrder
from common.runtime.health import Health
from common.runtime.metrics_server import serving_metrics
from common.runtime.model_settings import ModelSettings
from common.runtime.process import identity, run, unless_stopped, winding_up
from common.runtime.worker import Worker
from common.tracing import exporting
from workers.ocr_vlm.engine import SightOrder
from workers.ocr_vlm.handler import VlmHandler
from workers.ocr_vlm.settings import OcrVlmSettings

log = logs.get("ocr_vlm")


async def main(stop: asyncio.Event) -> None:
    settings, access = OcrVlmSettings(), ModelSettings()
    name = identity("ocr_vlm")
    logs.configure(settings.log_level, name)

    async with AsyncExitStack() as stack, winding_up(stop):
        health = Health(stop)
        stack.enter_context(serving_metrics(settings.metrics_address, settings.metrics_port, health))
        stack.enter_context(exporting(name, settings.otlp_endpoint))
        async with unless_stopped(stop):
            tessdata = tessdata_folder(settings.tessdata_prefix)
            children = ChildPool(
                slots=settings.children,
                memory_limit_mb=settings.memory_limit_mb,
                recycle_after=settings.recycle_after_pages,
                routine=Routine(
                    warm_up=partial(warm_up, tessdata, settings.niceness), at_rest=forget_document
                ),
            )
            stack.push_async_callback(children.close)
            await children.start()
            model = await stack.enter_async_context(AnthropicModel(access))

            mongo = connect(settings.mongo_url, name)
            stack.callback(mongo.close)
            blobs = GridFSBlobStore(database(mongo, settings.blobs_database))
            sources = BlobCache(blobs, settings.cache_dir, max_bytes=settings.cache_max_mb * 1024 * 1024)
            tending = asyncio.create_task(sources.tend())
            stack.callback(tending.cancel)

            publishing = await stack.enter_async_context(connected(settings.amqp_url, f"{name} publishing"))
            consuming = await stack.enter_async_context(connected(settings.amqp_url, f"{name} consuming"))
            publisher = await RabbitPublisher.open(publishing, name)
            consumer = RabbitConsumer(topology.page_queues(Tier.VLM))
            await consumer.start(consuming, consumers=settings.slots, prefetch=settings.prefetch)

        def order(path: Path, task: RecognizePage) -> SightOrder:
            page = PageOrder(
                path,
                task.media_type,
                task.source_page,
                task.languages,
                tessdata,
                settings.page_time_limit_s,
                task.text_layer,
            )
            return SightOrder(page, settings.max_edge_px, settings.max_pixels)

        handler = VlmHandler(
            sources,
            children,
            model,
            access.model,
            order,
            settings.page_time_limit_s,
            settings.task_limit_s,
        )
        health.ready_while(lambda: consumer.is_receiving and publisher.is_open)
        log.info("started", slots=settings.slots, model=access.model)
        await Worker(consumer, publisher, handler, settings.slots).run(stop, settings.drain_s)
    log.info("stopped")


if __name__ == "__main__":
    run(main, OcrVlmSettings().drain_s)
