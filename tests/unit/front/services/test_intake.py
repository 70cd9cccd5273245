"""What becomes of partners' messages: whose they are, what is told, and that nothing is made twice."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from common.contracts import topology
from common.contracts.job_events import JobAnnounced, JobHint, JobRejected
from common.contracts.message import Message
from common.contracts.submit import NamedJob, SubmitMessage
from common.contracts.tasks import Lane, RecognizePage
from common.domain.account import Account
from common.domain.job_parts import JobStatus
from common.errors import InvalidField, NobodyListens, StoreUnavailable
from common.ports import RequestQueue
from front.services import intake as intakes
from front.services import intakes as intake_queues
from front.services.forms import SubmitForm
from front.services.idempotency import Hold
from front.services.intake import MOST_DELIVERIES
from front.services.intakes import Intakes
from front.services.job_news import TO_A_QUEUE
from front.services.partner_request import understood
from tests.fakes import plans
from tests.fakes.samples import NOW, recognized
from tests.fakes.stores import FakeAccountRepository
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica, uploaded

USER = "partner.demo"
FILE = SubmitMessage(
    body=b"%PDF-1.7 of some pages",
    user_id=USER,
    message_id="r-1",
    correlation_id="order 7",
    content_type="application/pdf",
    headers={"language": "de", "filename": "Rechnung.pdf"},
)


@dataclass
class FakeRequest:
    message: SubmitMessage
    is_lost: bool = False
    settlement: str | None = None

    async def ack(self) -> None:
        self.settlement = "acked"

    async def reject(self) -> None:
        self.settlement = "dead"


@dataclass
class FailingQueues:
    """The first time it is read it fails; then it has one request."""

    error: Exception | None
    request: FakeRequest

    @asynccontextmanager
    async def reading(self, account_id: str) -> AsyncGenerator[RequestQueue]:
        error, self.error = self.error, None
        if error:
            raise error
        yield self

    async def next(self) -> FakeRequest:
        while self.request.settlement is not None:
            await asyncio.sleep(3600)
        return self.request


@dataclass
class Front:
    fleet: Replica

    @property
    def accounts(self) -> FakeAccountRepository:
        return self.fleet.accounts

    @property
    def charged(self) -> int:
        return PLENTY - self.fleet.credits.balances[ACCOUNT.id]

    async def take(self, message: SubmitMessage) -> FakeRequest:
        request = FakeRequest(message)
        await self.fleet.intake.take(request, ACCOUNT.id)
        return request

    def told(
        self, kind: type[JobAnnounced] | type[JobRejected], exchange: str = topology.RESULTS
    ) -> list[str]:
        return [one.routing_key for one in self.fleet.publisher.sent(kind) if one.exchange == exchange]

    @property
    def rejections(self) -> list[JobRejected]:
        sent = self.fleet.publisher.sent(JobRejected)
        return [one.message for one in sent if isinstance(one.message, JobRejected)]

    @property
    def last(self) -> JobAnnounced:
        message = self.fleet.publisher.sent(JobAnnounced)[-1].message
        assert isinstance(message, JobAnnounced)
        return message

    async def finish(self) -> None:
        """Every job's pages are read."""
        for job in list(self.fleet.jobs.jobs.values()):
            events = [
                recognized(index).model_copy(update={"job_id": job.id, "ticket": job.ticket})
                for index in range(job.page_count)
            ]
            await self.fleet.track(events)


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    monkeypatch.setattr(intakes, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(intakes, "LONGEST_PAUSE_S", 0.0)
    return Front(Replica(spool_dir=tmp_path / "spool"))


async def test_a_file_becomes_a_job_and_its_sender_hears_of_it_by_its_own_correlation(
    front: Front,
) -> None:
    request = await front.take(FILE)
    assert request.settlement == "acked"
    (job,) = front.fleet.jobs.jobs.values()
    assert (job.request.language, job.source.filename, job.account_id) == ("de", "Rechnung.pdf", "demo")
    (accepted,) = front.fleet.publisher.sent(JobAnnounced)
    assert (accepted.routing_key, accepted.correlation_id) == ("job.demo.accepted", "order 7")
    assert isinstance(accepted.message, JobAnnounced) and accepted.message.request_id == "r-1"
    await front.finish()
    assert front.told(JobAnnounced)[-1] == "job.demo.done"
    assert front.last.result is not None and front.last.result["uuid"] == job.id
    assert front.last.usage is not None and front.last.usage.pages == job.page_count
    assert front.fleet.publisher.sent(JobAnnounced)[-1].correlation_id == "order 7"


async def test_a_partners_pages_do_not_take_the_lane_of_those_who_wait(front: Front) -> None:
    await front.take(FILE)
    (task,) = front.fleet.publisher.sent(RecognizePage)
    assert isinstance(task.message, RecognizePage) and task.message.lane is Lane.PRIORITY


async def test_fronts_hear_of_the_end_without_its_content(front: Front) -> None:
    await front.take(FILE)
    await front.finish()
    (hint,) = front.fleet.publisher.sent(JobHint)
    assert hint.routing_key in topology.FEED_KEYS
    assert "job.*.done" not in topology.FEED_KEYS


async def test_a_result_that_is_too_large_is_told_by_its_address(front: Front) -> None:
    front.fleet.inspector.page_count = 12
    await front.take(FILE)
    await front.finish()
    (job,) = front.fleet.jobs.jobs.values()
    assert job.status is JobStatus.DONE
    assert front.last.result is None and front.last.result_url == f"/api/v1/ocr/{job.id}/"


async def test_the_same_message_again_is_the_same_job_and_told_again(front: Front) -> None:
    await front.take(FILE)
    await front.finish()
    again = await front.take(replace(FILE, deliveries=MOST_DELIVERIES + 1))
    assert again.settlement == "acked" and len(front.fleet.jobs.jobs) == 1
    assert front.told(JobAnnounced)[-2:] == ["job.demo.accepted", "job.demo.done"]
    assert front.charged == 1


async def test_other_content_under_the_same_message_id_is_refused(front: Front) -> None:
    await front.take(FILE)
    await front.take(replace(FILE, body=b"%PDF-1.7 something else"))
    assert [one.code for one in front.rejections] == ["idempotency_key_reused"]
    assert len(front.fleet.jobs.jobs) == 1


async def test_events_go_to_the_senders_own_queue_as_well(front: Front) -> None:
    await front.take(replace(FILE, reply_to="partner.demo.answers"))
    await front.finish()
    assert set(front.told(JobAnnounced, TO_A_QUEUE)) == {"partner.demo.answers"}
    assert len(front.told(JobAnnounced, TO_A_QUEUE)) == len(front.told(JobAnnounced))


@pytest.mark.parametrize("queue", ["partner.globex.answers", "ocr.tracking", "partner.demo", "amq.gen-x"])
async def test_nothing_is_sent_to_a_queue_of_somebody_else(front: Front, queue: str) -> None:
    request = await front.take(replace(FILE, reply_to=queue))
    assert request.settlement == "acked" and not front.fleet.jobs.jobs
    assert [(one.code, one.field) for one in front.rejections] == [("invalid_field", "reply_to")]
    assert front.told(JobRejected, TO_A_QUEUE) == []
    assert front.fleet.publisher.sent(JobRejected)[0].correlation_id == "order 7"


@pytest.mark.parametrize(
    "foreign",
    [
        replace(FILE, user_id="partner.globex"),
        replace(FILE, user_id="operator"),
        replace(FILE, is_forwarded=True),
    ],
)
async def test_what_another_sends_in_a_partners_name_is_nobodys(front: Front, foreign: SubmitMessage) -> None:
    request = await front.take(foreign)
    assert request.settlement == "acked"
    assert not front.fleet.jobs.jobs and not front.fleet.publisher.published


async def test_without_a_user_id_nothing_is_done_and_nothing_of_the_message_is_told(front: Front) -> None:
    request = await front.take(replace(FILE, user_id=None))
    assert request.settlement == "acked" and not front.fleet.jobs.jobs
    (rejected,) = front.rejections
    assert (rejected.code, rejected.request_id) == ("unauthorized", None)
    assert "user_id" in rejected.error
    assert front.fleet.publisher.sent(JobRejected)[0].correlation_id == ""


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        (replace(FILE, message_id=None), "invalid_field", "message_id"),
        (replace(FILE, message_id="two words"), "invalid_field", "message_id"),
        (replace(FILE, body=b""), "empty_file", None),
        (replace(FILE, content_encoding="gzip"), "invalid_field", "content_encoding"),
        (replace(FILE, headers={"langage": "de"}), "unknown_field", "langage"),
        (replace(FILE, headers={"tier": "gpu"}), "invalid_field", "tier"),
        (replace(FILE, headers={"language": b"\xff"}), "invalid_field", "language"),
        (replace(FILE, headers={"pages": True}), "invalid_field", "pages"),
        (replace(FILE, headers={"pages": "9"}), "invalid_field", "pages"),
        (replace(FILE, headers={"tier": "vlm"}), "engine_unavailable", None),
        (replace(FILE, content_type="application/json"), "invalid_field", "language"),
        (replace(FILE, content_type="application/json", headers=None), "invalid_field", "body"),
    ],
)
async def test_a_request_that_cannot_be_served_is_told_why(
    front: Front, message: SubmitMessage, code: str, field: str | None
) -> None:
    request = await front.take(message)
    assert request.settlement == "acked" and not front.fleet.jobs.jobs
    assert [(one.code, one.field) for one in front.rejections] == [(code, field)]
    assert front.charged == 0


