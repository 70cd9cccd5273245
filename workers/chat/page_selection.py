"""Which pages of a document too long for a model are shown to it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from workers.chat.extractive.index import Reader
from workers.chat.extractive.question import language_of
from workers.chat.ranking import Ranking, Scores

BYTES_PER_TOKEN: Final = 3  # UTF-8: four letters a token in English, one in Chinese; rather too few
_EARLIER: Final = 0.3  # what a word of an earlier question counts


def tokens_of(text: str) -> int:
    """About how many tokens a model takes for the text; seldom too few."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def select_pages(
    question: str,
    pages: Sequence[str],
    budget_tokens: int,
    *,
    language: str = "en",
    earlier: Sequence[str] = (),
) -> list[int]:
    """The indexes (from 0, ascending) of the pages that answer best by BM25 and fit into the budget together.

    All where all fit. A page that does not fit is passed over for the next best; those without text are
    left out. ``earlier`` are the conversation's questions, ``language`` is the document's.
    """
    sizes = [tokens_of(text) for text in pages]
    scores = _scores(question, pages, language, earlier)
    chosen: list[int] = []
    left = budget_tokens
    for index in np.argsort(-scores, kind="stable").tolist():
        if pages[index].strip() and sizes[index] <= left:
            chosen.append(index)
            left -= sizes[index]
    return sorted(chosen)


def _scores(question: str, pages: Sequence[str], language: str, earlier: Sequence[str]) -> Scores:
    """Also by the concepts of a question in another language."""
    reader = Reader(language)
    ranking = Ranking(reader.read(text) for text in pages)
    scores = np.zeros(len(pages), dtype=np.float32)
    for weight, text in ((1.0, question), *((_EARLIER, text) for text in earlier)):
        asked = Reader(language_of(text, [language]))
        for term in dict.fromkeys((*reader.read(text), *asked.read(text))):
            scores += np.float32(weight) * ranking.scores(term)
    return scores
