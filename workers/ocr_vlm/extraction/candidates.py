"""Where on a page a value may stand."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from babel.numbers import get_currency_symbol
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment

from common.document.geometry import Box, union
from common.document.text import is_unspaced, joined
from workers.ocr_vlm.extraction.page_words import PageWords, Run, letters
from workers.ocr_vlm.extraction.written_dates import iso_date, iso_time, says_date, says_time
from workers.ocr_vlm.extraction.written_numbers import values

_MOST: Final = 400
_LONGEST_TEXT: Final = 2000  # characters
_MOST_COMPARED: Final = 30_000  # characters of values that are nowhere as they are
_SIGNS: Final = frozenset("-−–+()")  # noqa: RUF001 - as printed
_ALIKE: Final = 0.82
_ALIKE_WITH_OTHER_DIGITS: Final = 0.93
_SHORTEST_ALIKE: Final = 5
_SHORTEST_WITHIN: Final = 4
_MOST_OF_IT: Final = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """``quality``: 0 to 1, how surely this is what the value says; ``size``: the characters it rests on."""

    runs: tuple[Run, ...]
    bbox: Box
    quality: float
    size: int

    @property
    def first(self) -> int:
        return self.runs[0].first

    def words(self) -> Iterator[int]:
        return (index for run in self.runs for index in range(run.first, run.last))


class Candidates:
    """Of the values that are asked for, on one page."""

    def __init__(self, page: PageWords) -> None:
        self._page = page
        self._lines = list(page.lines())
        self._numbers = self._all_numbers()
        self._of_texts: dict[str, list[Candidate]] = {}
        self._left_to_compare = _MOST_COMPARED

    def of(self, value: Any) -> list[Candidate]:
        """The best of each place, in the order of the page; none of what is neither text nor number."""
        match value:
            case bool():
                return []
            case int() | float():
                return self._of_number(Decimal(str(value)))[:_MOST]
            case str() if value.strip():
                text = value.strip()[:_LONGEST_TEXT]
                if text not in self._of_texts:
                    self._of_texts[text] = self._of_text(text)[:_MOST]
                return self._of_texts[text]
        return []

    def _of_text(self, text: str) -> list[Candidate]:
        if (day := iso_date(text)) is not None:
            dates = self._windows(5, lambda shown: says_date(shown, day))
            return self._with_times(dates, text) or self._exact(letters(text))
        if (moment := iso_time(text)) is not None:
            return self._windows(2, lambda shown: says_time(shown, moment)) or self._exact(letters(text))
        key = letters(text)
        return (
            self._exact(key)
            or self._alike(key)
            or self._in_pieces(text)
            or (self._of_currency(text) if re.fullmatch("[A-Z]{3}", text) else [])
        )

    def _exact(self, key: str) -> list[Candidate]:
        found = []
        start = self._page.text.find(key) if key else -1
        while start >= 0:
            end = start + len(key)
            whole = self._page.begins_word(start) + self._page.ends_word(end)
            if whole == 2 or (len(key) >= _SHORTEST_WITHIN and whole) or is_unspaced(key[0]):
                run = self._page.run_of(start, end)
                found.append(self._candidate((run,), 0.8 + 0.1 * whole, len(key)))
            start = self._page.text.find(key, start + 1)
        return found

    def _alike(self, key: str) -> list[Candidate]:
        """The best stretch of each block, and of the page."""
        self._left_to_compare -= len(key)
        if len(key) < _SHORTEST_ALIKE or self._left_to_compare < 0:
            return []
        found: dict[Run, Candidate] = {}
        for start, end in self._stretches():
            at = partial_ratio_alignment(key, self._page.text[start:end], score_cutoff=100 * _ALIKE)
            if at is None or end - start < _MOST_OF_IT * len(key) or at.dest_end <= at.dest_start:
                continue
            run = self._page.run_of(start + at.dest_start, start + at.dest_end)
            if alike := self._likeness(key, run):
                found[run] = self._candidate((run,), 0.85 * alike, len(key))
        best = max((one.quality for one in found.values()), default=0)
        return [one for one in found.values() if one.quality > best - 0.05]

    def _stretches(self) -> Iterator[tuple[int, int]]:
        start = at = 0
        for index, key in enumerate(self._page.keys):
            at += len(key)
            is_last = index + 1 == len(self._page.keys)
            if is_last or self._page.block_of[index + 1] != self._page.block_of[index]:
                yield start, at
                start = at
        yield 0, at

    def _likeness(self, key: str, run: Run) -> float:
        """Also with a word less at either end; 0 where it is not alike enough.

        A number is another with one digit changed; a digit in a word is a letter that was misread.
        """
        runs = [run, Run(run.first + 1, run.last), Run(run.first, run.last - 1)]
        best = max(Levenshtein.normalized_similarity(key, self._page.key(one)) for one in runs)
        same = _digits(key) in ("", _digits(self._page.key(run)))
        return best if best >= (_ALIKE if same else _ALIKE_WITH_OTHER_DIGITS) else 0

    def _in_pieces(self, text: str) -> list[Candidate]:
        """Of a text whose parts stand near each other, but not one after the other."""
        keys = [key for part in re.split(r"[,;\n]|\s[-–|]\s", text) if len(key := letters(part)) > 1]  # noqa: RUF001
        found = [places for key in keys if (places := self._exact(key))]
        if len(found) < 2:
            return []
        anchor = max((places for places in found), key=lambda places: (places[0].size, -len(places)))[0]
        chosen = [
            nearest
            for places in found
            if _gap(nearest := min(places, key=lambda one: _gap(one, anchor)), anchor) < 3
        ]
        size = sum(one.size for one in chosen)
        if len(chosen) < 2 or size < _MOST_OF_IT * len(letters(text)):
            return []
        return [self._candidate(_joined_runs(run for one in chosen for run in one.runs), 0.7, size)]

    def _of_currency(self, code: str) -> list[Candidate]:
        sign = get_currency_symbol(code, locale="en")
        if sign == code:
            return []
        return [
            self._candidate((Run(at, at + 1),), 0.7, len(code))
            for at, word in enumerate(self._page.words)
            if sign[-1] in word.text
        ]

    def _with_times(self, dates: list[Candidate], text: str) -> list[Candidate]:
        """The dates, each with the time beside it where the text has one."""
        moment = iso_time(text)
        times = self._windows(2, lambda shown: says_time(shown, moment)) if moment else []
        joined_up = []
        for day in dates:
            beside = [one for one in times if self._page.are_beside(one.bbox, day.bbox)]
            runs = day.runs + (beside[0].runs if beside and beside[0].runs != day.runs else ())
            joined_up.append(self._candidate(runs, day.quality, day.size))
        return joined_up

    def _windows(self, most_words: int, fits: Callable[[str], bool]) -> list[Candidate]:
        """The shortest runs of words in one line that fit."""
        found: list[Run] = []
        for length in range(1, most_words + 1):
            for run in self._runs(length):
                shown = self._page.shown(run)
                if not any(map(str.isdigit, shown)) or any(_has(run, one) for one in found):
                    continue
                if fits(shown):
                    found.append(run)
        return [
            self._candidate((run,), 1.0, len(self._page.key(run)))
            for run in sorted(found, key=lambda run: run.first)
        ]

    def _runs(self, length: int) -> Iterator[Run]:
        for line in self._lines:
            for first in range(line.first, line.last - length + 1):
                yield Run(first, first + length)

    def _of_number(self, value: Decimal) -> list[Candidate]:
        exact = self._numbers.get(value, [])
        found = exact or [_less(one, 0.3) for one in self._numbers.get(-value, [])]
        if not found and 0 < abs(value) < 1:
            percents = self._numbers.get(value * 100, [])
            found = [_less(one, 0.3) for one in percents if self._is_percent(one)]
        return found

    def _is_percent(self, candidate: Candidate) -> bool:
        last = candidate.runs[-1].last
        near = self._page.words[candidate.first : last + 1]
        return any("%" in word.text or "٪" in word.text for word in near)

    def _all_numbers(self) -> dict[Decimal, list[Candidate]]:
        found: defaultdict[Decimal, list[Candidate]] = defaultdict(list)
        for length in range(1, 4):
            for run in self._runs(length):
                texts = [word.text for word in self._page.words[run.first : run.last]]
                if length > 1 and not _can_be_one_number(texts):
                    continue
                read = values(" ".join(texts))
                is_plain = not any(map(str.isalpha, joined(texts)))
                quality = (1.0 if is_plain else 0.9) - (0.1 if len(read) > 1 else 0)
                for value in read:
                    found[value].append(self._candidate((run,), quality, len(self._page.key(run))))
        return {value: sorted(places, key=lambda one: one.first) for value, places in found.items()}

    def _candidate(self, runs: tuple[Run, ...], quality: float, size: int) -> Candidate:
        return Candidate(runs, union(self._page.box(run) for run in runs), quality, size)


def _can_be_one_number(texts: Sequence[str]) -> bool:
    """Thousands with a blank between them, or a sign apart."""
    groups = [text for text in texts if any(map(str.isdigit, text))]
    signs = [text for text in texts if not any(map(str.isdigit, text))]
    return bool(groups) and all(set(sign) <= _SIGNS for sign in signs) and len(signs) < 2


def _joined_runs(runs: Iterable[Run]) -> tuple[Run, ...]:
    """In the order of the page, as few as they can be."""
    made: list[Run] = []
    for run in sorted(set(runs), key=lambda run: run.first):
        if made and run.first <= made[-1].last:
            made[-1] = Run(made[-1].first, max(run.last, made[-1].last))
        else:
            made.append(run)
    return tuple(made)


def _less(candidate: Candidate, by: float) -> Candidate:
    return Candidate(candidate.runs, candidate.bbox, candidate.quality - by, candidate.size)


def _digits(key: str) -> str:
    return "".join(filter(str.isdigit, key))


def _has(run: Run, other: Run) -> bool:
    return run.first <= other.first and other.last <= run.last


def _gap(one: Candidate, other: Candidate) -> float:
    """How far apart they are, in heights of lines; nothing to the side counts less."""
    height = max(1, min(one.bbox.y1 - one.bbox.y0, other.bbox.y1 - other.bbox.y0))
    down = max(0, one.bbox.y0 - other.bbox.y1, other.bbox.y0 - one.bbox.y1)
    across = max(0, one.bbox.x0 - other.bbox.x1, other.bbox.x0 - one.bbox.x1)
    return down / height + across / height / 10
