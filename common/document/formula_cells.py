"""Texts in the cells of spreadsheets, which must not become formulas when somebody opens the file.

A spreadsheet takes what begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and a formula can start
programs or send the sheet away (https://owasp.org/www-community/attacks/CSV_Injection). Scans are written
by anybody.
"""

# ruff: noqa: RUF001 - the signs of other scripts

import re
from typing import Final

# Blanks and invisible characters may go before: some programs drop them when they read. A tab or a line
# break at the beginning is enough.
_FORMULA: Final = re.compile(
    r"[\t\r\n]|[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[=+\-@＝＋－＠]"
)
_CURRENCY: Final = r"(?:[A-Z]{0,3}[$¢-¥؋৲৳฿៛\u20a0-\u20cf﷼＄￠￡￥￦]|[A-Z]{3})"
_BLANK: Final = "[ \u00a0\u2009\u202f]?"
_DIGITS: Final = r"(?:\d+(?:[.,'’ \u00a0\u2009\u202f]\d+)*[.,]?|[.,]\d+)(?:[eE][+\-]?\d+)?"
# -12.5, +3, -1,200.00, -1.200,00, -1 200, -1'200, -.5, -3e-5, -5 %, -$12.00, -12 €, -12.50 EUR
_NUMBER: Final = re.compile(rf"[+\-]?{_BLANK}{_CURRENCY}?{_BLANK}{_DIGITS}{_BLANK}(?:[%‰]|{_CURRENCY})?\s*")
_MARK: Final = re.compile(r"[+\-]+\s*")  # stands for an empty cell, a yes or a no
_TEXT_FOLLOWS: Final = "'"


def harmless(text: str) -> str:
    """``text`` as it is, unless it could be a formula: then with an apostrophe before it.

    Numbers stay numbers, with their sign, separators, exponent, per cent sign or currency.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text) and not _MARK.fullmatch(text):
        return _TEXT_FOLLOWS + text
    return text
