"""A page as the model reads it: asked, continued where it breaks off, and asked once more after nonsense."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from common import logs
from common.contracts.tasks import RecognizePage
from common.document.model_usage import ModelUsage
from common.document.page import Page
from common.errors import ModelAnswerTooLong, ModelNonsense
from common.model_question import LanguageModel, Picture, Question
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.questions import continued, page_question
from workers.ocr_vlm.reply import begun_answer, page_answer
from workers.ocr_vlm.sanity import emptiness, repetition, repetition_in, unsupported

MAX_TRIES: Final = 2
_MAX_CONTINUATIONS: Final = 6

log = logs.get("ocr_vlm")


@dataclass(frozen=True, slots=True)
class Read:
    page: Page
    usage: ModelUsage


class PageReading:
    """``ground`` puts an answer on the page; ``sure_words`` are those the witness read there for certain."""

    def __init__(
        self,
        model: LanguageModel,
        picture: Picture,
        sure_words: int,
        ground: Callable[[PageAnswer], Awaitable[Page]],
    ) -> None:
        self._model = model
        self._picture = picture
        self._sure_words = sure_words
        self._ground = ground
        self._usage: ModelUsage | None = None

    async def read(self, task: RecognizePage) -> Read:
        """Raises ModelNonsense when the second answer makes no sense either, and a ModelError."""
        problem: str | None = None
        for _ in range(MAX_TRIES):
            question = page_question(
                self._picture,
                focus=task.focus,
                tables=task.tables,
                languages=task.languages,
                went_wrong=problem,
            )
            try:
                page = await self._try(question)
            except ModelNonsense as nonsense:
                problem = nonsense.message
                log.warning("answer_makes_no_sense", reason=problem)
                continue
            assert self._usage is not None, "it was asked"
            return Read(page, self._usage)
        raise ModelNonsense(f"The model's answer makes no sense, twice: {problem}")

    async def _try(self, question: Question) -> Page:
        answer = await self._answer(question)
        problem = repetition(answer) or emptiness(answer, self._sure_words)
        if problem:
            raise ModelNonsense(problem)
        page = await self._ground(answer)
        problem = unsupported(page) if self._sure_words else None
        if problem:
            raise ModelNonsense(problem)
        return page

    async def _answer(self, question: Question) -> PageAnswer:
        so_far = PageAnswer(blocks=())
        for _ in range(1 + _MAX_CONTINUATIONS):
            reply = await self._model.ask(continued(question, so_far) if so_far.blocks else question)
            self._usage = reply.usage if self._usage is None else self._usage + reply.usage
            if reply.stop == "end":
                return PageAnswer(blocks=(*so_far.blocks, *page_answer(reply.text).blocks))
            begun = begun_answer(reply.text)
            so_far = PageAnswer(blocks=(*so_far.blocks, *begun.blocks))
            problem = repetition_in(reply.text)
            if problem:
                raise ModelNonsense(problem)
            if not begun.blocks:
                break
        raise ModelAnswerTooLong()
