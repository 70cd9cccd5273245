"""Markers of list items: bullets and numbers, told from words by their neighbours."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.layout.rows import Row

# The last range is where fonts of symbols have theirs in PDF files.
_BULLET: Final = re.compile(r"[•‣◦▪▫●○■□◆◇►▶➢➤✓✔❖∙\uf000-\uf0ff]\S*")
# Signs that also begin spoken lines, notes and sums; and what OCR makes of a bullet.
_DOUBTFUL_BULLET: Final = re.compile(r"[-–*·+]")
_MISREAD_BULLET: Final = re.compile(r"[oe»¢«©]|¢[«»]")
_NUMBER: Final = re.compile(
    r"\(?(?:(?P<digits>\d{1,3})|(?P<roman>[ivxIVX]{1,5})|(?P<letter>[^\W\d_])"
    r"|(?P<han>[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]))(?P<close>[.)、）．])"
)
_CIRCLED: Final = re.compile(r"[①-⑳⑴-⒇]")
_ROMAN: Final = {"i": 1, "v": 5, "x": 10}
_HAN: Final = {mark: value for value, mark in enumerate("一二三四五六七八九十", start=1)}
_MISREAD: Final = "misread"
_SHORT_EMS: Final = 5.0
_SENTENCE_ENDS: Final = frozenset(".!?:;…。！？：；؟۔।॥")
_INDENT_EMS: Final = 0.6


@dataclass(frozen=True, slots=True)
class Marker:
    """What a row begins with: its kind ("•", "1.", "(a)", …) and, of a number, its value."""

    kind: str
    value: int | None = None

    @property
    def following(self) -> "Marker":
        """What the next item of the list begins with."""
        return self if self.value is None else Marker(self.kind, self.value + 1)


def list_rows(rows: Sequence[Row]) -> frozenset[int]:
    """The indices of the rows that begin a list item.

    But for bullets, an item needs a brother of the same kind, and to look like one: words and numbers
    that begin a line of running text do not count.
    """
    markers = [_markers(row.text) for row in rows]
    right = max((row.box.x1 for row in rows), default=0)
    found = {index for index, kinds in enumerate(markers) if any(map(_is_sure, kinds))}
    likely = [
        index
        for index, kinds in enumerate(markers)
        if kinds
        and index not in found
        and _begins(rows, markers, index, right)
        and (_is_hung(rows, markers, index) or _is_last(rows, markers, index, right))
    ]
    nearest: dict[Marker, int] = {}  # of the rows further down: where each begins one first
    for index in reversed(likely):
        siblings = [nearest[marker.following] for marker in markers[index] if marker.following in nearest]
        if siblings:
            found |= {index, min(siblings)}
        nearest.update((marker, index) for marker in markers[index])
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
    if _MISREAD_BULLET.fullmatch(first):
        return [Marker(_MISREAD)]
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


def _begins(rows: Sequence[Row], markers: Sequence[Sequence[Marker]], index: int, right: int) -> bool:
    """Whether the text above has come to an end: another item, another indent, a gap, a full stop."""
    if index == 0 or markers[index - 1]:
        return True
    above, row = rows[index - 1], rows[index]
    return (
        abs(above.box.x0 - row.box.x0) > _INDENT_EMS * row.em
        or row.box.y0 - above.box.y1 > row.em
        or above.text[-1:] in _SENTENCE_ENDS
        or above.box.x1 < right - _SHORT_EMS * row.em
    )


def _is_hung(rows: Sequence[Row], markers: Sequence[Sequence[Marker]], index: int) -> bool:
    """Whether an item's text goes on below it and not further left, as spoken lines and paragraphs do.

    Where the marker may be a word ("e", "o") it goes on further right.
    """
    if index + 1 >= len(rows) or markers[index + 1]:
        return True
    row, below = rows[index], rows[index + 1]
    if below.box.y0 - row.box.y1 > row.em:
        return True
    indent = _INDENT_EMS * row.em
    is_word = markers[index][0].kind == _MISREAD
    return below.box.x0 >= row.box.x0 + (indent if is_word else -indent)


def _is_last(rows: Sequence[Row], markers: Sequence[Sequence[Marker]], index: int, right: int) -> bool:
    """Whether a short row stands right below another that begins as it does: it ends the list."""
    row, above = rows[index], rows[max(0, index - 1)]
    return (
        row.box.x1 < right - _SHORT_EMS * row.em
        and abs(above.box.x0 - row.box.x0) < _INDENT_EMS * row.em
        and any(marker.following in markers[index] for marker in markers[max(0, index - 1)])
    )


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
