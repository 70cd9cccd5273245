"""How far a PDF page's own text can be believed, and which parts of the page are still to be read."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from common.document.geometry import Box, area, clip, part_within, shared_area, union
from common.document.page import Block
from common.document.places import Places
from common.document.text import words
from common.document.text_layer import LayerWord, PageText
from common.reading.own_text.plausibility import is_broken, looks_like_language, odd_share

LayerLine = tuple[LayerWord, ...]

_MOST_GARBLED: Final = 0.3  # of the letters; a page with more is read as if it had no text
_LARGE_PICTURE: Final = 0.4  # of the page: a scan, or the ground on which words are painted
_ENOUGH_WORDS: Final = 300  # to tell by whether a font's text looks like language
_WORDS_ON_A_GROUND: Final = 30
# Of invisible text: a layer with more odd words, or that leaves out more of what is seen, is read anew.
_MOST_ODD: Final = 0.06
_FEWEST_HIDDEN_WORDS: Final = 5
_EXPLAINED: Final = 0.85
_LINES_TO_CHECK: Final = 5
_INSIDE: Final = 0.7  # of a word, to be compared: neighbouring lines are cut by the margin
_CHECK_MARGIN: Final = 0.05  # heights of that stretch
_AGREEMENT: Final = 0.9  # of the words; two good readings of a clean page share 0.96 and more
_SYMBOL: Final = re.compile("[\uf020-\uf0ff]")  # where Symbol, Wingdings and their like are mapped to
_BULLET: Final = "\u2022"
_ROW_MARGIN: Final = 0.5  # heights


class Extent(Enum):
    """Whether the page's own text is all of it, some of it, or not to be used."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Trust:
    """``lines`` are what to believe; ``unread`` are the boxes of the page that are left to a reader.

    ``check`` is there where hidden words are believed: a part of the page to be read as a test of them
    (``agrees``).
    """

    extent: Extent
    lines: tuple[LayerLine, ...] = ()
    unread: tuple[Box, ...] = ()
    check: Box | None = None


def judge(text: PageText) -> Trust:
    """The rule: painted text is right unless it looks like no language; invisible text must prove itself."""
    whole_page = Box(0, 0, text.width, text.height)
    nothing = Trust(Extent.NONE, unread=(whole_page,))
    text = replace(text, lines=tuple(_with_bullets(text.lines)))
    painted = [word for word in text.words if not word.hidden]
    garbled = _garbled(painted)
    if _length(garbled) > _MOST_GARBLED * _length(painted):
        return nothing
    hidden = [word for word in text.words if word.hidden]
    believes_hidden = _is_good_reading(hidden, text.unexplained)
    refused = set(map(id, garbled if believes_hidden else [*garbled, *hidden]))
    lines = tuple(_without(text.lines, refused))
    if not lines:
        return nothing
    unread = [*_rows(garbled, text), *_unread_rows(text, hidden if believes_hidden else [])]
    if not believes_hidden:
        unread += _scans(text, painted)
    return Trust(
        Extent.PART if unread else Extent.WHOLE,
        lines,
        _regions(unread, text),
        _check(lines, text) if believes_hidden else None,
    )


def agrees(trust: Trust, read: Iterable[Block]) -> bool:
    """Whether ``read``, what a reader found in the box ``trust.check``, is what the hidden words say.

    Boxes are pixels of the page. Letters and figures alone are compared, and in no order of lines.
    """
    if trust.check is None:
        return True
    box = trust.check
    said = [word for line in trust.lines for word in line if part_within(word.bbox, box) > _INSIDE]
    found = [word for word in words(read) if part_within(word.bbox, box) > _INSIDE]
    there = Counter(_bare(word.text) for word in found)
    here = Counter(_bare(word.text) for word in said)
    common = (there & here).total()
    return 2 * common >= _AGREEMENT * (there.total() + here.total())


def _check(lines: Sequence[LayerLine], text: PageText) -> Box | None:
    """A few lines on end that stand close, of the longer ones."""
    hidden = [line for line in lines if all(word.hidden for word in line)]
    starts = range(max(1, len(hidden) - _LINES_TO_CHECK + 1))
    boxes = [_around(hidden[start : start + _LINES_TO_CHECK]) for start in starts if hidden]
    if not boxes:
        return None
    lowest = min(box.y1 - box.y0 for box in boxes)
    close = [box for box in boxes if box.y1 - box.y0 <= 1.5 * lowest]
    return clip(_padded(max(close, key=area), _CHECK_MARGIN), text.width, text.height)


def _around(lines: Iterable[LayerLine]) -> Box:
    return union(word.bbox for line in lines for word in line)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _with_bullets(lines: Iterable[LayerLine]) -> Iterable[LayerLine]:
    """Lone signs of the fonts that have no letters: a bullet where a line begins, else nothing to read."""
    for line in lines:
        signs = [_SYMBOL.fullmatch(word.text) is not None for word in line]
        kept = [word for word, is_sign in zip(line, signs, strict=True) if not is_sign]
        if signs[0]:
            kept = [replace(line[0], text=_BULLET), *kept]
        if kept:
            yield tuple(kept)


