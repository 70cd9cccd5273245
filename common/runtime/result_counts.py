"""What a worker's tasks came to, counted."""

from functools import cache

from common import metrics
from common.contracts.events import (
    DocumentExported,
    ExportFailed,
    PageFailed,
    PageRecognized,
    PageTranslated,
    QuestionAnswered,
    QuestionFailed,
    TranslationFailed,
)
from common.contracts.tasks import AnswerQuestion, ExportDocument, RecognizePage, TranslatePage
from common.document.page import Page
from common.domain.languages import languages

Task = RecognizePage | TranslatePage | ExportDocument | AnswerQuestion
Result = (
    PageRecognized
    | PageFailed
    | PageTranslated
    | TranslationFailed
    | DocumentExported
    | ExportFailed
    | QuestionAnswered
    | QuestionFailed
)


def count(task: Task, result: Result) -> None:
    match task, result:
        case RecognizePage(), PageRecognized():
            metrics.PAGES.labels(task.tier, result.page.engine, "read").inc()
            labels = (task.tier, result.page.engine, _language(result.page))
            metrics.PAGE_DURATION.labels(*labels).observe(result.duration_ms / 1000)
        case RecognizePage(), PageFailed():
            metrics.PAGES.labels(task.tier, "", result.code).inc()
        case TranslatePage(), PageTranslated():
            metrics.TRANSLATIONS.labels("translated").inc()
            metrics.TRANSLATION_DURATION.observe(result.duration_ms / 1000)
        case TranslatePage(), TranslationFailed():
            metrics.TRANSLATIONS.labels(result.code).inc()
        case ExportDocument(), DocumentExported():
            metrics.EXPORTS.labels(task.format, "built").inc()
            metrics.EXPORT_DURATION.labels(task.format).observe(result.duration_ms / 1000)
        case ExportDocument(), ExportFailed():
            metrics.EXPORTS.labels(task.format, result.code).inc()
        case AnswerQuestion(), QuestionAnswered():
            metrics.QUESTIONS.labels(result.engine, "answered").inc()
            metrics.QUESTION_DURATION.labels(result.engine).observe(result.duration_ms / 1000)
        case AnswerQuestion(), QuestionFailed():
            metrics.QUESTIONS.labels("", result.code).inc()


def _language(page: Page) -> str:
    """A model may call languages as it likes, but not make labels of them."""
    if not page.detected_languages:
        return ""
    base = page.detected_languages[0].split("-")[0]
    return base if base in _known_languages() else "other"


@cache
def _known_languages() -> frozenset[str]:
    """Without script and region."""
    return frozenset(language.code.split("-")[0] for language in languages())
