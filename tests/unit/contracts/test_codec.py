"""Messages as bytes: what is on the wire today must be readable tomorrow."""

import gzip
from pathlib import Path

import pytest

from common.contracts.codec import COMPRESS_FROM_BYTES, MAX_BODY_BYTES, MESSAGES, Encoded, decode, encode
from common.contracts.job_events import JobAnnounced, JobHint, JobRejected
from common.contracts.message import Message
from common.document.geometry import Box
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.errors import MessageUnreadable, ResultTooLarge
from tests.fakes.samples import (
    JOB_ID,
    answer_part,
    export_failed,
    export_task,
    exported,
    failed,
    huge_page,
    page,
    question_answered,
    question_failed,
    question_task,
    recognized,
    task,
    translated,
    translation_failed,
    translation_task,
)

GOLDEN = Path(__file__).parent / "golden"

FULL_PAGE = Page(
    width=2480,
    height=3508,
    engine=Engine.TESSERACT,
    blocks=(
        Block(
            lines=(
                Line(
                    (Word("Größe", Box(1, 2, 30, 20), 0.9612), Word("٣", Box(40, 2, 50, 20), 0.5)),
                    Box(1, 2, 50, 20),
                ),
            ),
            bbox=Box(1, 2, 50, 20),
            role=Role.HEADING,
            level=2,
        ),
    ),
    tables=(Table(Box(0, 100, 200, 300), (Cell(0, 0, "a", Box(0, 100, 99, 150), row_span=2),)),),
    rotation=90,
    detected_languages=("de", "ar"),
)
SAMPLES: dict[str, Message] = {
    "ocr.page.recognize.v1": task(7, languages=("eng", "deu")),
    "ocr.page.recognized.v1": recognized(7).model_copy(update={"page": FULL_PAGE}),
    "ocr.page.failed.v1": failed(7),
    "ocr.page.translate.v1": translation_task(3),
    "ocr.page.translated.v1": translated(3, ("Größe", "٣")),
    "ocr.page.translation-failed.v1": translation_failed(3),
    "ocr.job.announced.v1": JobAnnounced(
        job_id=JOB_ID, account="demo", what="page", status="processing", page_count=9, pages_done=3
    ),
    "ocr.job.rejected.v1": JobRejected(
        account="demo",
        request_id="r-1",
        code="out_of_credits",
        error="This takes 2 credits, and 1 is left.",
        used=4,
        cap=5,
        needed=2,
        resets_at="2026-11-23T00:00:00Z",
    ),
    "ocr.job.hint.v1": JobHint(job_id=JOB_ID, account="demo"),
    "ocr.document.export.v1": export_task(name="pdf-pdfa", pdfa=True, title="Größe", languages=("de", "ar")),
    "ocr.document.exported.v1": exported("pdf-pdfa"),
    "ocr.export.failed.v1": export_failed("csv-excel"),
    "ocr.question.answer.v1": question_task(heard=True, languages=("de", "ar")),
    "ocr.question.answer-part.v1": answer_part(3),
    "ocr.question.answered.v1": question_answered(),
    "ocr.question.failed.v1": question_failed(),
}


def test_every_message_type_has_golden_bytes() -> None:
    assert {message.type for message in MESSAGES} == set(SAMPLES)


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_message_is_encoded_to_its_golden_bytes(kind: str) -> None:
    assert encode(SAMPLES[kind]) == Encoded(kind, None, (GOLDEN / f"{kind}.json").read_bytes().rstrip(b"\n"))


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_golden_bytes_are_still_understood(kind: str) -> None:
    golden = (GOLDEN / f"{kind}.json").read_bytes()
    assert decode(Encoded(kind, None, golden)) == SAMPLES[kind]


@pytest.mark.parametrize("kind", sorted(file.stem for file in (GOLDEN / "before").iterdir()))
def test_what_was_written_before_fields_were_added_means_the_same(kind: str) -> None:
    assert decode(Encoded(kind, None, (GOLDEN / "before" / f"{kind}.json").read_bytes())) == SAMPLES[kind]


def test_a_field_that_a_later_writer_added_is_ignored() -> None:
    golden = (GOLDEN / "ocr.page.failed.v1.json").read_bytes().rstrip()
    assert (
        decode(Encoded("ocr.page.failed.v1", None, golden[:-1] + b',"new":1}'))
        == SAMPLES["ocr.page.failed.v1"]
    )


def test_a_large_message_travels_compressed() -> None:
    large = recognized(0).model_copy(update={"page": page(*["many words on a line"] * 500)})
    encoded = encode(large)
    assert encoded.content_encoding == "gzip" and len(encoded.body) < COMPRESS_FROM_BYTES
    assert decode(encoded) == large


def test_a_result_that_no_message_can_hold_is_refused() -> None:
    with pytest.raises(ResultTooLarge):
        encode(recognized(0).model_copy(update={"page": huge_page()}))


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (Encoded("ocr.page.failed.v2", None, b"{}"), "unknown message type"),
        (Encoded("ocr.page.failed.v1", None, b"{}"), "job_id"),
        (Encoded("ocr.page.failed.v1", None, b"\xff\xfe"), "ocr.page.failed.v1"),
        (Encoded("ocr.page.failed.v1", "br", b"{}"), "content encoding"),
        (Encoded("ocr.page.failed.v1", "gzip", b"not gzip"), "damaged"),
        (Encoded("ocr.page.failed.v1", "gzip", gzip.compress(b"{}" * 1000)[:-9]), "cut short"),
        (Encoded("ocr.page.failed.v1", "gzip", gzip.compress(b" " * (70 * MAX_BODY_BYTES))), "too large"),
    ],
)
def test_what_cannot_be_read_says_why(encoded: Encoded, reason: str) -> None:
    with pytest.raises(MessageUnreadable, match=reason):
        decode(encoded)
