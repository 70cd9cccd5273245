"""What one event does to a job."""

from dataclasses import replace
from datetime import timedelta

import pytest

from common.domain.credits import Charge, Kind
from common.domain.job import Job
from common.domain.job_changes import (
    Abandoned,
    Accepted,
    AnnouncePages,
    CancelRequested,
    DeleteRequested,
    DocumentAssembled,
    EffectDone,
    Event,
    GivenUp,
    PagesLost,
    PagesSent,
    PayOwed,
    SendPages,
    WindowOpened,
)
from common.domain.job_parts import TOMBSTONE, Correspondence, JobStatus, Owed
from tests.fakes.samples import (
    NOW,
    document,
    failed,
    job,
    page,
    recognized,
    translated,
    translation_failed,
)

LAST = (PayOwed(Owed.SETTLE), PayOwed(Owed.ANNOUNCE), PayOwed(Owed.DISCARD_PAGES))


def after(start: Job, *events: Event) -> Job:
    return start.apply_all(events, NOW).job


def test_a_window_makes_as_many_pages_due_as_fit() -> None:
    step = job(10).apply(WindowOpened(4), NOW)
    assert step.effects == (SendPages((0, 1, 2, 3)),)
    assert step.job.pages == b"dddd" + b"w" * 6


def test_a_settled_page_lets_the_next_go() -> None:
    sent = after(job(10), WindowOpened(4), PagesSent((0, 1, 2, 3)))
    step = sent.apply_all([recognized(2), WindowOpened(4)], NOW)
    assert step.effects == (SendPages((4,)), AnnouncePages())
    assert step.job.pages == b"ssrsd" + b"w" * 5


def test_a_narrower_window_sends_nothing_until_it_has_room() -> None:
    sent = after(job(10), WindowOpened(6), PagesSent(tuple(range(6))), recognized(0))
    assert sent.apply(WindowOpened(4), NOW).effects == ()


def test_the_last_page_makes_the_document_due() -> None:
    step = after(job(2), recognized(1)).apply(recognized(0), NOW)
    assert PayOwed(Owed.ASSEMBLE) in step.effects
    assert step.job.status is JobStatus.PROCESSING
    assert step.job.settled == (1, 0)


def test_an_assembled_document_ends_the_job() -> None:
    step = after(job(1), recognized(0)).apply(DocumentAssembled(document()), NOW)
    assert step.job.status is JobStatus.DONE
    assert step.job.document == document()
    assert step.job.finished_at == NOW
    assert step.job.expires_at == NOW + timedelta(hours=24)
    assert step.effects == LAST


def test_the_first_of_two_documents_stays() -> None:
    done = after(job(1), recognized(0), DocumentAssembled(document("first")))
    step = done.apply(DocumentAssembled(document("second")), NOW)
    assert step.job is done


def test_a_document_before_all_pages_are_settled_is_not_taken() -> None:
    half = after(job(2), recognized(0))
    assert half.apply(DocumentAssembled(document()), NOW).job is half


def test_a_job_fails_only_when_no_page_could_be_read() -> None:
    one_read = after(job(2), failed(0), recognized(1))
    assert one_read.status is JobStatus.PROCESSING and one_read.failures == {0: "engine_timeout"}
    none_read = after(job(2), failed(1, "page_unreadable"), failed(0, "engine_timeout"))
    assert none_read.status is JobStatus.FAILED
    assert none_read.error == "engine_timeout"
    assert none_read.owed == {Owed.SETTLE, Owed.ANNOUNCE, Owed.DISCARD_PAGES}


@pytest.mark.parametrize("late", [recognized(0), failed(0)])
def test_the_first_result_of_a_page_stays(late: Event) -> None:
    settled = after(job(2), recognized(0))
    assert settled.apply(late, NOW).job is settled


def test_a_result_with_another_ticket_is_not_believed() -> None:
    start = job(1)
    assert start.apply(recognized(0, ticket="guessed"), NOW).job is start


def test_a_page_that_the_job_does_not_have_is_ignored() -> None:
    start = job(1)
    assert start.apply(recognized(1), NOW).job is start


def test_nothing_moves_a_finished_job() -> None:
    done = after(job(1), recognized(0), DocumentAssembled(document()))
    for event in (recognized(0), failed(0), WindowOpened(9), PagesSent((0,))):
        assert done.apply(event, NOW).job is done


def test_a_confirmed_page_that_was_settled_meanwhile_stays_settled() -> None:
    settled = after(job(2), WindowOpened(4), recognized(0))
    assert after(settled, PagesSent((0, 1))).pages == b"rs"


def test_lost_pages_are_due_again() -> None:
    half = after(job(3), WindowOpened(2), PagesSent((0, 1)), recognized(0))
    step = half.apply(PagesLost(), NOW)
    assert step.effects == (SendPages((1,)),) and step.job.pages == b"rdw"
    assert step.job.apply(PagesLost(), NOW).job is step.job


