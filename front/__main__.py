"""The front's composition root: adapters, services and the HTTP server joined into one process."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from common import logs
from common.adapters.disk_space import tell_free_space
from common.adapters.inspection import ChildInspector
from common.adapters.page_images import ChildPainter
from common.adapters.throttled_rates import ThrottledRates
from common.contracts.events import AnswerPart
from common.contracts.job_events import JobAnnounced, JobHint
from common.errors import PlansInvalid
from common.runtime.ending import cancel_all
from common.runtime.health import Health as ProcessHealth
from common.runtime.metrics_server import serving_metrics
from common.runtime.plans_file import load_plans
from common.runtime.process import identity, run, unless_stopped, winding_up
from common.tracing import exporting
from front.http.application import make_application
from front.http.server import start
from front.http.services import Services
from front.outside import Outside, reach_out
from front.services.accounts import Accounts
from front.services.answer_feed import AnswerFeed
from front.services.answer_stream import AnswerStream
from front.services.assembly import Assembly
from front.services.conversation_updates import ConversationUpdates
from front.services.effects import Effects
from front.services.export_recovery import ExportRecovery
from front.services.export_results import ExportResults
from front.services.export_tasks import ExportTasks
from front.services.exports import Exports
from front.services.fetching import Fetching
from front.services.health import Health
from front.services.held_blobs import HeldBlobs
from front.services.idempotency import Idempotency
from front.services.intake import Intake
from front.services.intake_pace import IntakePace
from front.services.intakes import Intakes
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.jobs import Jobs
from front.services.listing import Listing
from front.services.live_feed import LiveFeed
from front.services.observation import Observation
from front.services.page_images import PageImages
from front.services.partner_jobs import PartnerJobs
from front.services.progress import Progress
from front.services.question_effects import QuestionEffects
from front.services.question_recovery import QuestionRecovery
from front.services.question_results import QuestionResults
from front.services.questions import Questions
from front.services.queue_depths import QueueDepths
from front.services.rate_limits import RateLimits
from front.services.recovery import Patience, Recovery
from front.services.sign_up import SignUp
from front.services.spool import Spool
from front.services.stray_credits import StrayCredits
from front.services.submission import Submission
from front.services.timestamps import now
from front.services.tokens import Tokens
from front.services.tracking import Tracking
from front.services.usage_report import UsageReport
from front.services.visitors import Visitors
from front.services.windows import Windows
from front.services.withdrawal import Withdrawal
from front.settings import FrontSettings

# How many quotas are remembered of accounts, of client addresses, and of jobs; some 200 bytes each.
MAX_RATES = 100_000

log = logs.get("front")


async def main(stop: asyncio.Event) -> None:
    settings = FrontSettings()
    name = identity("front")
    logs.configure(settings.log_level, name)
    plans = load_plans(settings.plans_file)

    async with AsyncExitStack() as stack, winding_up(stop):
        health = ProcessHealth(stop)
        stack.enter_context(serving_metrics(settings.metrics_address, settings.metrics_port, health))
        stack.enter_context(exporting(name, settings.otlp_endpoint))
        async with unless_stopped(stop):
            outside = await reach_out(settings, plans, name, stack)
        spool = Spool(settings.spool_dir, settings.spool_max_mb * 1024 * 1024)
        services, background = _join(outside, settings, spool)
        running = [asyncio.create_task(one) for one in background]
        stack.push_async_callback(cancel_all, running)
        tell_free_space("spool", settings.spool_dir)
        server = start(make_application(services, settings, stop, spool), settings)
        stack.push_async_callback(server.drain, settings.drain_s)
        health.ready_while(lambda: outside.results.is_receiving and outside.publisher.is_open)
        log.info("started", address=settings.front_address, port=server.port)
        await _until_stopped(stop, running)
    log.info("stopped")


def _join(
    o: Outside, settings: FrontSettings, spool: Spool
) -> tuple[Services, list[Coroutine[Any, Any, None]]]:
    """The services that answer requests, and what runs beside them for as long as the process does."""
    inspector = ChildInspector(o.children, time_limit_s=settings.inspection_time_limit_s)
    painter = ChildPainter(o.children, time_limit_s=settings.page_image_time_limit_s)
    updates = JobUpdates(o.jobs, now)
    talk = ConversationUpdates(o.conversations, now)
    question_effects = QuestionEffects(o.conversations, talk, o.jobs, o.blobs, o.credits, o.publisher, now)
    news = JobNews(o.publisher, o.blobs, settings.inline_result_bytes, settings.public_url)
    assembly = Assembly(o.pages, o.translations, o.blobs, now)
    effects = Effects(
        updates,
        o.publisher,
        o.pages,
        o.translations,
        o.exports,
        o.blobs,
        o.credits,
        o.claims,
        question_effects,
        assembly,
        news,
        now,
    )
    windows = Windows(o.jobs, o.broker, time.monotonic)
    feed, answers = LiveFeed(), AnswerFeed(o.announcements)
    submission = Submission(
        inspector,
        o.blobs,
        o.jobs,
        o.credits,
        updates,
        windows,
        QueueDepths(o.broker, time.monotonic),
        effects,
        o.broker,
        o.plans.credits,
        now,
        has_model=settings.model_configured,
    )
    idempotency = Idempotency(o.claims, o.jobs, updates, effects, submission, now)
    held_blobs = HeldBlobs(o.blobs, o.cache)
    reading = Jobs(o.jobs, held_blobs, feed, now)
    last_call = timedelta(seconds=settings.last_call_s)
    withdrawal = Withdrawal(o.jobs, o.exports, updates, effects, o.cache, last_call, now)
    export_tasks = ExportTasks(o.exports, o.publisher)
    export_results = ExportResults(o.exports, o.jobs, o.blobs, now)
    question_results = QuestionResults(talk, question_effects)
    questions = Questions(
        o.conversations, talk, question_effects, o.jobs, o.credits, o.broker, now, o.plans.credits.chat
    )
    accounts, tokens = Accounts(o.accounts, o.credits, o.plans), Tokens(o.accounts)
    rate_limits = RateLimits(
        accounts=ThrottledRates(MAX_RATES),
        addresses=ThrottledRates(MAX_RATES),
        looks=ThrottledRates(MAX_RATES),
        per_address=settings.requests_per_address,
        wrong_tokens=settings.wrong_tokens_per_address,
    )
    visitors = Visitors(o.accounts, o.plans, o.shared_secret, now)
    services = Services(
        submission=submission,
        idempotency=idempotency,
        jobs=reading,
        exports=Exports(o.exports, o.jobs, held_blobs, export_tasks, settings.downloads_per_account, now),
        questions=questions,
        answers=AnswerStream(questions, answers),
        listing=Listing(o.jobs, now),
        withdrawal=withdrawal,
        fetching=Fetching(updates, timedelta(seconds=settings.fetched_grace_s), now),
        progress=Progress(reading, feed, settings.streams_per_account),
        page_images=PageImages(o.cache, painter, at_once=max(1, settings.inspection_slots - 1)),
        accounts=accounts,
        tokens=tokens,
        sign_up=SignUp(
            accounts,
            tokens,
            visitors,
            o.sign_ups,
            now,
            is_open=settings.sign_up,
            per_day=settings.sign_ups_per_day,
        ),
        usage=UsageReport(o.usage),
        visitors=visitors,
        plans=o.plans,
        rate_limits=rate_limits,
        health=Health([o.broker, o.store]),
    )
    pace = IntakePace(o.jobs, windows, settings.partner_jobs)
    partner_jobs = PartnerJobs(reading, updates, effects, idempotency, submission, pace, news)
    intake = Intake(o.accounts, partner_jobs, pace, rate_limits, news, spool)
    patience = Patience(
        settings.recovery_sweep_s,
        settings.recovery_outstanding_s,
        settings.recovery_sent_s,
        settings.recovery_draft_s,
    )
    return services, [
        o.broker.watch(),
        o.announcements.listen(_noticed_by(feed, pace, answers)),
        Tracking(
            o.results,
            o.jobs,
            o.pages,
            o.translations,
            updates,
            effects,
            windows,
            export_results,
            question_results,
            now,
        ).run(),
        Recovery(o.jobs, effects, o.broker, patience, time.monotonic, now).run(),
        ExportRecovery(o.exports, o.jobs, export_tasks, o.broker, patience, time.monotonic, now).run(),
        QuestionRecovery(
            o.conversations, talk, question_effects, o.broker, patience, time.monotonic, now
        ).run(),
        withdrawal.run(settings.retention_sweep_s),
        visitors.run(),
        tokens.run(now),
        StrayCredits(o.credits, o.jobs, timedelta(seconds=settings.stray_credits_s), now).run(),
        Intakes(o.accounts, o.requests, intake).run(),
        o.cache.tend(),
        Observation(o.jobs, o.broker, now).run(),
    ]


def _noticed_by(
    feed: LiveFeed, pace: IntakePace, answers: AnswerFeed
) -> Callable[[JobAnnounced | JobHint | AnswerPart], None]:
    def notice(announced: JobAnnounced | JobHint | AnswerPart) -> None:
        if isinstance(announced, AnswerPart):
            answers.notice(announced)
        else:
            feed.notice(announced)
            pace.notice(announced)

    return notice


async def _until_stopped(stop: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
    """Until ``stop`` is set. What runs never ends by itself: if it does, so does the process, loudly."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in running:
        if task.done():
            task.result()


if __name__ == "__main__":
    try:
        run(main, FrontSettings().drain_s)
    except PlansInvalid as error:
        sys.exit(error.message)
