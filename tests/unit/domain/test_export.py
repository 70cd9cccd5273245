"""An export's decisions: what each event makes of it, and that nothing counts twice."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from common.contracts.tasks import ExportFormat
from common.domain.export import (
    TOLD_FOR,
    TOLD_FOR_IF_RETRYABLE,
    Artefact,
    AskedAgain,
    Event,
    ExportRequest,
    ExportStatus,
    Failure,
    TaskLost,
    TaskSent,
    artefact_key,
    is_artefact,
)
from common.errors import InvalidField
from tests.fakes.samples import JOB_ID, NOW, build_failed, export, exported

DUE = export()
SENT = DUE.apply(TaskSent("ticket"))
DONE = SENT.apply(exported())
FAILED = SENT.apply(build_failed())
ASKED_LATER = AskedAgain("fresh", NOW + TOLD_FOR)


def test_it_is_due_then_sent_then_done() -> None:
    assert [one.status for one in (DUE, SENT, DONE)] == ["due", "sent", "done"]
    assert DONE.artefact == Artefact(exported().key, 5)


def test_a_failure_is_kept_until_somebody_asks_again_later() -> None:
    assert FAILED.failure == Failure("format_failed", "It failed.", NOW)
    again = FAILED.apply(ASKED_LATER)
    assert (again.status, again.ticket, again.failure) == (ExportStatus.DUE, "fresh", None)


@pytest.mark.parametrize(
    ("code", "told_for"),
    [
        ("format_failed", TOLD_FOR),
        ("export_timeout", TOLD_FOR),
        ("internal_error", TOLD_FOR),
        ("export_crashed", TOLD_FOR_IF_RETRYABLE),
        ("export_disk_full", TOLD_FOR_IF_RETRYABLE),
    ],
)
def test_a_failure_is_told_for_a_while_before_it_is_tried_again(code: str, told_for: timedelta) -> None:
    failed = SENT.apply(build_failed(code))
    soon = AskedAgain("fresh", NOW + told_for - timedelta(seconds=1))
    assert failed.apply(soon) is failed
    assert failed.apply(AskedAgain("fresh", NOW + told_for)).status is ExportStatus.DUE


@pytest.mark.parametrize("event", [exported(), build_failed(), TaskSent("ticket"), ASKED_LATER])
def test_applying_an_event_twice_changes_nothing(event: Event) -> None:
    for before in (DUE, SENT, DONE, FAILED):
        after = before.apply(event)
        assert after.apply(event) is after


def test_the_first_result_wins() -> None:
    results = [exported(attempt="a"), exported(attempt="b"), build_failed()]
    for first, *others in permutations(results):
        settled = SENT.apply(first)
        for other in others:
            assert settled.apply(other) is settled


def test_a_result_may_come_before_the_mark_that_its_task_was_sent() -> None:
    done = DUE.apply(exported())
    assert done.status is ExportStatus.DONE and done.apply(TaskSent("ticket")) is done


def test_what_belongs_to_an_earlier_try_is_ignored() -> None:
    again = FAILED.apply(ASKED_LATER)
    for late in (exported(), build_failed(), TaskSent("ticket")):
        assert again.apply(late) is again


def test_only_a_sent_task_can_be_lost() -> None:
    assert SENT.apply(TaskLost()) == DUE
    for other in (DUE, DONE, FAILED):
        assert other.apply(TaskLost()) is other


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (ExportRequest(ExportFormat.DOCX), "docx"),
        (ExportRequest(ExportFormat.PDF), "pdf"),
        (ExportRequest(ExportFormat.PDF, pdfa=True), "pdf-pdfa"),
        (ExportRequest(ExportFormat.CSV, excel=True), "csv-excel"),
    ],
)
def test_each_combination_of_options_is_an_export_of_its_own(request_: ExportRequest, name: str) -> None:
    assert replace(DUE, request=request_).name == name


@pytest.mark.parametrize("format", ExportFormat)
def test_an_option_of_another_format_is_refused(format: ExportFormat) -> None:
    if format is not ExportFormat.PDF:
        with pytest.raises(InvalidField, match="format=pdf alone"):
            ExportRequest(format, pdfa=True)
    if format is not ExportFormat.CSV:
        with pytest.raises(InvalidField, match="format=csv alone"):
            ExportRequest(format, excel=True)


def test_an_artefact_is_known_by_its_key() -> None:
    key = artefact_key(JOB_ID, "pdf", "f" * 32)
    assert is_artefact(key, JOB_ID, "pdf")
    for other in (
        f"{JOB_ID}/source",
        artefact_key(JOB_ID, "pdf-pdfa", "a"),
        artefact_key("1" * 32, "pdf", "a"),
    ):
        assert not is_artefact(other, JOB_ID, "pdf")
