"""The front's composition root: adapters, services and the HTTP server joined into one process."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from common import logs
from common.adapters.blob_cache import BlobCache
from common.adapters.child_pool import ChildPool
from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.inspection import ChildInspector
from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_claims import MongoClaimStore
from common.adapters.mongo_connection import MongoProbe, connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_jobs import MongoJobRepository
from common.adapters.mongo_pages import MongoPageRepository
from common.adapters.page_images import ChildPainter
from common.adapters.rabbit import (
    RabbitAnnouncements,
    RabbitBroker,
    RabbitConsumer,
    RabbitPublisher,
    connected,
    declare_topology,
)
from common.contracts import topology
from common.runtime.holding import until_available
from common.runtime.metrics_server import serving_metrics
from common.runtime.process import identity, run
from front.http.application import make_application
from front.http.server import start
from front.http.services import Services
from front.services.accounts import Accounts
from front.services.assembly import Assembly
from front.services.effects import Effects
from front.services.health import Health
from front.services.idempotency import Idempotency
from front.services.job_updates import JobUpdates
from front.services.jobs import Jobs
from front.services.listing import Listing
from front.services.live_feed import LiveFeed
from front.services.page_images import PageImages
from front.services.progress import Progress
from front.services.recovery import Patience, Recovery
from front.services.submission import Submission
from front.services.tracking import Tracking
from front.services.visitors import Visitors
from front.services.windows import Windows
from front.services.withdrawal import Withdrawal
from front.settings import FrontSettings

TRACKING_PREFETCH = 64

SECRET_BYTES = 32

log = logs.get("front")


def _now() -> datetime:
    """UTC in whole milliseconds, as the database keeps it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


async def main(stop: asyncio.Event) -> None:
    settings = FrontSettings()
    name = identity("front")
    logs.configure(settings.log_level, name)

    async with AsyncExitStack() as stack:
        stack.enter_context(serving_metrics(settings.metrics_address, settings.metrics_port))
        publishing = await stack.enter_async_context(connected(settings.amqp_url, f"{name} publishing"))
        consuming = await stack.enter_async_context(connected(settings.amqp_url, f"{name} consuming"))
        await declare_topology(publishing)
        publisher = await RabbitPublisher.open(publishing, name)
        broker = RabbitBroker(consuming, publisher)
        results = RabbitConsumer([topology.TRACKING])
        announcements = RabbitAnnouncements(settings.amqp_url, name)

        mongo = connect(settings.mongo_url, name)
        stack.callback(mongo.close)
        store = database(mongo, settings.jobs_database)
        jobs, pages = MongoJobRepository(store), MongoPageRepository(store)
        accounts = MongoAccountRepository(store)
        credits, claims = MongoCreditStore(store), MongoClaimStore(store)
        blobs = GridFSBlobStore(database(mongo, settings.blobs_database))
        async for attempt in until_available():
            with attempt:
                await jobs.prepare()
                await accounts.prepare()
                await credits.prepare()
                await claims.prepare()
                await blobs.prepare()
                shared_secret = await accounts.shared_secret(secrets.token_hex(SECRET_BYTES))

        children = ChildPool(
            slots=settings.inspection_slots, memory_limit_mb=settings.inspection_memory_limit_mb
        )
        stack.push_async_callback(children.close)
        await children.start()
        inspector = ChildInspector(children, time_limit_s=settings.inspection_time_limit_s)
        painter = ChildPainter(children, time_limit_s=settings.page_image_time_limit_s)
        cache = BlobCache(blobs, settings.cache_dir, max_bytes=settings.cache_max_mb * 1024 * 1024)

        updates = JobUpdates(jobs, _now)
        effects = Effects(updates, publisher, pages, blobs, credits, claims, Assembly(pages, blobs, _now))
        windows = Windows(jobs, broker, time.monotonic)
        feed = LiveFeed()
        submission = Submission(inspector, blobs, jobs, credits, updates, windows, effects, broker, _now)
        reading = Jobs(jobs, blobs, feed)
        withdrawal = Withdrawal(jobs, updates, effects, _now)
        services = Services(
            submission=submission,
            idempotency=Idempotency(claims, jobs, updates, effects, submission, _now),
            jobs=reading,
            listing=Listing(jobs, _now),
            withdrawal=withdrawal,
            progress=Progress(reading, feed, settings.streams_per_account),
            page_images=PageImages(cache, painter, at_once=max(1, settings.inspection_slots - 1)),
            accounts=Accounts(accounts, credits),
            visitors=Visitors(accounts, shared_secret, _now),
            health=Health([broker, MongoProbe(mongo)]),
        )
        await results.start(consuming, consumers=1, prefetch=TRACKING_PREFETCH)
        patience = Patience(
            settings.recovery_sweep_s,
            settings.recovery_outstanding_s,
            settings.recovery_sent_s,
            settings.recovery_draft_s,
        )
        running = [
            asyncio.create_task(announcements.listen(feed.notice)),
            asyncio.create_task(Tracking(results, jobs, pages, updates, effects, windows, _now).run()),
            asyncio.create_task(Recovery(jobs, effects, broker, patience, time.monotonic, _now).run()),
            asyncio.create_task(withdrawal.run(settings.retention_sweep_s)),
            asyncio.create_task(cache.tend()),
        ]

        server = start(make_application(services, settings, stop), settings)
        log.info("started", address=settings.front_address, port=server.port)
        await _until_stopped(stop, running)
        await server.drain(settings.drain_s)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        log.info("stopped")


async def _until_stopped(stop: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
    """Until ``stop`` is set. What runs never ends by itself: if it does, so does the process, loudly."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in running:
        if task.done():
            task.result()


if __name__ == "__main__":
    run(main)
