"""The values of a page, drawn by the model."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from common import logs
from common.document.extraction import Extraction, merged
from common.document.model_usage import ModelUsage
from common.domain.answer_completion import completed, without_nulls
from common.domain.answer_errors import AnswerError, answer_errors
from common.errors import EngineTimeout, ModelDown, ModelError
from common.model_question import LanguageModel, Picture, Question, Reply
from workers.ocr_vlm.extraction.asked_schema import ANSWER, asked, relaxed
from workers.ocr_vlm.extraction.json_answer import NoJson, parsed, salvaged
from workers.ocr_vlm.extraction.question import asked_again, continued, question

_NO_JSON: Final = "It is not one JSON object."

log = logs.get("extraction")


async def draw(
    model: LanguageModel, schema: str, picture: Picture, page_text: str, *, is_whole: bool
) -> tuple[Extraction | None, ModelUsage | None]:
    """What the page says of what the JSON Schema asks for, still without places; None where the model gives
    nothing that can be read, or does not want to. Usage: None where no answer came.

    The last answer stands even where it does not follow the schema. Raises ModelUnavailable and ModelDown.
    """
    given = orjson.loads(schema)
    drawing = _Drawing(model, given if is_whole else relaxed(given))
    try:
        await drawing.run(question(drawing.schema, picture, page_text, is_whole=is_whole))
    except ModelDown:
        raise
    except (ModelError, EngineTimeout) as error:
        log.warning("extraction_failed", code=error.code)
    answer = drawing.answer
    if answer is None:
        return None, drawing.usage
    return Extraction(orjson.dumps(answer.value).decode()), drawing.usage


class _Answer:
    """``value``: as the caller's schema has it."""

    def __init__(self, members: dict[str, Any], schema: Mapping[str, Any], *, is_wrapped: bool) -> None:
        value = members.get(ANSWER) if is_wrapped else members
        self.value = completed(without_nulls(value), schema)
        self.errors: list[AnswerError] = answer_errors(self.value, schema)


class _Drawing:
    """One page's values on their way: ``answer`` is the last that could be read."""

    def __init__(self, model: LanguageModel, schema: Mapping[str, Any]) -> None:
        self.schema = schema
        self.answer: _Answer | None = None
        self.usage: ModelUsage | None = None
        self._model = model
        self._is_wrapped = asked(schema).is_wrapped

    async def run(self, first: Question) -> None:
        """Two calls at most: an answer that broke off is continued, one that is wrong is asked for again."""
        reply = await self._ask(first)
        if reply.stop == "max_tokens":
            await self._continue(first, reply)
            return
        self._take(reply)
        if self.answer is None:
            await self._again(first, reply, [_NO_JSON])
        elif self.answer.errors:
            rules = [f"{error.pointer or '/'}: {error.rule}" for error in self.answer.errors]
            await self._again(first, reply, rules)

    async def _again(self, first: Question, reply: Reply, rules: list[str]) -> None:
        log.info("extraction_asked_again", errors=len(rules))
        self._take(await self._ask(asked_again(first, reply.text, rules)))

    async def _continue(self, first: Question, reply: Reply) -> None:
        try:
            begun = salvaged(reply.text)
        except NoJson:
            begun = {}
        else:
            self._keep(begun)
        more = await self._ask(continued(first, reply.text))
        try:
            rest = parsed(more.text) if more.stop == "end" else salvaged(more.text)
        except NoJson:
            return
        self._keep(rest if _begins_with(rest, begun) else merged([begun, rest]).answer)

    async def _ask(self, asked_for: Question) -> Reply:
        reply = await self._model.ask(asked_for)
        self.usage = reply.usage if self.usage is None else self.usage + reply.usage
        return reply

    def _take(self, reply: Reply) -> None:
        try:
            self._keep(parsed(reply.text))
        except NoJson:
            log.info("extraction_unreadable")

    def _keep(self, members: dict[str, Any]) -> None:
        self.answer = _Answer(members, self.schema, is_wrapped=self._is_wrapped)


def _begins_with(rest: Any, begun: Any) -> bool:
    """Whether the model has started over: every list of the one begins as that of the other."""
    lists = list(_lists(begun, rest))
    return bool(lists) and all(isinstance(new, list) and new[: len(old)] == old for old, new in lists)


def _lists(begun: Any, rest: Any) -> Iterator[tuple[list[Any], Any]]:
    """The lists that have something in them, each with what the other has in its place."""
    if isinstance(begun, list) and begun:
        yield begun, rest
    elif isinstance(begun, dict):
        for name, value in begun.items():
            yield from _lists(value, rest.get(name) if isinstance(rest, dict) else None)