async def test_headers_may_be_numbers_or_bytes_and_those_of_others_do_no_harm(front: Front) -> None:
    front.fleet.inspector.page_count = 3
    headers = {"pages": 2, "language": b"de", "traceparent": "00-…", "x-opt": 1, "tier": None}
    await front.take(replace(FILE, headers=headers))
    (job,) = front.fleet.jobs.jobs.values()
    assert (job.source_pages, job.request.language) == ((1,), "de")


async def test_who_has_no_credits_is_told_how_many_are_needed(front: Front) -> None:
    front.fleet.credits.balances["demo"] = 0
    await front.take(FILE)
    (rejected,) = front.rejections
    assert (rejected.code, rejected.balance, rejected.needed) == ("out_of_credits", 0, 1)


async def test_a_suspended_account_is_refused(front: Front) -> None:
    await front.accounts.suspend(ACCOUNT.id, suspended=True)
    await front.take(FILE)
    assert [one.code for one in front.rejections] == ["account_suspended"]


async def test_what_is_away_is_waited_for_with_the_message_in_hand(front: Front) -> None:
    front.fleet.broker.away = True
    taking = asyncio.create_task(front.take(FILE))
    await asyncio.sleep(0.05)
    assert not taking.done() and not front.rejections
    front.fleet.broker.away = False
    assert (await taking).settlement == "acked"
    assert len(front.fleet.jobs.jobs) == 1