def _garbled(words: Sequence[LayerWord]) -> list[LayerWord]:
    """The words of fonts whose text looks like no language, and broken ones elsewhere."""
    by_font: defaultdict[tuple[int, bool], list[LayerWord]] = defaultdict(list)
    for word in words:
        by_font[word.font, word.mapped].append(word)
    garbled = []
    for (_, mapped), same_font in by_font.items():
        plausible = looks_like_language(" ".join(word.text for word in same_font[:_ENOUGH_WORDS]))
        # Where the file does not tell the characters, a guess has to look right; else it must not look wrong.
        right = plausible is not False if mapped else plausible is True
        garbled += [word for word in same_font if not right or is_broken(word.text)]
    return garbled


def _is_good_reading(hidden: Sequence[LayerWord], rows: Sequence[Box]) -> bool:
    """Whether invisible words, somebody's recognition, read well and cover what is seen."""
    if len(hidden) < _FEWEST_HIDDEN_WORDS or any(is_broken(word.text) for word in hidden):
        return False
    texts = [word.text for word in hidden]
    if looks_like_language(" ".join(texts)) is not True or odd_share(texts) > _MOST_ODD:
        return False
    known_rows = Places(rows)
    if sum(_is_in_a_row(word, known_rows) for word in hidden) < _EXPLAINED * len(hidden):
        return False
    seen = sum(row.x1 - row.x0 for row in rows)
    known_words = Places(word.bbox for word in hidden)
    return sum(_explained_width(row, known_words) for row in rows) >= _EXPLAINED * seen


def _unread_rows(text: PageText, hidden: Sequence[LayerWord]) -> list[Box]:
    """The rows that look like text, the whole picture for those that are in one."""
    found = []
    known_words, images = Places(word.bbox for word in hidden), Places(text.images)
    for row in text.unexplained:
        if hidden and _explained_width(row, known_words) > (1 - _EXPLAINED) * (row.x1 - row.x0):
            continue
        pictures = [image for image in images.boxes_near(row) if part_within(row, image) > 0.5]
        found.append(min(pictures, key=area) if pictures else _padded(row))
    return found


def _scans(text: PageText, painted: Sequence[LayerWord]) -> list[Box]:
    """Pictures as large as scans that are not just the ground of painted words."""
    page = text.width * text.height
    return [
        image
        for image in text.images
        if area(image) >= _LARGE_PICTURE * page
        and sum(part_within(word.bbox, image) > 0.5 for word in painted) < _WORDS_ON_A_GROUND
    ]


def _rows(words: Iterable[LayerWord], text: PageText) -> list[Box]:
    """A box for each stretch of such words in a line."""
    wanted = set(map(id, words))
    found = []
    for line in text.lines:
        boxes = [word.bbox for word in line if id(word) in wanted]
        if boxes:
            found.append(_padded(union(boxes)))
    return found


def _without(lines: Iterable[LayerLine], refused: set[int]) -> Iterable[LayerLine]:
    for line in lines:
        kept = tuple(word for word in line if id(word) not in refused)
        if kept:
            yield kept


def _regions(boxes: Iterable[Box], text: PageText) -> tuple[Box, ...]:
    """The boxes within the page, those that overlap made one."""
    known = {clip(box, text.width, text.height) for box in boxes}
    regions = _merged(known)
    while len(regions) < len(known):  # what grew may reach what was passed
        known = regions
        regions = _merged(known)
    return tuple(sorted(regions, key=lambda box: (box.y0, box.x0)))


def _merged(boxes: Iterable[Box]) -> set[Box]:
    """From top to bottom, each made one with those that it overlaps of the regions that reach down to it."""
    passed: set[Box] = set()
    reaching: set[Box] = set()
    for box in sorted(boxes, key=lambda box: box.y0):
        ended = {region for region in reaching if region.y1 <= box.y0}
        passed |= ended
        reaching -= ended
        merged = box
        while overlapping := {region for region in reaching if shared_area(merged, region)}:
            reaching -= overlapping
            merged = union([merged, *overlapping])
        reaching.add(merged)
    return passed | reaching


def _length(words: Iterable[LayerWord]) -> int:
    return sum(len(word.text) for word in words)


def _explained_width(row: Box, words: Places) -> int:
    """How much of a row's width the words that lie in it cover, gaps of a row's height included."""
    reach = (row.y1 - row.y0) // 2
    spans = sorted(
        (max(box.x0 - reach, row.x0), min(box.x1 + reach, row.x1))
        for box in words.boxes_near(row, reach)
        if box.y0 < row.y1 and box.y1 > row.y0
    )
    covered, end = 0, row.x0
    for x0, x1 in spans:
        covered += max(0, x1 - max(x0, end))
        end = max(end, x1)
    return covered


def _is_in_a_row(word: LayerWord, rows: Places) -> bool:
    return any(part_within(word.bbox, row) > 0.25 for row in rows.boxes_near(word.bbox))


def _padded(row: Box, heights: float = _ROW_MARGIN) -> Box:
    margin = round(heights * (row.y1 - row.y0))
    return Box(row.x0 - margin, row.y0 - margin, row.x1 + margin, row.y1 + margin)
