"""Paragraphs: their style, which way they run, and their text in runs of one writing system each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.direction import is_right_to_left
from common.document.xml_text import legal
from workers.export.formats.word.markup import Element, element
from workers.export.formats.word.stretches import first_system, stretches
from workers.export.formats.word.tongues import Tongues
from workers.export.formats.word.writing_systems import ARABIC, LATIN, MARKS, Kind, WritingSystem

XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
_RIGHT_TO_LEFT: Final = tuple(system for system in MARKS if system.is_right_to_left)
LANGUAGE_SLOTS: Final = {
    Kind.WESTERN: "val",
    Kind.EAST_ASIAN: "eastAsia",
    Kind.COMPLEX: "bidi",
    Kind.RIGHT_TO_LEFT: "bidi",
}
Usual = frozenset[tuple[WritingSystem, str]]
_OTHER_BLANKS: Final = re.compile(r"[\t\r\f\v]")


@dataclass(frozen=True, slots=True)
class Writing:
    """How text is written on a page: what paragraphs without letters and ideographs go by.

    ``usual`` are the writing systems whose fonts and languages the document's defaults are already.
    """

    tongues: Tongues
    base: WritingSystem
    han: WritingSystem
    usual: Usual

    def base_of(self, text: str) -> WritingSystem:
        """LATIN for whatever runs from left to right."""
        if not any(map(str.isalpha, text)):
            return self.base
        if text.isascii() or not is_right_to_left([text]):
            return LATIN
        return first_system(text, _RIGHT_TO_LEFT) or self.base

    @property
    def is_right_to_left(self) -> bool:
        return self.base.is_right_to_left


def page_base(texts: Sequence[str]) -> WritingSystem:
    """What most of a page's text is: a writing system that runs from right to left, or LATIN."""
    if not is_right_to_left(texts):
        return LATIN
    found = (first_system(text, _RIGHT_TO_LEFT) for text in texts)
    return next((system for system in found if system), ARABIC)


def paragraph(
    text: str,
    writing: Writing,
    *,
    style: str | None = None,
    numbering: Element | None = None,
) -> Element:
    """``text`` may have line breaks; ``style`` is a style's id, ``numbering`` a ``w:numPr``."""
    text = _OTHER_BLANKS.sub(" ", legal(text))
    base = writing.base_of(text)
    properties = element(
        "pPr",
        element("pStyle", val=style) if style else None,
        numbering,
        element("bidi") if base.is_right_to_left else None,
    )
    made = element("p", properties if len(properties) else None)
    made.extend(_runs(text, base, writing))
    return made


def _runs(text: str, base: WritingSystem, writing: Writing) -> Iterator[Element]:
    for system, part in stretches(text, base, writing.han):
        run = element("r", _run_properties(system, writing))
        for index, line in enumerate(part.split("\n")):
            if index:
                run.append(element("br"))
            if line:
                run.append(_text(line))
        yield run


def _text(line: str) -> Element:
    made = element("t")
    made.text = line
    if line != line.strip():
        made.set(XML_SPACE, "preserve")
    return made


def _run_properties(system: WritingSystem, writing: Writing) -> Element | None:
    language = writing.tongues.of(system)
    is_usual = (system, language) in writing.usual
    made = element(
        "rPr",
        _fonts(system, is_usual),
        element("rtl") if system.is_right_to_left else None,
        element("cs") if system.kind is Kind.COMPLEX else None,
        None if is_usual else element("lang", **{LANGUAGE_SLOTS[system.kind]: language}),
    )
    return made if len(made) else None


def _fonts(system: WritingSystem, is_usual: bool) -> Element | None:
    """The hint gives quotes and dashes between ideographs the ideographs' font."""
    hint = {"hint": "eastAsia"} if system.kind is Kind.EAST_ASIAN else {}
    # Every slot, as Word and LibreOffice do not class all scripts alike.
    slots = () if is_usual or system.font == LATIN.font else ("ascii", "hAnsi", "eastAsia", "cs")
    names = dict.fromkeys(slots, system.font)
    return element("rFonts", **hint, **names) if hint or names else None
