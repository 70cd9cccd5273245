"""Items of lists: the sign or number before the text, told from the text."""

# ruff: noqa: RUF001 - the dashes and quotes of prints

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BULLETS: Final = frozenset("•‣◦▪▫●○■□◆◇►▶➢➤∙·*+-–—")
_SYMBOL: Final = re.compile("[\uf000-\uf0ff]")  # where fonts of symbols have bullets in PDF files
_MISREAD_BULLETS: Final = frozenset((*"oe»¢«©", "¢«", "¢»"))
_NUMBER: Final = re.compile(r"([0-9]{1,9}[.)])\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class ListItem:
    """``number`` is as it was printed ("3.", "3)"); a bullet is a sign before the text, whichever.

    Other markers ("a)", "①") are part of ``text``.
    """

    text: str
    number: str | None = None
    has_bullet: bool = False


def list_items(texts: Sequence[str]) -> list[ListItem]:
    """The items of one list, by their texts; what is a bullet shows in comparison."""
    misread = _misread_bullets(texts)
    return [_item(text, misread) for text in texts]


def _item(text: str, misread: frozenset[str]) -> ListItem:
    number = _NUMBER.match(text)
    if number:
        return ListItem(text[number.end() :], number=number[1])
    first, _, rest = text.partition(" ")
    if rest and (first in _BULLETS or first in misread or _SYMBOL.fullmatch(first)):
        return ListItem(rest, has_bullet=True)
    return ListItem(text)


def _misread_bullets(texts: Sequence[str]) -> frozenset[str]:
    """The letters that stand where bullets should, in more than one item."""
    found = [first for text in texts if (first := text.partition(" ")[0]) in _MISREAD_BULLETS]
    return frozenset(found if len(found) > 1 else ())
