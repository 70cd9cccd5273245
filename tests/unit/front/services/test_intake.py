"""What becomes of partners' messages: whose they are, what is told, and that nothing is made twice."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contracts import topology
from common.contracts.job_events import JobAnnounced, JobHint, JobRejected
from common.contracts.message import Message
from common.contracts.submit import NamedJob, SubmitMessage
from common.contracts.tasks import Lane, RecognizePage
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import JobStatus, Owed
from common.errors import BrokerUnavailable, InvalidField, NobodyListens, StoreUnavailable
from front.services import spool as spools
from front.services.forms import SubmitForm
from front.services.idempotency import Hold
from front.services.job_news import TO_A_QUEUE
from front.services.partner_jobs import MOST_DELIVERIES
from front.services.partner_request import understood
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import ACCOUNT, UNSIGNED_TOLD, uploaded
from tests.unit.front.services.intake_front import FILE, USER, FakeRequest, Front, new_front


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    return new_front(tmp_path, monkeypatch)


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
    headers = {"pages": 2, "language": b"de", "traceparent": "00-…", "x-opt": 1, "_mine": "x", "tier": None}
    await front.take(replace(FILE, headers=headers))
    (job,) = front.fleet.jobs.jobs.values()
    assert (job.source_pages, job.request.language) == ((1,), "de")


@pytest.mark.parametrize(
    ("properties", "request_id", "correlation_id"),
    [
        ({}, "r-1", "order 7"),
        ({"correlation_id": None}, "r-1", "r-1"),
        ({"message_id": None}, None, "order 7"),
        ({"message_id": None, "correlation_id": None}, None, ""),
    ],
)
async def test_a_refusal_names_the_request_by_what_it_had(
    front: Front, properties: dict[str, Any], request_id: str | None, correlation_id: str
) -> None:
    await front.take(replace(FILE, headers={"tier": "gpu"}, **properties))
    (rejected,) = front.fleet.publisher.sent(JobRejected)
    assert isinstance(rejected.message, JobRejected)
    assert (rejected.message.request_id, rejected.correlation_id) == (request_id, correlation_id)


@pytest.mark.parametrize("name", ["Traceparent", "TRACESTATE", "cc", "X-Opt", "x-opt", "_Mine"])
async def test_what_is_not_meant_for_us_does_no_harm_however_it_is_written(front: Front, name: str) -> None:
    await front.take(replace(FILE, headers={name: "x"}))
    assert len(front.fleet.jobs.jobs) == 1


async def test_who_has_no_credits_is_told_how_many_are_needed(front: Front) -> None:
    front.fleet.credits.balances["demo"] = 0
    await front.take(FILE)
    (rejected,) = front.rejections
    assert (rejected.code, rejected.balance, rejected.needed) == ("out_of_credits", 0, 1)


async def test_an_account_that_is_gone_is_refused(front: Front) -> None:
    del front.accounts.accounts[ACCOUNT.id]
    await front.take(FILE)
    assert [one.code for one in front.rejections] == ["unauthorized"]


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


async def test_a_message_that_no_front_survived_is_refused(front: Front) -> None:
    request = await front.take(replace(FILE, deliveries=MOST_DELIVERIES))
    assert request.settlement == "acked" and not front.fleet.jobs.jobs
    assert [one.code for one in front.rejections] == ["poisoned"]


async def test_an_error_that_nobody_foresaw_is_told_without_its_words(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(path: Path) -> None:
        raise RuntimeError("what the file said")

    monkeypatch.setattr(front.fleet.inspector, "inspect", fails)
    request = await front.take(FILE)
    assert request.settlement == "acked"
    (rejected,) = front.rejections
    assert rejected.code == "internal_error" and "what the file said" not in rejected.error
    assert front.charged == 0


async def test_an_error_after_the_promise_refuses_nothing(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = front.fleet.publisher.publish

    async def fails_at_pages(message: Message, *args: Any, **options: Any) -> None:
        if isinstance(message, RecognizePage):
            raise RuntimeError("a bug")
        await publish(message, *args, **options)

    with monkeypatch.context() as broken:
        broken.setattr(front.fleet.publisher, "publish", fails_at_pages)
        request = await front.take(FILE)
    assert request.settlement == "acked" and not front.rejections
    assert len(front.fleet.jobs.jobs) == 1


async def test_a_full_disk_is_waited_for(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a file writes once more what it could not write before."""

    def on_full_disk(**where: Any) -> Any:
        named = real(**where)
        named.file.close()
        named.file = open("/dev/full", "wb")  # noqa: SIM115
        return named

    real = spools.tempfile.NamedTemporaryFile
    with monkeypatch.context() as full:
        full.setattr(spools.tempfile, "NamedTemporaryFile", on_full_disk)
        full.setattr(spools, "_lock", lambda file: True)
        taking = asyncio.create_task(front.take(FILE))
        await asyncio.sleep(0.05)
        assert not taking.done() and not front.rejections
    async with asyncio.timeout(5):
        assert (await taking).settlement == "acked"
    assert len(front.fleet.jobs.jobs) == 1 and front.fleet.spool.room.taken_bytes == 0


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


