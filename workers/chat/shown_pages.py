"""Which pages of a document a model is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workers.chat.asked import Asked
from workers.chat.extractive.question import language_of
from workers.chat.page_selection import BYTES_PER_TOKEN, select_pages

_DEFAULT_LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class ShownPages:
    """``texts`` by page number (of the file, from 1), in order; ``of_pages``: how many have any text.

    ``language`` (ISO 639-1) is that of the question.
    """

    texts: Mapping[int, str]
    of_pages: int
    language: str

    @property
    def numbers(self) -> list[int]:
        return list(self.texts)

    @property
    def is_selection(self) -> bool:
        return len(self.texts) < self.of_pages


def shown_pages(
    texts: Mapping[int, str], asked: Asked, budget_tokens: int, languages: Sequence[str]
) -> ShownPages:
    """``texts`` by page number, none of them blank; ``languages``: the document's (BCP-47).

    One that is larger than the budget by itself is cut.
    """
    numbers = list(texts)
    cut = [_beginning(text, budget_tokens) for text in texts.values()]
    main = languages[0] if languages else _DEFAULT_LANGUAGE
    chosen = select_pages(asked.message, cut, budget_tokens, language=main, earlier=asked.earlier_questions)
    return ShownPages(
        {numbers[index]: cut[index] for index in chosen}, len(texts), language_of(asked.message, languages)
    )


def _beginning(text: str, tokens: int) -> str:
    encoded = text.encode()
    if len(encoded) <= tokens * BYTES_PER_TOKEN:
        return text
    return encoded[: tokens * BYTES_PER_TOKEN].decode(errors="ignore")
