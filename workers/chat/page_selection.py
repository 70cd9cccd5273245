"""Which pages of a document too long for a model are shown to it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from workers.chat.ranking import Ranking, Scores
from workers.chat.terms import Terms

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
    terms = Terms(language)
    ranking = Ranking(terms.telling(terms.all(text)) for text in pages)
    scores = np.zeros(len(pages), dtype=np.float32)
    for weight, text in ((1.0, question), *((_EARLIER, text) for text in earlier)):
        for term in dict.fromkeys(terms.telling(terms.all(text))):
            scores += np.float32(weight) * ranking.scores(term)
    return scores
