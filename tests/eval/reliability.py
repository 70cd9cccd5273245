"""Whether confidences mean what they say: of the words marked 0.9, about 90 % should be right.

A word is right where it stands in the true text at the place that aligning both puts it. The expected
calibration error is the mean distance between confidence and share of right words, over ten ranges of
confidence, each weighted by its words (Naeini, Cooper and Hauskrecht, AAAI 2015).
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import Levenshtein

RANGES: Final = 10
_ALIKE: Final = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u017f", "''\"\"--s")


@dataclass(frozen=True, slots=True)
class Judged:
    """A word's confidence, and whether it was read right."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The words whose confidence is in one of the ranges: how many, what they say, and what is so."""

    words: int
    confidence: float
    right: float


def judged(truth: str, words: Sequence[tuple[str, float]], *, upper: bool = False) -> list[Judged]:
    """``words`` are (text, confidence) in reading order; ``upper``: the truth is in capitals alone."""
    true = [_folded(word, upper) for word in truth.split()]
    read = [_folded(text, upper) for text, _ in words]
    right: set[int] = set()
    for block in Levenshtein.opcodes(true, read):
        if block.tag == "equal":
            right.update(range(block.dest_start, block.dest_end))
    return [Judged(confidence, at in right) for at, (_, confidence) in enumerate(words)]


def words_of(job: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """The words of a job that was fetched with ``?detail=words``."""
    for page in job["pages"]:
        for block in page["blocks"]:
            for line in block["lines"]:
                for word in line["words"]:
                    yield str(word["text"]), float(word["confidence"])


def ranges(words: Iterable[Judged]) -> list[Range]:
    """The ranges that have words, from unsure to sure."""
    held: list[list[Judged]] = [[] for _ in range(RANGES)]
    for word in words:
        held[min(RANGES - 1, int(word.confidence * RANGES))].append(word)
    return [_range(of_range) for of_range in held if of_range]


def calibration_error(words: Sequence[Judged]) -> float:
    """0 where every confidence is right; 0 without words."""
    far = sum(found.words * abs(found.confidence - found.right) for found in ranges(words))
    return far / len(words) if words else 0.0


def table(words: Sequence[Judged]) -> str:
    lines = [f"{'words':>8}{'confidence':>12}{'right':>8}"]
    lines += [f"{found.words:8}{found.confidence:12.3f}{found.right:8.3f}" for found in ranges(words)]
    return "\n".join([*lines, f"expected calibration error {calibration_error(words):.4f}"])


def _range(words: Sequence[Judged]) -> Range:
    count = len(words)
    return Range(
        count,
        sum(word.confidence for word in words) / count,
        sum(word.right for word in words) / count,
    )


def _folded(word: str, upper: bool) -> str:
    """Quotes and dashes alike, which a transcript and a print may have different ones of."""
    plain = unicodedata.normalize("NFC", word).translate(_ALIKE)
    return plain.upper() if upper else plain
