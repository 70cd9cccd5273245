"""Answers about documents, by the words that question and sentence share: quoted, with where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.messages_server.document import Document, Statement

NOT_SAID: Final = "The document does not say so."
_SAID: Final = ("The document says: ", " It also says: ")
_BETWEEN_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f\u0964])\s*|\n+(?![a-zß-ÿ])")
_WORD: Final = re.compile(r"[^\W_]+")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")
_STEM_LETTERS: Final = 5
_LEAST_WORDS: Final = 2  # fewer of its own, and the question leans on the one before
_FUNCTION_WORDS: Final = """
    a about all also an and any are as at be by can did do does for from has have how i in is it its
    me much many of on or please say tell that the their there this to was were what when where
    which who whose why will with you document page aber am auf aus das dem den der des die ein eine
    einem einen einer es für hat ich im ist mit nach sind und von wann war warum was welche welcher
    welches wem wen wer wie viel viele wird wo worum zu zum zur dokument au aux avec ce ces cette
    combien comment dans de du elle en est et il la le les leur mais ou où par pour pourquoi quand
    que quel quelle quelles quels qui quoi se son sur un une al como con cual cuál cuando cuándo
    cuanto cuánto del donde dónde el ella es esta este los las más no para pero por porque qué quien
    quién se su sus una y
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """``rating``: words shared with the question, with the one before it, and their part of the sentence."""

    rating: tuple[int, int, float]
    sentence: str
    citation: dict[str, Any]


def quoted(questions: Sequence[str], documents: Sequence[Document]) -> list[Statement]:
    """``questions``: the user's, the last one last. Two sentences at most, which answer equally well."""
    found = _found(*_asked(questions), documents)
    best = max((one.rating for one in found), default=None)
    if best is None:
        return [Statement(NOT_SAID)]
    is_cited = all(document.is_cited for document in documents)
    statements = []
    for opening, one in zip(_SAID, (one for one in found if one.rating == best), strict=False):
        statements.append(Statement(opening))
        statements.append(Statement(one.sentence, (one.citation,) if is_cited else ()))
    return statements


def _asked(questions: Sequence[str]) -> tuple[set[str], set[str]]:
    """The words of the last question, and of the one before where those are too few."""
    words = _content_words(questions[-1])
    if len(words) >= _LEAST_WORDS or len(questions) < 2:
        return words, set()
    return words, _content_words(questions[-2]) - words


def _found(words: set[str], earlier: set[str], documents: Sequence[Document]) -> list[_Found]:
    found = []
    for document in documents:
        for index, block in enumerate(document.blocks):
            for piece in _BETWEEN_SENTENCES.split(block):
                sentence = " ".join(piece.split())
                of_sentence = _content_words(sentence)
                if shared := of_sentence & (words | earlier):
                    counts = len(shared & words), len(shared & earlier)
                    rating = (*counts, len(shared) / len(of_sentence))
                    found.append(_Found(rating, sentence, document.citation(index, index + 1)))
    return found


def _content_words(text: str) -> set[str]:
    """Their stems; of writing without spaces, pairs of characters."""
    text = text.casefold()
    pairs = {run[at : at + 2] for run in _UNSPACED.findall(text) for at in range(len(run) - 1)}
    words = set(_WORD.findall(_UNSPACED.sub(" ", text))) - set(_FUNCTION_WORDS.split())
    return pairs | {word[:_STEM_LETTERS] for word in words}
