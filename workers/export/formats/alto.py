"""ALTO XML 4.3 (https://www.loc.gov/standards/alto/), all pages in one file.

Everything stands in the print space, which is the whole page, in reading order; running headers and
footers too: a program that takes the margins first would tear them out of it. Tags tell what a block is.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from lxml import etree

from common.document.direction import is_right_to_left
from common.document.flowing import flowing_text, hyphenated_words
from common.document.geometry import Box
from common.document.page import Block, Line, Page, Role, Word
from common.document.text import block_text, mean_confidence, words
from common.document.transcript import TranscriptPage
from common.document.xml_text import legal
from workers.export.document import About
from workers.export.language import language_of
from workers.export.xml_page import Names, fit_for_xml, is_blank_between

_NAMESPACE: Final = "http://www.loc.gov/standards/alto/ns-v4#"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA: Final = f"{_NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
_VERSION: Final = "4.3"
_PROCESSING: Final = "recognition"
_HEADING_LEVELS: Final = 6
_PLACED: Final = frozenset(
    {Role.TABLE, Role.HEADER, Role.FOOTER, Role.FIGURE}
)  # told by layout, not by meaning

Attributes = dict[str, str]


def write(pages: Iterable[TranscriptPage], about: About, out: Path) -> None:
    """UTF-8; all measures in pixels. A page that failed has no size and says so in ``QUALITY_DETAIL``."""
    root = {f"{{{_INSTANCE}}}schemaLocation": _SCHEMA, "SCHEMAVERSION": _VERSION}
    with out.open("wb") as stream, etree.xmlfile(stream, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("alto", root, nsmap={None: _NAMESPACE, "xsi": _INSTANCE}):
            file.write("\n", _description(about), "\n", _tags(), "\n")
            with file.element("Layout"):
                for page in pages:
                    file.write("\n", _page(page))


def _description(about: About) -> etree._Element:
    description = etree.Element("Description")
    etree.SubElement(description, "MeasurementUnit").text = "pixel"
    source = etree.SubElement(description, "sourceImageInformation")
    etree.SubElement(source, "fileName").text = legal(about.title)
    step = etree.SubElement(description, "Processing", ID=_PROCESSING)
    etree.SubElement(step, "processingCategory").text = "contentGeneration"
    etree.SubElement(step, "processingDateTime").text = about.created_at.isoformat(timespec="seconds")
    etree.SubElement(step, "processingStepDescription").text = "text recognition"
    software = etree.SubElement(step, "processingSoftware")
    etree.SubElement(software, "softwareName").text = "OCR Fleet"
    return description


def _tags() -> etree._Element:
    """One for each role, and for each level of headings."""
    tags = etree.Element("Tags")
    for role in Role:
        kind = "LayoutTag" if role in _PLACED else "StructureTag"
        levels = range(1, _HEADING_LEVELS + 1) if role is Role.HEADING else (0,)
        for level in levels:
            etree.SubElement(tags, kind, ID=_tag(role, level), TYPE=role.value, LABEL=_label(role, level))
    return tags


def _tag(role: Role, level: int) -> str:
    if role is not Role.HEADING:
        return f"role_{role.value}"
    return f"role_{role.value}_{min(max(1, level), _HEADING_LEVELS)}"


def _label(role: Role, level: int) -> str:
    name = role.value.replace("_", " ")
    return f"{name} {level}" if level else name


def _page(exported: TranscriptPage) -> etree._Element:
    names = Names(exported.index + 1)
    attributes = {"ID": names.page, "PHYSICAL_IMG_NR": str(exported.source_page + 1)}
    if exported.page is None:
        attributes["QUALITY_DETAIL"] = legal(f"This page could not be read. {exported.error or ''}").strip()
        return etree.Element("Page", attributes)
    page = fit_for_xml(exported.page)
    confidence = mean_confidence(words(page.blocks))
    attributes |= {"WIDTH": str(page.width), "HEIGHT": str(page.height), "PROCESSINGREFS": _PROCESSING}
    if confidence is not None:
        attributes["PC"] = _share(confidence)
    element = etree.Element("Page", attributes)
    space = etree.SubElement(element, "PrintSpace", _place(Box(0, 0, page.width, page.height)))
    known = hyphenated_words(word.text for word in words(page.blocks))
    for block in page.blocks:
        space.append(_block(block, page, names, known))
    return element


def _block(block: Block, page: Page, names: Names, known: Collection[str]) -> etree._Element:
    """A table is a block around its text; a figure without text is an illustration."""
    place = _place(block.bbox)
    attributes = {"ID": names.next("block"), "TAGREFS": _tag(block.role, block.level)} | place
    if block.role is Role.FIGURE and not block.lines:
        return etree.Element("Illustration", attributes)
    if block.role is not Role.TABLE:
        return _text_block(block, page, names, attributes, known)
    table = etree.Element("ComposedBlock", attributes | {"TYPE": "table"})
    table.append(_text_block(block, page, names, {"ID": names.next("block")} | place, known))
    return table


def _text_block(
    block: Block, page: Page, names: Names, attributes: Attributes, known: Collection[str]
) -> etree._Element:
    """``ROTATION`` counts counter-clockwise: the clockwise turn that the text needs to be upright."""
    text = block_text(block)
    element = etree.Element("TextBlock", attributes)
    if page.rotation:
        element.set("ROTATION", str(page.rotation))
    if language := language_of(text, page.detected_languages):
        element.set("LANG", language)
    if is_right_to_left((text,)):
        element.set("BASEDIRECTION", "rtl")
    divided = [""] * len(block.lines) if block.role is Role.TABLE else _divided_words(block.lines, known)
    for line, before, behind in zip(block.lines, ("", *divided), divided, strict=False):
        element.append(_line(line, names, before, behind))
    return element


def _divided_words(lines: Sequence[Line], known: Collection[str]) -> list[str]:
    """For each line the whole word of which it ends with the first part, hyphened; "" mostly."""
    ends = [_whole(upper.words[-1], lower.words[0], known) for upper, lower in pairwise(lines)]
    return [*ends, ""]


def _whole(end: Word, begin: Word, known: Collection[str]) -> str:
    parts = tuple(Line((word,), word.bbox) for word in (end, begin))
    whole = end.text[:-1] + begin.text
    return whole if flowing_text(Block(parts, end.bbox), known) == whole else ""


def _line(line: Line, names: Names, before: str, behind: str) -> etree._Element:
    """``before`` is the whole word that ends in this line, ``behind`` the one that begins in it, or ""."""
    element = etree.Element("TextLine", {"ID": names.next("line")} | _place(line.bbox))
    for left, right in pairwise((None, *line.words)):
        assert right is not None
        if left is not None and is_blank_between(left, right):
            etree.SubElement(element, "SP", _gap(left.bbox, right.bbox))
        etree.SubElement(element, "String", _string(right, names))
    if before:
        element[0].attrib.update({"SUBS_TYPE": "HypPart2", "SUBS_CONTENT": before})
    if behind:
        content = line.words[-1].text
        element[-1].attrib.update({"CONTENT": content[:-1], "SUBS_TYPE": "HypPart1", "SUBS_CONTENT": behind})
        etree.SubElement(element, "HYP", CONTENT=content[-1])
    return element


def _string(word: Word, names: Names) -> Attributes:
    return {
        "ID": names.next("string"),
        **_place(word.bbox),
        "WC": _share(word.confidence),
        "CONTENT": word.text,
    }


def _gap(left: Box, right: Box) -> Attributes:
    """Where the blank between two words is, whichever comes first; nowhere if they are not side by side."""
    start, stop = min(left.x1, right.x1), max(left.x0, right.x0)
    if start >= stop:
        return {}
    return _place(Box(start, min(left.y0, right.y0), stop, max(left.y1, right.y1)))


def _place(box: Box) -> Attributes:
    return {
        "HPOS": str(box.x0),
        "VPOS": str(box.y0),
        "WIDTH": str(box.x1 - box.x0),
        "HEIGHT": str(box.y1 - box.y0),
    }


def _share(confidence: float) -> str:
    return f"{confidence:.4g}"
