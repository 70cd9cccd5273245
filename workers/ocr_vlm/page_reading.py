"""A page as the model reads it: asked, continued where it breaks off, and asked once more after nonsense."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from common import logs
from common.contracts.tasks import RecognizePage
from common.document.model_usage import ModelUsage
from common.document.page import Page
from common.errors import ModelAnswerTooLong, ModelNonsense
from common.model_question import LanguageModel, Picture, Question
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.continuation import joined
from workers.ocr_vlm.evidence import Evidence
from workers.ocr_vlm.questions import continued, page_question
from workers.ocr_vlm.reply import Begun, begun_answer, page_answer
from workers.ocr_vlm.sanity import emptiness, repetition, repetition_in, unsupported

MAX_TRIES: Final = 2
_MAX_CONTINUATIONS: Final = 6

log = logs.get("ocr_vlm")


@dataclass(frozen=True, slots=True)
class Read:
    page: Page
    usage: ModelUsage


class PageReading:
    """``ground`` puts an answer on the page, of which ``evidence`` is known before."""

    def __init__(
        self,
        model: LanguageModel,
        picture: Picture,
        evidence: Evidence,
        ground: Callable[[PageAnswer], Awaitable[Page]],
    ) -> None:
        self._model = model
        self._picture = picture
        self._evidence = evidence
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
                page = await self._try(question, is_first=problem is None)
            except ModelNonsense as nonsense:
                problem = nonsense.message
                log.warning("answer_makes_no_sense", reason=problem)
                continue
            assert self._usage is not None, "it was asked"
            return Read(page, self._usage)
        raise ModelNonsense(f"The model's answer makes no sense, twice: {problem}")

    async def _try(self, question: Question, *, is_first: bool) -> Page:
        answer = await self._answer(question)
        _expect(repetition(answer, self._evidence))
        _expect(emptiness(answer, self._evidence, is_first=is_first))
        page = await self._ground(answer)
        _expect(unsupported(page, self._evidence))
        return page

    async def _answer(self, question: Question) -> PageAnswer:
        """Whole, though it may have come in several parts. Raises ModelAnswerTooLong when none ends it."""
        so_far = Begun()
        for _ in range(1 + _MAX_CONTINUATIONS):
            reply = await self._model.ask(continued(question, so_far) if so_far.blocks else question)
            self._usage = reply.usage if self._usage is None else self._usage + reply.usage
            if reply.stop == "end":
                last = page_answer(reply.text).blocks
                return PageAnswer(blocks=joined(so_far.blocks, last, is_in_table=so_far.is_in_table))
            begun = begun_answer(reply.text)
            _expect(repetition_in(begun.unfinished, self._evidence))
            blocks = joined(so_far.blocks, begun.blocks, is_in_table=so_far.is_in_table)
            _expect(repetition(PageAnswer(blocks=blocks), self._evidence))
            if blocks == so_far.blocks:
                break
            so_far = replace(begun, blocks=blocks)
        raise ModelAnswerTooLong()


def _expect(problem: str | None) -> None:
    """Raises ModelNonsense where there is one."""
    if problem:
        raise ModelNonsense(problem)
