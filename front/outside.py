"""What the front holds of the world outside: a broker, a database, children, a disk."""

import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass

from common.adapters.blob_cache import BlobCache
from common.adapters.child_pool import ChildPool
from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_claims import MongoClaimStore
from common.adapters.mongo_connection import MongoProbe, connect, database
from common.adapters.mongo_conversations import MongoConversationRepository
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_exports import MongoExportRepository
from common.adapters.mongo_jobs import MongoJobRepository
from common.adapters.mongo_pages import MongoPageRepository
from common.adapters.mongo_sign_ups import MongoSignUpStore
from common.adapters.mongo_usage import MongoUsageStore
from common.adapters.rabbit import (
    RabbitAnnouncements,
    RabbitBroker,
    RabbitConsumer,
    RabbitPublisher,
    RabbitRequestQueues,
    connected,
    declare_topology,
)
from common.contracts import topology
from common.domain.plans import Plans
from common.runtime.holding import until_available
from front.settings import FrontSettings

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it, connected and prepared."""

    publisher: RabbitPublisher
    results: RabbitConsumer
    requests: RabbitRequestQueues
    announcements: RabbitAnnouncements
    broker: RabbitBroker
    store: MongoProbe
    jobs: MongoJobRepository
    pages: MongoPageRepository
    translations: MongoPageRepository
    exports: MongoExportRepository
    conversations: MongoConversationRepository
    accounts: MongoAccountRepository
    credits: MongoCreditStore
    sign_ups: MongoSignUpStore
    usage: MongoUsageStore
    claims: MongoClaimStore
    blobs: GridFSBlobStore
    children: ChildPool
    cache: BlobCache
    plans: Plans
    shared_secret: str


async def reach_out(settings: FrontSettings, plans: Plans, name: str, stack: AsyncExitStack) -> Outside:
    """Connect, and make what is not there yet; ``stack`` ends it all. Waits for a database that is away."""
    publishing = await stack.enter_async_context(connected(settings.amqp_url, f"{name} publishing"))
    consuming = await stack.enter_async_context(connected(settings.amqp_url, f"{name} consuming"))
    await declare_topology(publishing)
    publisher = await RabbitPublisher.open(publishing, name)
    results = RabbitConsumer([topology.TRACKING])

    mongo = connect(settings.mongo_url, name)
    stack.callback(mongo.close)
    store = database(mongo, settings.jobs_database)
    jobs, pages, accounts = (
        MongoJobRepository(store),
        MongoPageRepository(store),
        MongoAccountRepository(store, plans),
    )
    translations = MongoPageRepository(store, "translated_pages")
    exports, conversations = MongoExportRepository(store), MongoConversationRepository(store)
    credits, claims, sign_ups = MongoCreditStore(store), MongoClaimStore(store), MongoSignUpStore(store)
    blobs = GridFSBlobStore(database(mongo, settings.blobs_database))
    async for attempt in until_available():
        with attempt:
            for kept in (
                jobs,
                pages,
                translations,
                exports,
                conversations,
                accounts,
                credits,
                sign_ups,
                claims,
                blobs,
            ):
                await kept.prepare()
            shared_secret = await accounts.shared_secret(secrets.token_hex(SECRET_BYTES))

    children = ChildPool(slots=settings.inspection_slots, memory_limit_mb=settings.inspection_memory_limit_mb)
    stack.push_async_callback(children.close)
    await children.start()
    await results.start(consuming, consumers=1, prefetch=settings.tracking_prefetch)
    return Outside(
        publisher=publisher,
        results=results,
        requests=RabbitRequestQueues(settings.amqp_url, name),
        announcements=RabbitAnnouncements(settings.amqp_url, name),
        broker=RabbitBroker(consuming, publisher),
        store=MongoProbe(mongo),
        jobs=jobs,
        pages=pages,
        translations=translations,
        exports=exports,
        conversations=conversations,
        accounts=accounts,
        credits=credits,
        sign_ups=sign_ups,
        usage=MongoUsageStore(store),
        claims=claims,
        blobs=blobs,
        children=children,
        cache=BlobCache(blobs, settings.cache_dir, max_bytes=settings.cache_max_mb * 1024 * 1024),
        plans=plans,
        shared_secret=shared_secret,
    )
