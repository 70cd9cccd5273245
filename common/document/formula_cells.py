"""Texts in the cells of spreadsheets, which must not become formulas when somebody opens the file.

A spreadsheet takes what begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and a formula can start
programs or send the sheet away (https://owasp.org/www-community/attacks/CSV_Injection). Scans are written
by anybody.

Where the list separator is not the comma (German or French Excel), or where several are chosen
(LibreOffice), cells are cut at semicolons, tabs and line breaks, too: behind them a cell may begin.
There the comma may be that of decimals, too: the cells ``-5`` and ``3*F(A1)`` are one, ``-5,3*F(A1)``.
"""

# ruff: noqa: RUF001 - the signs of other scripts

import re
from collections.abc import Iterable
from typing import Final

from common.document.direction_controls import without_direction_controls

# Blanks and invisible characters may go before: some programs drop them when they read. A tab or a line
# break at the beginning is enough.
_INVISIBLE: Final = r"\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_SIGN: Final = "[=+\\-@＝＋－＠]"
_FORMULA: Final = re.compile(rf"[\t\r\n]|[{_INVISIBLE}]*{_SIGN}")
_SEPARATOR: Final = re.compile(r"([;\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029])")
# A quotation mark is no part of the text where a cell begins with it.
_INNER_FORMULA: Final = re.compile(rf"[{_INVISIBLE}\"]*{_SIGN}")
_CURRENCY: Final = r"(?:[A-Z]{0,3}[$¢-¥؋৲৳฿៛\u20a0-\u20cf﷼＄￠￡￥￦]|[A-Z]{3})"
_BLANK: Final = "[ \u00a0\u2009\u202f]?"
_DIGITS: Final = r"(?:\d+(?:[.,'’ \u00a0\u2009\u202f]\d+)*[.,]?|[.,]\d+)(?:[eE][+\-]?\d+)?"
# -12.5, +3, -1,200.00, -1.200,00, -1 200, -1'200, -.5, -3e-5, -5 %, -$12.00, -12 €, -12.50 EUR
_NUMBER: Final = re.compile(
    rf"{_BLANK}[+\-]?{_BLANK}{_CURRENCY}?{_BLANK}{_DIGITS}{_BLANK}(?:[%‰]|{_CURRENCY})?\s*"
)
_MARK: Final = re.compile(rf"{_BLANK}[+\-]+\s*")  # stands for an empty cell, a yes or a no
_SIGNED: Final = re.compile(rf"[{_INVISIBLE}\"]*{_SIGN}")
# What may go on behind the comma of decimals and then reckon with more than numbers.
_REST_OF_FORMULA: Final = re.compile(rf"[{_INVISIBLE}\"]*\d(?=.*[^\W\d_])(?=.*[(+\-*/^&<>=!|:%])", re.DOTALL)
_TEXT_FOLLOWS: Final = "'"


def harmless(text: str) -> str:
    """``text`` with an apostrophe before what could be a formula, and without controls of direction.

    Numbers stay numbers, with their sign, separators, exponent, per cent sign or currency.
    """
    text = without_direction_controls(text)
    first, *others = _SEPARATOR.split(text)
    inner = (_TEXT_FOLLOWS + part if _is_formula(part, _INNER_FORMULA) else part for part in others)
    return (_TEXT_FOLLOWS if _is_formula(text, _FORMULA) else "") + first + "".join(inner)


def harmless_row(texts: Iterable[str]) -> list[str]:
    """The cells of a row made :func:`harmless`, also where a spreadsheet takes their commas for decimals'."""
    row: list[str] = []
    is_begun = False  # a sign stands where a spreadsheet may begin a cell, and commas alone are behind it
    for text in map(harmless, texts):
        row.append(_TEXT_FOLLOWS + text if is_begun and _REST_OF_FORMULA.match(text) else text)
        *before, last = _SEPARATOR.split(text)
        if before or len(row) == 1:
            is_begun = bool(_SIGNED.match(last))
    return row


def _is_formula(text: str, beginning: re.Pattern[str]) -> bool:
    return bool(beginning.match(text)) and not _NUMBER.fullmatch(text) and not _MARK.fullmatch(text)
