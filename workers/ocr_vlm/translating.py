"""The texts of a page in another language, by a model.

Texts go as data, each under a number, and come back under it: so none is lost, merged or put elsewhere.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel, ConfigDict, ValidationError

from common.document.model_usage import ModelUsage
from common.errors import ModelAnswerTooLong, ModelNonsense
from common.model_question import LanguageModel, Question, Text
from workers.ocr_vlm.loops import goes_round
from workers.ocr_vlm.prompts import prompt
from workers.ocr_vlm.reply import json_object

_AT_ONCE_CHARACTERS: Final = 6000
_MOST_CHARACTERS: Final = 100_000  # of a page: ten times a full one
_MAX_TRIES: Final = 2

_TRANSLATE: Final = prompt("translate")


class _Translation(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: int
    text: str


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    translations: tuple[_Translation, ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """``texts`` in the order of those that were given."""

    texts: tuple[str, ...]
    usage: ModelUsage


class Translating:
    """Translates into ``target``, a BCP-47 code."""

    def __init__(self, model: LanguageModel, model_name: str, target: str) -> None:
        self._model = model
        self._system = _TRANSLATE.format(target=_name(target))
        self._usage = ModelUsage(model_name, cost_usd=0.0)

    async def translate(self, texts: Sequence[str]) -> Translated:
        """Raises ModelNonsense when texts are missing from the second answer, too, and a ModelError."""
        wanted = {index: text for index, text in enumerate(texts) if any(map(str.isalpha, text))}
        found: dict[int, str] = {}
        if sum(map(len, wanted.values())) > _MOST_CHARACTERS:
            raise ModelAnswerTooLong(
                f"The page has more text than is translated at once, {_MOST_CHARACTERS} characters."
            )
        for _ in range(_MAX_TRIES):
            for part in _parts({index: text for index, text in wanted.items() if index not in found}):
                found |= await self._part(part)
        if len(found) < len(wanted):
            raise ModelNonsense(f"The model left out {len(wanted) - len(found)} of {len(wanted)} texts.")
        return Translated(tuple(found.get(index, text) for index, text in enumerate(texts)), self._usage)

    async def _part(self, texts: dict[int, str]) -> dict[int, str]:
        """Those of the translations that came."""
        reply = await self._model.ask(self._question(texts))
        self._usage += reply.usage
        if reply.stop == "max_tokens":
            return await self._halves(texts)
        try:
            answer = _Answer.model_validate(json_object(reply.text))
        except (ModelNonsense, ValidationError):
            return {}
        came = {one.id: one.text.strip() for one in answer.translations}
        return {index: came[index] for index, text in texts.items() if _can_be(came.get(index, ""), text)}

    async def _halves(self, texts: dict[int, str]) -> dict[int, str]:
        """What was too much for one answer, in two."""
        if len(texts) == 1:
            raise ModelAnswerTooLong()
        items, middle = list(texts.items()), len(texts) // 2
        return await self._part(dict(items[:middle])) | await self._part(dict(items[middle:]))

    def _question(self, texts: dict[int, str]) -> Question:
        array = [{"id": index, "text": text} for index, text in texts.items()]
        return Question(
            system=self._system,
            parts=(Text(json.dumps(array, ensure_ascii=False)),),
            schema=_schema(),
        )


def _can_be(translation: str, text: str) -> bool:
    """Not where it is blank, or goes round in circles that the text has not."""
    return bool(translation) and (goes_round(text) or not goes_round(translation))


def _schema() -> dict[str, Any]:
    return _Answer.model_json_schema()


def _parts(texts: dict[int, str]) -> Iterator[dict[int, str]]:
    """Texts that go together into one question."""
    part: dict[int, str] = {}
    for index, text in texts.items():
        if part and sum(map(len, part.values())) + len(text) > _AT_ONCE_CHARACTERS:
            yield part
            part = {}
        part[index] = text
    if part:
        yield part


def _name(code: str) -> str:
    """As "Brazilian Portuguese (pt-BR)"."""
    try:
        name = Locale.parse(code, sep="-").get_display_name("en")
    except (UnknownLocaleError, ValueError):
        name = None
    return f"{name} ({code})" if name else code
