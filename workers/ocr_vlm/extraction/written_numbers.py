"""Numbers as any nation writes them."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

# ruff: noqa: RUF001 - the marks of prints

_MINUS: Final = "-−–‐‑"
_BLANKS: Final = " \u00a0\u2009\u202f"
_GROUPS: Final = f"[.,'’٬{_BLANKS}]"
_NUMBER: Final = re.compile(
    rf"(?P<sign>[{_MINUS}(])?\W{{0,3}}?(?P<digits>\d+(?:{_GROUPS}\d+)*)(?P<empty>[.,][-–—]+)?(?P<after>\s*[{_MINUS})])?"
)
_MOST_LETTERS_BEFORE: Final = 3
_MOST_LETTERS_AFTER: Final = 4


@lru_cache(maxsize=8192)
def values(text: str) -> frozenset[Decimal]:
    """What the text may say as one number with at most a currency or unit at it; empty where it is none."""
    plain = "".join(_digit(mark) for mark in unicodedata.normalize("NFC", text)).strip()
    label, _, rest = plain.rpartition(":")
    if rest and not any(map(str.isdigit, label)):
        plain = rest
    found = list(_NUMBER.finditer(plain))
    if len(found) != 1:
        return frozenset()
    number = found[0]
    before = sum(map(str.isalpha, plain[: number.start("digits")]))
    after = sum(map(str.isalpha, plain[number.end() :]))
    if before > _MOST_LETTERS_BEFORE or after > _MOST_LETTERS_AFTER:
        return frozenset()
    is_negative = _is_negative(plain, number)
    read = _readings(number["digits"])
    return frozenset(-value for value in read) if is_negative else read


def _is_negative(plain: str, number: re.Match[str]) -> bool:
    before = plain[: number.start("digits")]
    after = (number["after"] or "").strip()
    if "(" in before and ")" in plain[number.end("digits") :]:
        return True
    return any(mark in before for mark in _MINUS) or (after != "" and after in _MINUS)


def _readings(digits: str) -> frozenset[Decimal]:
    """1.234 is a thousand and more or one and less than two; 1.234,56 is one thing alone."""
    marks = [mark for mark in digits if not mark.isdigit()]
    readings = {_decimal(re.sub(r"\D", "", digits))} if _is_grouped(digits) else set()
    if marks and marks[-1] in ".,٫" and marks.count(marks[-1]) == 1:
        whole, _, rest = digits.rpartition(marks[-1])
        if len(marks) == 1 or _is_grouped(whole):
            readings.add(_decimal(re.sub(r"\D", "", whole) + "." + rest))
    return frozenset(reading for reading in readings if reading is not None)


def _is_grouped(digits: str) -> bool:
    """By one mark alone, in threes, or as in India in twos before the last three."""
    marks = {mark for mark in digits if not mark.isdigit()}
    groups = re.split(r"\D", digits)
    return len(marks) <= 1 and (
        not marks
        or (
            len(groups[-1]) == 3
            and 1 <= len(groups[0]) <= 3
            and all(len(one) in (2, 3) for one in groups[1:])
        )
    )


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _digit(mark: str) -> str:
    """Digits of all scripts as ours; the Arabic decimal mark as a comma."""
    if mark == "٫":
        return ","
    value = unicodedata.decimal(mark, None)
    return mark if value is None else str(value)
