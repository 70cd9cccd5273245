"""Markers of list items: bullets and numbers, told from words by their neighbours."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.layout.rows import Row

_BULLET: Final = re.compile(r"[•‣◦▪▫●○■□◆◇►▶➢➤✓✔❖∙]\S*")
# Signs that also begin spoken lines, notes and sums; the last ones are what OCR makes of a bullet.
_DOUBTFUL_BULLET: Final = re.compile(r"[-–*·+]|[oe»¢«]")
_NUMBER: Final = re.compile(
    r"\(?(?:(?P<digits>\d{1,3})|(?P<roman>[ivxIVX]{1,5})|(?P<letter>[^\W\d_])"
    r"|(?P<han>[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]))(?P<close>[.)、）．])"
)
_CIRCLED: Final = re.compile(r"[①-⑳⑴-⒇]")
_ROMAN: Final = {"i": 1, "v": 5, "x": 10}
_HAN: Final = {mark: value for value, mark in enumerate("一二三四五六七八九十", start=1)}
_INDENT_EMS: Final = 0.6


@dataclass(frozen=True, slots=True)
class Marker:
    """What a row begins with: its kind ("•", "1.", "(a)", …) and, of a number, its value."""

    kind: str
    value: int | None = None


def list_rows(rows: Sequence[Row]) -> frozenset[int]:
    """The indices of the rows that begin a list item."""
    candidates = [(index, kinds) for index, row in enumerate(rows) if (kinds := _markers(row.text))]
    found: set[int] = set()
    for position, (index, kinds) in enumerate(candidates):
        if any(_is_sure(marker) for marker in kinds):
            found.add(index)
            continue
        for other, other_kinds in candidates[position + 1 :]:
            if _are_siblings(kinds, other_kinds) and _is_hung(rows, index) and _is_hung(rows, other):
                found |= {index, other}
                break
    return frozenset(found)


def _markers(text: str) -> list[Marker]:
    """All that the first word may mean: "i." is a Roman one and a letter."""
    first, _, rest = text.partition(" ")
    if not rest:
        return []
    if _BULLET.fullmatch(first):
        return [Marker("bullet" + first[0])]
    if _DOUBTFUL_BULLET.fullmatch(first):
        return [Marker(first)]
    if _CIRCLED.fullmatch(first):
        return [Marker("circled", round(unicodedata.numeric(first)))]
    match = _NUMBER.fullmatch(first)
    if match is None or (match["close"] == ")" and first.count("(") > 1):
        return []
    return _numbers(match, ("(" if first[0] == "(" else "") + match["close"])


def _numbers(match: re.Match[str], shape: str) -> list[Marker]:
    if match["digits"]:
        return [Marker("1" + shape, int(match["digits"]))]
    text = match["roman"] or match["letter"] or match["han"]
    found: list[Marker] = []
    if match["han"] or text in _HAN:
        found.append(Marker("一" + shape, _han(text)))
    elif match["roman"]:
        found.append(Marker(("i" if text.islower() else "I") + shape, _roman(text.lower())))
    if len(text) == 1 and text not in _HAN:
        found.append(Marker(("a" if text.islower() else "A") + shape, ord(text)))
    return found


def _is_sure(marker: Marker) -> bool:
    return marker.kind.startswith(("bullet", "circled"))


def _are_siblings(ones: Sequence[Marker], others: Sequence[Marker]) -> bool:
    return any(
        one.kind == other.kind
        and (one.value is None or (other.value is not None and other.value == one.value + 1))
        for one in ones
        for other in others
    )


def _is_hung(rows: Sequence[Row], index: int) -> bool:
    """No item's text runs on further left than its marker stands: spoken lines and paragraphs do."""
    if index + 1 >= len(rows):
        return True
    row, following = rows[index], rows[index + 1]
    return following.box.x0 >= row.box.x0 - _INDENT_EMS * row.em or _is_far(row, following)


def _is_far(upper: Row, lower: Row) -> bool:
    return lower.box.y0 - upper.box.y1 > upper.em or bool(_markers(lower.text))


def _roman(text: str) -> int:
    total = 0
    for mark, following in zip(text, [*text[1:], ""], strict=True):
        value = _ROMAN[mark]
        total += -value if following and _ROMAN[following] > value else value
    return total


def _han(text: str) -> int:
    if len(text) == 1:
        return _HAN[text]
    tens, _, ones = text.partition("十")
    return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0)