def test_a_large_body_that_is_to_name_a_job_is_not_parsed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def parse(body: bytes) -> None:
        raise AssertionError("megabytes of JSON hold up the event loop for seconds")

    monkeypatch.setattr(NamedJob, "model_validate_json", parse)
    path = tmp_path / "body"
    path.write_bytes(b'{"job":"' + b"0" * 2_000)
    large = replace(FILE, content_type="application/json", headers=None)
    with pytest.raises(InvalidField, match="uuid"):
        understood(large, uploaded(path), "demo")


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


async def test_nothing_of_a_request_stays_in_the_spool(front: Front) -> None:
    await front.take(FILE)
    await front.take(replace(FILE, message_id="r-2", headers={"langage": "de"}))
    assert front.fleet.spool.room.taken_bytes == 0


async def test_a_job_that_is_deleted_before_its_end_is_told_as_canceled(front: Front) -> None:
    await front.take(FILE)
    (job,) = front.fleet.jobs.jobs.values()
    await front.fleet.withdrawal.delete(job)
    assert front.told(JobAnnounced)[-1] == "job.demo.canceled"
    assert (front.last.status, front.last.result_url, front.last.result) == ("canceled", None, None)
    assert front.fleet.publisher.sent(JobAnnounced)[-1].correlation_id == "order 7"
    assert front.fleet.jobs.jobs[job.id].is_at_rest


async def test_a_job_is_deleted_though_nobody_can_be_told_now(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.take(FILE)
    (job,) = front.fleet.jobs.jobs.values()
    left = None

    async def hang(*_: object, **__: object) -> None:
        nonlocal left
        left = len(front.fleet.blobs.blobs)
        raise BrokerUnavailable()

    monkeypatch.setattr(front.fleet.publisher, "publish", hang)
    await front.fleet.withdrawal.delete(job)
    assert left == 0, "the content goes before anybody is told"
    tombstone = front.fleet.jobs.jobs[job.id]
    assert tombstone.owed == {Owed.ANNOUNCE}, "for whoever looks at what is outstanding"


async def test_a_job_that_was_deleted_just_now_is_told_as_none(
    front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = await front.fleet.submit(_file(tmp_path))
    find = front.fleet.reading.find

    async def deleted_meanwhile(job_id: str, account: Account) -> Job:
        job = await find(job_id, account)
        await front.fleet.withdrawal.delete(job)
        return job

    monkeypatch.setattr(front.fleet.reading, "find", deleted_meanwhile)
    body = f'{{"job": "{made.id}"}}'.encode()
    await front.take(replace(FILE, body=body, headers=None, content_type="application/json"))
    assert [one.code for one in front.rejections] == ["not_found"]
    assert "job.demo.accepted" not in front.told(JobAnnounced)[1:]


async def test_of_a_flood_that_nobody_has_signed_not_everything_is_told(front: Front) -> None:
    """Another partner may have had the broker pass it on."""
    for _ in range(2 * UNSIGNED_TOLD):
        await front.take(replace(FILE, user_id=None))
    assert 1 <= len(front.rejections) <= UNSIGNED_TOLD


async def test_what_could_not_be_paid_is_not_even_looked_at(front: Front) -> None:
    front.fleet.credits.balances["demo"] = 0
    await front.take(FILE)
    assert front.fleet.inspector.inspected == 0


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
