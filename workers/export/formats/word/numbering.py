"""Real lists: their definitions, and how far their numbers have come."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workers.export.formats.word.markup import Element, element

DEPTH: Final = 9  # levels that a list can have
_HANGING: Final = 360  # twips
_BULLETS: Final = "•◦▪"
_SHAPES: Final = (".", ")")
_MOST_NUMBERINGS: Final = 30_000  # Word counts them in 16 bits
BULLET_STYLES: Final = ("ListBullet", "ListBullet2", "ListBullet3")
NUMBER_STYLES: Final = ("ListNumber", "ListNumber2", "ListNumber3")
PLAIN_STYLES: Final = ("List", "List2", "List3")

# The ids of numbering instances: of all bullets, and of numbers that the styles alone ask for.
BULLETED: Final = 1
NUMBERED: Final = 2


@dataclass(slots=True)
class _Count:
    shape: str
    identifier: int
    value: int


class Numbering:
    """Fills the ``w:numbering`` part: an instance for all bullets, and one for each sequence of numbers."""

    def __init__(self, part: Element) -> None:
        self._part = part
        part[:] = [_bullets(0), *(_numbers(index, shape) for index, shape in enumerate(_SHAPES, start=1))]
        part.append(element("num", element("abstractNumId", val=0), numId=BULLETED))
        part.append(element("num", element("abstractNumId", val=1), numId=NUMBERED))
        self._instances = NUMBERED

    def restarted(self, shape: str, level: int, value: int) -> int | None:
        """The id of a new instance that begins with ``value``; None when there are too many."""
        if self._instances >= _MOST_NUMBERINGS:
            return None
        self._instances += 1
        override = element("lvlOverride", element("startOverride", val=value), ilvl=level)
        definition = element("abstractNumId", val=1 + _SHAPES.index(shape))
        self._part.append(element("num", definition, override, numId=self._instances))
        return self._instances


class ListNumbers:
    """The numbers of one list and of those in it, level by level from 0."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._counts: dict[int, _Count] = {}

    def bullet(self, level: int) -> Element:
        self._leave_deeper(level)
        return _properties(BULLETED, level)

    def number(self, number: str, level: int) -> Element | None:
        """For an item printed with the ``number`` ("3."); None if Word would show another."""
        digits, shape = number[:-1], number[-1]
        self._leave_deeper(level)
        value = int(digits)
        if str(value) != digits or value > _MOST_NUMBERINGS:
            return None
        count = self._counts.get(level)
        if count is None or (count.shape, count.value + 1) != (shape, value):
            identifier = self._numbering.restarted(shape, level, value)
            if identifier is None:
                return None
            count = self._counts[level] = _Count(shape, identifier, value)
        count.value = value
        return _properties(count.identifier, level)

    def _leave_deeper(self, level: int) -> None:
        for deeper in [known for known in self._counts if known > level]:
            del self._counts[deeper]


def _properties(identifier: int, level: int) -> Element:
    return element("numPr", element("ilvl", val=level), element("numId", val=identifier))


def _bullets(index: int) -> Element:
    signs = [_BULLETS[level % len(_BULLETS)] for level in range(DEPTH)]
    return _definition(index, "bullet", signs, BULLET_STYLES)


def _numbers(index: int, shape: str) -> Element:
    texts = [f"%{level + 1}{shape}" for level in range(DEPTH)]
    return _definition(index, "decimal", texts, NUMBER_STYLES if index == 1 else ())


def _definition(index: int, form: str, texts: list[str], styles: tuple[str, ...]) -> Element:
    levels = _levels(form, texts, styles)
    return element("abstractNum", element("multiLevelType", val="multilevel"), *levels, abstractNumId=index)


def _levels(form: str, texts: list[str], styles: tuple[str, ...]) -> Iterator[Element]:
    for level, text in enumerate(texts):
        yield element(
            "lvl",
            element("start", val=1),
            element("numFmt", val=form),
            element("pStyle", val=styles[level]) if level < len(styles) else None,
            element("lvlText", val=text),
            element("lvlJc", val="left"),
            element("pPr", element("ind", left=_HANGING * (level + 1), hanging=_HANGING)),
            ilvl=level,
        )
