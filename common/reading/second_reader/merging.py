"""Two readings of the same line made one, word by word.

The two are aligned by their characters, blanks aside, and cut where both have the end of a word. Where a
piece is the same in both, the first reader's words stay, which know their boxes better, and are surer for
it; where it is not, the one that is surer of itself stays. (Judged by calibrated confidences it is more
often the first, and receipts are read worse: CER 0.024 instead of 0.020.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Final

from common.document.geometry import Box
from common.document.page import Word
from common.document.text import mean_confidence

_CREDIBLE: Final = 0.5  # of a word that only one of the two read
# Quotation marks that the second reader, who writes straight ones for most, is not to decide on.
_STRAIGHT: Final = str.maketrans("\u2018\u2019\u201a\u201c\u201d\u201e", "'''\"\"\"")


def merged(first: Sequence[Word], second: Sequence[Word]) -> tuple[Word, ...]:
    """Both from left to right, with confidences as their engines tell them."""
    if not first or not second:
        return tuple(first or second)
    pieces = _pieces(first, _with_blanks_of(first, second))
    return tuple(word for ours, theirs in pieces for word in _chosen(ours, theirs))


def _chosen(ours: Sequence[Word], theirs: Sequence[Word]) -> Sequence[Word]:
    if not ours or not theirs:
        return [word for word in (*ours, *theirs) if word.confidence >= _CREDIBLE]
    if _text(ours) == _text(theirs):
        doubt = 1 - _confidence(theirs)
        return [replace(word, confidence=round(1 - (1 - word.confidence) * doubt, 4)) for word in ours]
    return ours if _confidence(ours) > _confidence(theirs) else theirs


def _pieces(first: Sequence[Word], second: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
    """The lines cut where both have the end of a word beside the same character."""
    counts, other_counts = _ends(first), _ends(second)
    cuts = [(0, 0)]
    for ours, theirs, size in _alike(first, second):
        for step in range(size + 1):
            if ours + step in counts and theirs + step in other_counts:
                cuts.append((counts[ours + step], other_counts[theirs + step]))
    for (begin, other_begin), (end, other_end) in pairwise(cuts):
        if end > begin or other_end > other_begin:
            yield first[begin:end], second[other_begin:other_end]


def _with_blanks_of(first: Sequence[Word], second: Sequence[Word]) -> list[Word]:
    """``second``, its words cut where ``first`` has a blank between the same two characters."""
    ends = _ends(first)
    blanks = {
        theirs + step
        for ours, theirs, size in _alike(first, second)
        for step in range(1, size)
        if ours + step in ends
    }
    words: list[Word] = []
    begin = 0
    for word in second:
        inner = sorted(at - begin for at in blanks if begin < at < begin + len(word.text))
        words += _cut(word, [0, *inner, len(word.text)])
        begin += len(word.text)
    return words


def _cut(word: Word, places: Sequence[int]) -> Iterator[Word]:
    x0, y0, x1, y1 = word.bbox
    pitch = (x1 - x0) / len(word.text)
    for begin, end in pairwise(places):
        box = Box(round(x0 + begin * pitch), y0, round(x0 + end * pitch), y1)
        yield replace(word, text=word.text[begin:end], bbox=box)


def _alike(first: Sequence[Word], second: Sequence[Word]) -> Sequence[tuple[int, int, int]]:
    """Where both have the same characters: from which on in each, and how many; the last are their ends."""
    return SequenceMatcher(None, _text(first), _text(second), autojunk=False).get_matching_blocks()


def _ends(words: Sequence[Word]) -> dict[int, int]:
    """The number of characters that the first words have, for any number of them, and that number."""
    lengths = accumulate((len(word.text) for word in words), initial=0)
    return {length: count for count, length in enumerate(lengths)}


def _text(words: Sequence[Word]) -> str:
    """With all quotation marks straight."""
    return "".join(word.text for word in words).translate(_STRAIGHT)


def _confidence(words: Sequence[Word]) -> float:
    return mean_confidence(words) or 0.0
