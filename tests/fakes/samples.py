"""Small valid values that tests start from."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from common.contracts.events import (
    AnswerPart,
    DocumentExported,
    ExportFailed,
    PageFailed,
    PageRecognized,
    PageTranslated,
    QuestionAnswered,
    QuestionFailed,
    TranslationFailed,
)
from common.contracts.tasks import (
    AnswerQuestion,
    ExportDocument,
    ExportFormat,
    Lane,
    MediaType,
    RecognizePage,
    Tier,
    TranslatePage,
)
from common.document.citation import Citation
from common.document.geometry import Box
from common.document.model_usage import ModelUsage
from common.document.page import Block, Engine, Line, Page, Word
from common.domain.export import BuildFailed, Export, ExportRequest, Failure
from common.domain.job import Job
from common.domain.job_parts import Document, JobRequest, Source, Transcript, new_pages

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
JOB_ID = "0123456789abcdef0123456789abcdef"
CONVERSATION_ID = "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"
QUESTION_ID = "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"


def job(page_count: int = 3, **changes: Any) -> Job:
    made = Job(
        id=JOB_ID,
        account_id="demo",
        ticket="ticket",
        source=Source(f"{JOB_ID}/source", MediaType.PDF, 1234, "letter.pdf"),
        request=JobRequest(Tier.CPU, "en", ("eng",)),
        source_pages=tuple(range(page_count)),
        lane=Lane.EXPRESS,
        pages=new_pages(page_count),
        created_at=NOW,
        retention=timedelta(hours=24),
    )
    return replace(made, **changes)


def page(*texts: str, confidence: float = 0.9) -> Page:
    """A page with one block of one line for each of ``texts``."""
    blocks = tuple(_block(text, 20 * row, confidence) for row, text in enumerate(texts))
    return Page(width=400, height=200, engine=Engine.TESSERACT, blocks=blocks, detected_languages=("en",))


def huge_page() -> Page:
    """A page whose text no message can hold: 12 million characters that do not compress well."""
    return page(f"{random.Random(1).getrandbits(48_000_000):x}")


def _block(text: str, top: int, confidence: float) -> Block:
    words, left = [], 0
    for word in text.split():
        words.append(Word(word, Box(left, top, left + 10 * len(word), top + 15), confidence))
        left += 10 * (len(word) + 1)
    line = Line(tuple(words), Box(0, top, left, top + 15))
    return Block((line,), line.bbox)


def task(page_index: int = 0, **changes: Any) -> RecognizePage:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "ticket": "ticket",
        "tier": Tier.CPU,
        "lane": Lane.EXPRESS,
        "page_index": page_index,
        "source_page": page_index,
        "source_key": f"{JOB_ID}/source",
        "media_type": MediaType.PDF,
        "languages": ("eng",),
    }
    return RecognizePage(**{**values, **changes})


def recognized(page_index: int, text: str = "Hello world", ticket: str = "ticket") -> PageRecognized:
    return PageRecognized(job_id=JOB_ID, ticket=ticket, page_index=page_index, page=page(text), duration_ms=7)


def translated(page_index: int, texts: Sequence[str] = ("Hallo Welt",)) -> PageTranslated:
    usage = ModelUsage("a-model", input_tokens=200, output_tokens=100, cost_usd=0.0021)
    return PageTranslated(
        job_id=JOB_ID, ticket="ticket", page_index=page_index, texts=tuple(texts), usage=usage, duration_ms=7
    )


def translation_failed(page_index: int, code: str = "model_refused") -> TranslationFailed:
    return TranslationFailed(
        job_id=JOB_ID, ticket="ticket", page_index=page_index, code=code, message="It failed."
    )


def translation_task(page_index: int = 0) -> TranslatePage:
    return TranslatePage(
        job_id=JOB_ID,
        ticket="ticket",
        tier=Tier.CPU,
        lane=Lane.EXPRESS,
        page_index=page_index,
        texts_key=f"{JOB_ID}/texts/{page_index}-a",
        target="de",
        languages=("en",),
    )


def failed(page_index: int, code: str = "engine_timeout") -> PageFailed:
    return PageFailed(job_id=JOB_ID, ticket="ticket", page_index=page_index, code=code, message="It failed.")


def document(attempt: str = "a") -> Document:
    transcript = Transcript(f"{JOB_ID}/words/{attempt}", 700, 50, 60)
    return Document(f"{JOB_ID}/document/{attempt}", 900, transcript, 0.9, ("en",))


def export(format: ExportFormat = ExportFormat.PDF, **changes: Any) -> Export:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "request": ExportRequest(format),
        "ticket": "ticket",
        "expires_at": NOW + timedelta(days=8),
    }
    return Export(**{**values, **changes})


def export_task(**changes: Any) -> ExportDocument:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "ticket": "ticket",
        "name": "pdf",
        "format": ExportFormat.PDF,
        "words_key": f"{JOB_ID}/words/a",
        "words_bytes": 700,
        "source_key": f"{JOB_ID}/source",
        "media_type": MediaType.PDF,
        "title": "letter",
        "languages": ("en",),
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=8),
    }
    return ExportDocument(**{**values, **changes})


def exported(name: str = "pdf", attempt: str = "a", ticket: str = "ticket") -> DocumentExported:
    return DocumentExported(
        job_id=JOB_ID,
        ticket=ticket,
        name=name,
        key=f"{JOB_ID}/export/{name}/{attempt}",
        size_bytes=5,
        duration_ms=7,
    )


def export_failed(name: str = "pdf", code: str = "format_failed", ticket: str = "ticket") -> ExportFailed:
    return ExportFailed(job_id=JOB_ID, ticket=ticket, name=name, code=code, message="It failed.")


def build_failed(code: str = "format_failed", ticket: str = "ticket") -> BuildFailed:
    return BuildFailed(ticket, Failure(code, "It failed.", NOW))


def question_task(**changes: Any) -> AnswerQuestion:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "conversation_id": CONVERSATION_ID,
        "question_id": QUESTION_ID,
        "ticket": "ticket",
        "asked_key": f"{JOB_ID}/chat/{QUESTION_ID}/a",
        "words_key": f"{JOB_ID}/words/a",
        "words_bytes": 700,
        "languages": ("en",),
    }
    return AnswerQuestion(**{**values, **changes})


def question_answered(**changes: Any) -> QuestionAnswered:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "conversation_id": CONVERSATION_ID,
        "question_id": QUESTION_ID,
        "ticket": "ticket",
        "content": "It is 12 € (p. 2).",
        "citations": (Citation(2, "Total: 12 €", Box(1, 2, 30, 20)),),
        "engine": "model",
        "usage": ModelUsage("claude-sonnet-5-5", 900, 12, 0.0003),
        "duration_ms": 1200,
    }
    return QuestionAnswered(**{**values, **changes})


def question_failed(**changes: Any) -> QuestionFailed:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "conversation_id": CONVERSATION_ID,
        "question_id": QUESTION_ID,
        "ticket": "ticket",
        "code": "answer_refused",
        "message": "The model declined to answer: ask in other words.",
    }
    return QuestionFailed(**{**values, **changes})


def answer_part(position: int = 0, **changes: Any) -> AnswerPart:
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "question_id": QUESTION_ID,
        "attempt": "a",
        "position": position,
        "text": "It is 12 €",
    }
    return AnswerPart(**{**values, **changes})
