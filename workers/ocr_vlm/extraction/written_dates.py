"""Dates and times as people write them."""

import re
import unicodedata
from datetime import date, time
from functools import cache
from itertools import permutations
from typing import Final

from babel import Locale

from workers.ocr_vlm.extraction.page_words import letters, pieces

_LANGUAGES: Final = (
    "en de fr es it pt nl pl cs sk sv da nb fi hu ro hr sl bg ru uk el tr ca lt lv et ar he hi id vi th ja "
    "zh ko"
)
_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO_TIME: Final = re.compile(r"(\d{2}):(\d{2})(?::\d{2})?")
_TIME: Final = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:.h]\s*(\d{2})(?!\d)(?:[:.]\d{2})?\s*([ap])?\.?(?:m\b)?", re.IGNORECASE
)
_SHORTEST: Final = 3  # letters of a month's name
_NUMBER: Final = re.compile(r"\d+")


def iso_date(text: str) -> date | None:
    """Of YYYY-MM-DD, with or without a time."""
    found = _ISO.fullmatch(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def iso_time(text: str) -> time | None:
    """Of HH:MM, also behind a date."""
    found = _ISO_TIME.fullmatch(text.strip())
    dated = _ISO.fullmatch(text.strip())
    hour, minute = (found[1], found[2]) if found else (dated[4], dated[5]) if dated and dated[4] else ("", "")
    try:
        return time(int(hour), int(minute)) if hour else None
    except ValueError:
        return None


def says_date(text: str, wanted: date) -> bool:
    """Whether the text is that date, in any order, with the month as a number or by name."""
    plain = _plain(text)
    numbers = [int(number) for number in _NUMBER.findall(plain)]
    if len(numbers) == 1 and len(_NUMBER.findall(plain)[0]) == 8:
        digits = f"{wanted:%Y%m%d}", f"{wanted:%d%m%Y}", f"{wanted:%m%d%Y}"
        return _NUMBER.findall(plain)[0] in digits
    years = (wanted.year, wanted.year % 100)
    if len(numbers) == 3:
        return any(
            (first, second, third) in _orders(wanted, year)
            for year in years
            for first, second, third in [numbers]
        )
    return (
        len(numbers) == 2
        and _names_month(plain, wanted)
        and any(pair in permutations((wanted.day, year)) for year in years for pair in [tuple(numbers)])
    )


def says_time(text: str, wanted: time) -> bool:
    for found in _TIME.finditer(_plain(text)):
        hour, half = int(found[1]), (found[3] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "p" else 0)
        if (hour, int(found[2])) == (wanted.hour, wanted.minute):
            return True
    return False


def _orders(wanted: date, year: int) -> set[tuple[int, int, int]]:
    day, month = wanted.day, wanted.month
    return {(day, month, year), (month, day, year), (year, month, day)}


def _names_month(text: str, wanted: date) -> bool:
    names = _months()[wanted.month]
    return any(
        piece in names or (len(piece) >= _SHORTEST and any(name.startswith(piece) for name in names))
        for piece in pieces(re.sub(r"\d+", " ", text))
    )


def _plain(text: str) -> str:
    return "".join(
        mark if (value := unicodedata.decimal(mark, None)) is None else str(value) for mark in text
    )


@cache
def _months() -> dict[int, frozenset[str]]:
    """The names of each month, long and short, and the Roman numbers that some use."""
    names: dict[int, set[str]] = {number: set() for number in range(1, 13)}
    for language in _LANGUAGES.split():
        months = Locale(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[form][width].items():
                    names[number] |= {letters(name), *pieces(name)[:1]}
    for number, roman in enumerate(_ROMAN, start=1):
        names[number].add(roman)
    return {
        number: frozenset(name for name in found if name and not name.isdigit())
        for number, found in names.items()
    }
