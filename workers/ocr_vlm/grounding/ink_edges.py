"""Boxes of words fitted to their ink: engines cut letters off, and take a line's height for a word's."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from common.document.geometry import Box, centre, union
from common.document.places import Places
from workers.ocr_vlm.grounding.ink_line import InkLine

_TALLEST: Final = 1.4  # of the word's height: what is taller joins two lines, or is no letter
_AROUND: Final = 0.1  # of the height, above and below the word
_STEP: Final = 0.25  # of the height, from a word's ink to more of it outside its box
_FAR: Final = 0.5  # pixels of a gap that a pixel of distance is worth
_LETTER: Final = 0.4  # of the tallest piece of a word; lower are points and specks
_ABOVE: Final = 0.35  # of the tallest piece, from letters to their points
_CREDIBLE: Final = 0.4  # of the word's width


class InkEdges:
    def __init__(self, lines: Iterable[InkLine]) -> None:
        self._places = Places(piece for line in lines for piece in line.pieces)

    def fitted(self, words: Sequence[Box]) -> list[Box]:
        """The boxes of one line's words, in any order, around their ink where there is any."""
        if not words or not self._places.boxes or _is_upright(words):
            return list(words)
        order = sorted(range(len(words)), key=lambda at: words[at].x0)
        line = [words[at] for at in order]
        pieces = [self._pieces(word) for word in line]
        runs = _runs({piece for of_word in pieces for piece in of_word})
        cuts = [_cut(one, other, runs) for one, other in pairwise(line)]
        edges = [float("-inf"), *cuts, float("inf")]
        found = list(words)
        for at, word, own, (left, right) in zip(order, line, pieces, pairwise(edges), strict=True):
            found[at] = _fitted(word, [p for p in own if left <= centre(p)[0] <= right])
        return found

    def _pieces(self, word: Box) -> list[Box]:
        """Letters on the word's line, beneath it and as far beside it as it is high."""
        height = word.y1 - word.y0
        top, bottom = word.y0 - _AROUND * height, word.y1 + _AROUND * height
        return [
            piece
            for piece in self._places.boxes_near(word, reach=height)
            if top <= (piece.y0 + piece.y1) / 2 <= bottom
            and piece.y1 - piece.y0 <= _TALLEST * height
            and piece.x1 > word.x0 - height
            and piece.x0 < word.x1 + height
        ]


def _is_upright(words: Sequence[Box]) -> bool:
    """Whether they stand below each other."""
    box = union(words)
    return len(words) > 1 and box.y1 - box.y0 > box.x1 - box.x0


def _runs(pieces: Iterable[Box]) -> list[tuple[int, int]]:
    """From and to where there is ink without a gap."""
    runs: list[tuple[int, int]] = []
    for piece in sorted(pieces):
        if runs and piece.x0 <= runs[-1][1]:
            runs[-1] = runs[-1][0], max(runs[-1][1], piece.x1)
        else:
            runs.append((piece.x0, piece.x1))
    return runs


def _cut(left: Box, right: Box, runs: Sequence[tuple[int, int]]) -> float:
    """Where one word ends and the next begins: in a wide gap that is near to where the two boxes meet."""
    meeting = (left.x1 + right.x0) / 2
    lowest, highest = centre(left)[0], centre(right)[0]
    gaps = [
        (start - end - _FAR * abs((start + end) / 2 - meeting), (start + end) / 2)
        for (_, end), (start, _) in pairwise(runs)
        if lowest <= (start + end) / 2 <= highest
    ]
    return max(gaps)[1] if gaps else meeting


def _fitted(word: Box, pieces: Sequence[Box]) -> Box:
    """Around the ink that is beneath the word, or goes on from there without much of a gap."""
    step = _STEP * (word.y1 - word.y0)
    beneath = [piece for piece in pieces if _is_beneath(word, piece)]
    if not beneath:
        return word
    left, right = min(piece.x0 for piece in beneath), max(piece.x1 for piece in beneath)
    for piece in sorted(pieces):
        if centre(piece)[0] > word.x1 and piece.x0 - right <= step:
            right = max(right, piece.x1)
    for piece in sorted(pieces, key=lambda each: -each.x1):
        if centre(piece)[0] < word.x0 and left - piece.x1 <= step:
            left = min(left, piece.x0)
    box = _without_specks([piece for piece in pieces if left <= piece.x0 and piece.x1 <= right])
    return box if box.x1 - box.x0 >= _CREDIBLE * (word.x1 - word.x0) else word


def _is_beneath(word: Box, piece: Box) -> bool:
    shared = min(word.x1, piece.x1) - max(word.x0, piece.x0)
    return shared * 2 >= min(word.x1 - word.x0, piece.x1 - piece.x0)


def _without_specks(pieces: Sequence[Box]) -> Box:
    """Around letters, and what is small only where it is near to them."""
    tallest = max(piece.y1 - piece.y0 for piece in pieces)
    letters = union(piece for piece in pieces if piece.y1 - piece.y0 >= _LETTER * tallest)
    top, bottom = letters.y0 - _ABOVE * tallest, letters.y1 + _ABOVE * tallest
    return union(piece for piece in pieces if piece.y1 > top and piece.y0 < bottom)
