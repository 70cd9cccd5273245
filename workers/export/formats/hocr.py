"""hOCR 1.2 (https://kba.github.io/hocr-spec/1.2/) in XHTML 1.0, one page after the other.

Text is always in ``ocr_par`` > ``ocr_line`` > ``ocrx_word``, where readers look for it. What a block is
can be told by the element around its paragraph.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final

from lxml import etree

from common.document.direction import is_right_to_left
from common.document.geometry import Box
from common.document.page import Block, Line, Page, Role, Word
from common.document.text import block_text
from common.document.transcript import TranscriptPage
from common.document.xml_text import legal
from workers.export.document import About
from workers.export.language import language_of
from workers.export.xml_page import Names, fit_for_xml, is_blank_between

_DOCTYPE: Final = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
)
_NAMESPACE: Final = "http://www.w3.org/1999/xhtml"
_HEADINGS: Final = ("ocr_chapter", "ocr_section", "ocr_subsection", "ocr_subsubsection")
_AREA: Final = "ocr_carea"
# What floats stands for itself; what is in the flow of the text is an area of it.
_CLASSES: Final = {
    Role.HEADER: "ocr_header",
    Role.FOOTER: "ocr_footer",
    Role.TABLE: "ocr_table",
    Role.FIGURE: "ocr_image",
    Role.CAPTION: f"{_AREA} ocr_caption",
    Role.FORMULA: f"{_AREA} ocr_display",
}
_CAPABILITIES: Final = (
    "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocr_header ocr_footer ocr_table ocr_image ocr_caption "
    "ocr_display ocr_chapter ocr_section ocr_subsection ocr_subsubsection ocrp_lang ocrp_dir"
)
# Directions are marked by tags: hOCR forbids these (5.2), as it does the controls that no XML here has.
_DIRECTION_MARKS: Final = dict.fromkeys((0x200E, 0x200F))


def write(pages: Iterable[TranscriptPage], about: About, out: Path) -> None:
    """UTF-8. A page that failed is an empty ``ocr_page`` with a comment."""
    language = {"lang": about.languages[0]} if about.languages else {}
    with out.open("wb") as stream, etree.xmlfile(stream, encoding="utf-8") as file:
        file.write_declaration()
        file.write_doctype(_DOCTYPE)
        with file.element("html", language, nsmap={None: _NAMESPACE}):
            file.write(_head(about))
            with file.element("body"):
                for page in pages:
                    file.write("\n", _page(page, about))


def _head(about: About) -> etree._Element:
    head = etree.Element("head")
    etree.SubElement(head, "title").text = legal(about.title)
    etree.SubElement(head, "meta", {"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"})
    for name, content in (
        ("ocr-system", "OCR Fleet"),
        ("ocr-capabilities", _CAPABILITIES),
        ("ocr-langs", " ".join(about.languages) or "unknown"),
    ):
        etree.SubElement(head, "meta", {"name": name, "content": content})
    return head


def _page(exported: TranscriptPage, about: About) -> etree._Element:
    names = Names(exported.index + 1)
    size = (exported.page.width, exported.page.height) if exported.page else (0, 0)
    title = f'image "{_file_name(about)}"; {_bbox(Box(0, 0, *size))}; ppageno {exported.source_page}'
    element = etree.Element("div", {"class": "ocr_page", "id": names.page, "title": title})
    element.text = "\n"
    if exported.page is None:
        element.append(_comment(f"This page could not be read. {exported.error or ''}"))
        return element
    page = fit_for_xml(exported.page)
    for block in page.blocks:
        element.append(_block(block, page, names))
    return element


def _block(block: Block, page: Page, names: Names) -> etree._Element:
    element = etree.Element(
        "div", {"class": _class(block), "id": names.next("block"), "title": _bbox(block.bbox)}
    )
    element.text = element.tail = "\n"
    if block.lines:
        element.append(_paragraph(block, page, names))
    return element


def _paragraph(block: Block, page: Page, names: Names) -> etree._Element:
    text = block_text(block)
    language = language_of(text, page.detected_languages)
    element = etree.Element("p", {"class": "ocr_par", "id": names.next("par"), "title": _bbox(block.bbox)})
    if language:
        element.set("lang", language)
    element.set("dir", "rtl" if is_right_to_left((text,)) else "ltr")
    element.text = element.tail = "\n"
    for line in block.lines:
        element.append(_line(line, page, names))
    return element


def _line(line: Line, page: Page, names: Names) -> etree._Element:
    """``textangle`` counts counter-clockwise: the clockwise turn that the text needs to be upright."""
    angle = f"; textangle {page.rotation}" if page.rotation else ""
    title = _bbox(line.bbox) + angle
    element = etree.Element("span", {"class": "ocr_line", "id": names.next("line"), "title": title})
    element.tail = "\n"
    for word in line.words:
        element.append(_word(word, names))
    for (shown, _), (left, right) in zip(pairwise(element), pairwise(line.words), strict=True):
        shown.tail = " " if is_blank_between(left, right) else None
    return element


def _word(word: Word, names: Names) -> etree._Element:
    title = f"{_bbox(word.bbox)}; x_wconf {round(100 * word.confidence)}"
    element = etree.Element("span", {"class": "ocrx_word", "id": names.next("word"), "title": title})
    element.text = word.text.translate(_DIRECTION_MARKS)
    return element


def _class(block: Block) -> str:
    if block.role is Role.HEADING:
        return f"{_AREA} {_HEADINGS[min(max(1, block.level), len(_HEADINGS)) - 1]}"
    return _CLASSES.get(block.role, _AREA)


def _bbox(box: Box) -> str:
    return f"bbox {box.x0} {box.y0} {box.x1} {box.y1}"


def _file_name(about: About) -> str:
    """A property's value has no quotes, and no semicolon, by which properties are told apart."""
    return legal(about.title).replace('"', "'").replace(";", ",")


def _comment(text: str) -> etree._Element:
    """Two hyphens would end it."""
    return etree.Comment(f" {re.sub('-(?=-)', '- ', legal(text))} ")
