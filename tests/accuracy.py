"""How far a reading is from the truth: character and word error rate, and word F1.

Both sides are folded alike: Unicode NFC, every run of white space one blank. A folder of evaluation
sets may bring a ``score.py`` with a function ``score(truth, reading)`` of its own, which is then used.
"""

import importlib.util
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Error rates as shares of the truth's length (they can exceed 1), and 0 … 1 for F1."""

    cer: float
    wer: float
    f1: float


Scorer = Callable[[str, str], Accuracy]


def accuracy(truth: str, reading: str) -> Accuracy:
    true, read = _folded(truth), _folded(reading)
    true_words, read_words = true.split(), read.split()
    return Accuracy(
        cer=_rate(Levenshtein.distance(true, read), len(true), len(read)),
        wer=_rate(Levenshtein.distance(true_words, read_words), len(true_words), len(read_words)),
        f1=_word_f1(true_words, read_words),
    )


def assert_reads(truth: str, reading: str, most_cer: float = 0.01) -> None:
    """A whole page of clean print may have a character or two wrong, and not a word missing."""
    found = accuracy(truth, reading)
    assert found.cer <= most_cer, f"CER {found.cer:.3f}\ntruth:   {truth!r}\nreading: {reading!r}"


def scorer_for(folder: Path) -> Scorer:
    """The scorer of ``score.py`` in the folder or the one above it, else :func:`accuracy`."""
    for script in (folder / "score.py", folder.parent / "score.py"):
        if script.exists():
            return _scorer_from(script)
    return accuracy


def _scorer_from(script: Path) -> Scorer:
    spec = importlib.util.spec_from_file_location("evaluation_score", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def scored(truth: str, reading: str) -> Accuracy:
        found = module.score(truth, reading)
        return Accuracy(cer=found["cer"], wer=found["wer"], f1=found["f1"])

    return scored


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _rate(edits: int, true_length: int, read_length: int) -> float:
    if true_length == 0:
        return 1.0 if read_length else 0.0
    return edits / true_length


def _word_f1(true: list[str], read: list[str]) -> float:
    if not true and not read:
        return 1.0
    shared = (Counter(true) & Counter(read)).total()
    return 2 * shared / (len(true) + len(read))