def test_what_is_due_or_owed_can_be_asked_for_again() -> None:
    due = after(job(3), WindowOpened(2))
    assert due.outstanding() == (SendPages((0, 1)),)
    assert after(due, PagesSent((0, 1))).outstanding() == ()
    done = after(job(1), recognized(0), DocumentAssembled(document()))
    assert done.outstanding() == LAST
    paid = after(done, *(EffectDone(effect) for effect in Owed))
    assert paid.outstanding() == ()


def test_a_draft_takes_no_results_until_it_is_accepted() -> None:
    draft = job(2, status=JobStatus.DRAFT)
    for event in (recognized(0), WindowOpened(4), CancelRequested(), DeleteRequested()):
        assert draft.apply(event, NOW).job is draft
    accepted = draft.apply_all([Accepted(), WindowOpened(4)], NOW)
    assert accepted.job.status is JobStatus.PENDING and accepted.effects == (SendPages((0, 1)),)


def test_an_abandoned_draft_can_no_longer_be_accepted() -> None:
    abandoned = after(job(2, status=JobStatus.DRAFT), Abandoned())
    assert abandoned.status is JobStatus.FAILED and Owed.SETTLE in abandoned.owed
    assert abandoned.apply(Accepted(), NOW).job is abandoned
    accepted = after(job(2, status=JobStatus.DRAFT), Accepted())
    assert accepted.apply(Abandoned(), NOW).job is accepted


def test_a_job_that_failed_costs_nothing_however_soon_it_is_deleted() -> None:
    half_read = after(job(2), failed(0), recognized(1))
    given_up = after(half_read, GivenUp("internal_error"))
    assert given_up.status is JobStatus.FAILED and given_up.credits_charged == 0
    deleted = after(given_up, DeleteRequested())
    assert Owed.SETTLE in deleted.owed and deleted.credits_charged == 0


def test_pages_are_charged_for_being_read_and_beside_that_for_being_translated() -> None:
    request = replace(job().request, translate_to="de")
    priced = job(5, request=request, credits_per_page=2, credits_per_translation=3)
    assert priced.credits_reserved == 5 * (2 + 3)
    blank = recognized(2).model_copy(update={"page": page()})
    read = after(priced, *map(recognized, (4, 1, 3)), blank, failed(0))
    done = after(read, *map(translated, (3, 1, 1, 0)), translation_failed(4))
    assert done.is_settled
    assert done.charges == (Charge(Kind.PAGES, 8, (1, 2, 3, 4)), Charge(Kind.TRANSLATION, 6, (1, 3)))
    assert done.credits_charged == 14


def test_a_canceled_job_keeps_what_was_read_and_takes_no_more() -> None:
    canceled = after(job(3), recognized(1), CancelRequested())
    assert canceled.status is JobStatus.CANCELED and canceled.credits_charged == 1
    assert after(canceled, recognized(0), WindowOpened(4), DocumentAssembled(document())) is canceled


def test_canceling_between_the_last_page_and_the_document_owes_no_document() -> None:
    canceled = after(job(1), recognized(0), CancelRequested())
    assert Owed.ASSEMBLE not in canceled.owed
    assert canceled.apply(DocumentAssembled(document()), NOW).job is canceled


def test_a_tombstone_holds_no_content_and_still_owes_what_was_not_paid() -> None:
    tombstone = after(job(2), recognized(0), DeleteRequested())
    assert tombstone.status is JobStatus.DELETED and tombstone.source.filename == ""
    assert tombstone.owed == {Owed.SETTLE, Owed.ANNOUNCE, Owed.CLEAN_UP}
    ended = after(job(1), recognized(0), DocumentAssembled(document()))
    done = after(ended, EffectDone(Owed.SETTLE), EffectDone(Owed.ANNOUNCE))
    buried = after(done, DeleteRequested())
    assert buried.owed == {Owed.CLEAN_UP} and buried.document is None
    assert buried.expires_at == NOW + TOMBSTONE
    assert buried.apply(DeleteRequested(), NOW).job is buried


def test_who_sent_a_job_that_is_deleted_is_known_until_its_end_is_told() -> None:
    sent = Correspondence("r-1", "order 7", None)
    tombstone = after(job(2, correspondence=sent), DeleteRequested())
    assert (tombstone.correspondence, tombstone.told_status) == (sent, JobStatus.CANCELED)
    assert after(tombstone, EffectDone(Owed.CLEAN_UP)).correspondence == sent
    assert after(tombstone, EffectDone(Owed.ANNOUNCE)).correspondence is None


def test_a_job_that_had_ended_is_not_told_as_canceled_when_it_is_deleted() -> None:
    sent = Correspondence("r-1", "order 7", None)
    ended = after(
        job(1, correspondence=sent), recognized(0), DocumentAssembled(document()), EffectDone(Owed.SETTLE)
    )
    assert Owed.ANNOUNCE in ended.owed
    buried = after(ended, DeleteRequested())
    assert buried.owed == {Owed.CLEAN_UP} and buried.correspondence is None


def test_the_content_of_a_deleted_job_goes_before_anybody_is_told_also_after_a_crash() -> None:
    tombstone = after(job(2), recognized(0), DeleteRequested())
    effects = tombstone.outstanding()
    assert effects.index(PayOwed(Owed.CLEAN_UP)) < effects.index(PayOwed(Owed.ANNOUNCE))