async def test_an_acceptance_that_could_not_be_told_is_told_later_of_the_same_job(front: Front) -> None:
    front.fleet.publisher.failures = 1
    request = await front.take(FILE)
    assert request.settlement == "acked" and len(front.fleet.jobs.jobs) == 1
    assert front.told(JobAnnounced) == ["job.demo.accepted"]
    assert len(front.fleet.publisher.sent(RecognizePage)) == 1


async def test_a_refusal_that_could_not_be_told_is_told_later(front: Front) -> None:
    front.fleet.publisher.failures = 2
    request = await front.take(replace(FILE, message_id=None))
    assert request.settlement == "acked" and len(front.rejections) == 1


async def test_a_message_whose_connection_is_lost_is_left_to_somebody_else(front: Front) -> None:
    request = FakeRequest(FILE, is_lost=True)
    await front.fleet.intake.take(request, ACCOUNT.id)
    assert request.settlement is None and not front.fleet.jobs.jobs


async def test_a_message_that_no_front_survived_is_put_aside(front: Front) -> None:
    request = await front.take(replace(FILE, deliveries=MOST_DELIVERIES))
    assert request.settlement == "dead"
    assert [one.code for one in front.rejections] == ["poisoned"]


async def test_an_error_that_nobody_foresaw_is_told_without_its_words_and_put_aside(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(path: Path) -> None:
        raise RuntimeError("what the file said")

    monkeypatch.setattr(front.fleet.inspector, "inspect", fails)
    request = await front.take(FILE)
    assert request.settlement == "dead"
    (rejected,) = front.rejections
    assert rejected.code == "internal_error" and "what the file said" not in rejected.error
    assert front.charged == 0


async def test_a_job_that_came_by_rest_is_told_of_to_who_names_it(front: Front, tmp_path: Path) -> None:
    job = await front.fleet.submit(_file(tmp_path))
    named = SubmitMessage(
        body=f'{{"job": "{job.id}"}}'.encode(),
        user_id=USER,
        message_id="r-9",
        correlation_id="order 9",
        content_type="application/json; charset=utf-8",
    )
    await front.take(named)
    last = front.fleet.publisher.sent(JobAnnounced)[-1]
    assert (last.routing_key, last.correlation_id) == ("job.demo.accepted", "order 9")
    await front.finish()
    last = front.fleet.publisher.sent(JobAnnounced)[-1]
    assert (last.routing_key, last.correlation_id) == ("job.demo.done", "order 9")
    assert front.last.result is not None
    await front.take(replace(named, correlation_id="order 10"))
    assert front.told(JobAnnounced)[-2:] == ["job.demo.accepted", "job.demo.done"]
    assert front.fleet.publisher.sent(JobAnnounced)[-1].correlation_id == "order 10"
    assert front.charged == 1


async def test_a_job_of_another_account_is_none(front: Front, tmp_path: Path) -> None:
    front.fleet.credits.balances["globex"] = 9
    globex = Account("globex", plans.PAID, NOW)
    job = await front.fleet.submission.submit(globex, uploaded(_file(tmp_path)), SubmitForm())
    named = SubmitMessage(
        body=f'{{"job": "{job.id}"}}'.encode(),
        user_id=USER,
        message_id="r-9",
        content_type="application/json",
    )
    await front.take(named)
    assert [one.code for one in front.rejections] == ["not_found"]


async def test_a_burst_waits_in_the_intake_and_leaves_a_worker_free(front: Front) -> None:
    front.fleet.broker.slots = 3
    burst = [replace(FILE, message_id=f"r-{number}") for number in range(3)]
    for message in burst[:2]:
        await front.take(message)
    third = asyncio.create_task(front.take(burst[2]))
    await asyncio.sleep(0.05)
    assert not third.done() and len(front.fleet.jobs.jobs) == 2
    await front.finish()
    assert (await third).settlement == "acked" and len(front.fleet.jobs.jobs) == 3


async def test_what_a_front_left_behind_when_it_was_killed_takes_no_place_and_is_told_to_nobody(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice: before its key names the draft, and after that."""
    for killed_at in ("bind", "reserve"):
        target = Hold if killed_at == "bind" else front.fleet.credits
        with monkeypatch.context() as dying:
            dying.setattr(target, killed_at, _forever)
            taking = asyncio.create_task(front.take(FILE))
            await asyncio.sleep(0.05)
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
    front.fleet.time_s += 3600  # nobody holds the key any more
    assert [job.status for job in front.fleet.jobs.jobs.values()] == [JobStatus.DRAFT] * 2
    async with asyncio.timeout(5):
        assert (await front.take(FILE)).settlement == "acked"
    await front.finish()
    assert front.told(JobAnnounced) == ["job.demo.accepted", "job.demo.page", "job.demo.done"]
    assert front.charged == 1


async def test_more_messages_than_the_plan_allows_requests_wait(front: Front) -> None:
    """Also those of which nothing comes: each is looked at, and that takes the front's time."""
    few = front.accounts.accounts[ACCOUNT.id].plan.model_copy(update={"requests_per_minute": 2})
    front.accounts.accounts[ACCOUNT.id] = replace(ACCOUNT, plan=few)
    refused = replace(FILE, message_id=None)
    taking = asyncio.create_task(_take_all(front, [refused] * 10))
    await asyncio.sleep(0.1)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert 1 <= len(front.rejections) < 10


def test_a_large_body_that_is_to_name_a_job_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(body: bytes) -> None:
        raise AssertionError("megabytes of JSON hold up the event loop for seconds")

    monkeypatch.setattr(NamedJob, "model_validate_json", parse)
    large = replace(FILE, content_type="application/json", headers=None, body=b'{"job":"' + b"0" * 2**20)
    with pytest.raises(InvalidField, match="uuid"):
        understood(large, "demo")


async def test_a_hint_that_fails_holds_up_no_end(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = front.fleet.publisher.publish

    async def refuse_hints(message: Message, *args: Any, **options: Any) -> None:
        if isinstance(message, JobHint):
            raise NobodyListens()
        await publish(message, *args, **options)

    monkeypatch.setattr(front.fleet.publisher, "publish", refuse_hints)
    await front.take(FILE)
    await front.finish()
    (job,) = front.fleet.jobs.jobs.values()
    assert job.is_at_rest and front.told(JobAnnounced)[-1] == "job.demo.done"


async def test_a_reader_that_fails_of_whatever_is_begun_again(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_queues, "AGAIN_S", 0.0)
    await front.accounts.set_partner(ACCOUNT.id, NOW)
    queues = FailingQueues(AttributeError("amid a reconnect"), FakeRequest(FILE))
    reading = asyncio.create_task(Intakes(front.accounts, queues, front.fleet.intake).run())
    async with asyncio.timeout(5):
        while queues.request.settlement is None:
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert len(front.fleet.jobs.jobs) == 1


async def test_a_store_that_is_away_keeps_the_message(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    get = front.accounts.get

    async def away_at_first(account_id: str) -> Account | None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreUnavailable()
        return await get(account_id)

    monkeypatch.setattr(front.accounts, "get", away_at_first)
    assert (await front.take(FILE)).settlement == "acked"
    assert len(front.fleet.jobs.jobs) == 1 and not front.rejections


async def _take_all(front: Front, messages: Sequence[SubmitMessage]) -> None:
    for message in messages:
        await front.take(message)


async def _forever(*_: object, **__: object) -> None:
    await asyncio.sleep(3600)


def _file(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(b"%PDF-1.7 by REST")
    return path
