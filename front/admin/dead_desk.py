"""What commands about dead letters work with: the broker, and all that a new job takes."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from common.adapters.gridfs_blobs import GridFSBlobStore
from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_claims import MongoClaimStore
from common.adapters.mongo_connection import Client, database
from common.adapters.mongo_conversations import MongoConversationRepository
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_exports import MongoExportRepository
from common.adapters.mongo_jobs import MongoJobRepository
from common.adapters.mongo_pages import MongoPageRepository
from common.adapters.rabbit import RabbitBroker, RabbitDeadLetters, RabbitPublisher, connected
from common.runtime.process import identity
from front.admin.desk import DeadDesk
from front.services.assembly import Assembly
from front.services.conversation_updates import ConversationUpdates
from front.services.effects import Effects
from front.services.export_tasks import ExportTasks
from front.services.idempotency import Keys
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.promising import Promising
from front.services.question_effects import QuestionEffects
from front.services.redriving import Redriving
from front.services.timestamps import now
from front.services.windows import Windows
from front.settings import FrontSettings

CONNECT_LIMIT_S = 10


@asynccontextmanager
async def dead_desk(
    settings: FrontSettings, client: Client, accounts: MongoAccountRepository, credits: MongoCreditStore
) -> AsyncIterator[DeadDesk]:
    """Raises BrokerUnavailable."""
    name = identity("admin")
    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(
                connected(settings.amqp_url, f"{name} {purpose}", limit_s=CONNECT_LIMIT_S)
            )
            for purpose in ("publishing", "consuming")
        ]
        publisher = await RabbitPublisher.open(connections[0], name)
        redriving = _redriving(
            settings, client, accounts, credits, publisher, RabbitBroker(connections[1], publisher)
        )
        yield DeadDesk(RabbitDeadLetters(connections[1]), redriving)


def _redriving(
    settings: FrontSettings,
    client: Client,
    accounts: MongoAccountRepository,
    credits: MongoCreditStore,
    publisher: RabbitPublisher,
    broker: RabbitBroker,
) -> Redriving:
    store = database(client, settings.jobs_database)
    blobs = GridFSBlobStore(database(client, settings.blobs_database))
    jobs, exports, claims = MongoJobRepository(store), MongoExportRepository(store), MongoClaimStore(store)
    pages, translations = MongoPageRepository(store), MongoPageRepository(store, "translated_pages")
    conversations = MongoConversationRepository(store)
    updates = JobUpdates(jobs, now)
    talk = ConversationUpdates(conversations, now)
    effects = Effects(
        updates,
        publisher,
        pages,
        translations,
        exports,
        blobs,
        credits,
        claims,
        QuestionEffects(conversations, talk, jobs, blobs, credits, publisher, now),
        Assembly(pages, translations, blobs, now),
        JobNews(publisher, blobs, settings.inline_result_bytes, settings.public_url),
        now,
    )
    return Redriving(
        jobs,
        exports,
        accounts,
        blobs,
        Keys(claims, jobs, updates, effects, now),
        Promising(blobs, jobs, credits, updates, Windows(jobs, broker, time.monotonic), effects, now),
        ExportTasks(exports, publisher),
        now,
    )
