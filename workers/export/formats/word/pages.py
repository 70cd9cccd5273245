"""The pages of a document, one after the other, each begun on new paper."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from common.document.page import Page
from common.document.text import words
from common.document.transcript import TranscriptPage
from workers.export.formats.word.blocks import PageBody
from workers.export.formats.word.markup import Element, element, name
from workers.export.formats.word.numbering import Numbering
from workers.export.formats.word.paper import A4, Paper, is_wide, paper_of, section
from workers.export.formats.word.paragraphs import Usual, Writing, page_base, paragraph
from workers.export.formats.word.tongues import Tongues

_NOTICE_STYLE: Final = "IntenseQuote"
_TABLE: Final = name("tbl")
_BELOW_TABLES: Final = 200  # twips: as below paragraphs, which the template sets


class Pages:
    """Makes what goes into ``w:body``.

    ``languages`` are the document's; ``numbering`` takes what the lists need.
    """

    def __init__(self, languages: Sequence[str], usual: Usual, numbering: Numbering) -> None:
        self._languages = tuple(languages)
        self._usual = usual
        self._numbering = numbering
        self._paper: Paper | None = None

    def elements(self, exported: TranscriptPage) -> Iterator[Element]:
        """A page break parts it from the one before, or the end of a section where the paper is turned."""
        before, paper = self._paper, self._paper_for(exported.page)
        self._paper = paper
        if before not in (None, paper):
            yield element("p", element("pPr", section(before or paper)))
        made = list(self._content(exported, paper))
        if not made or made[0].tag == _TABLE:
            made.insert(0, element("p"))
        if before == paper:
            _break_before(made[0])
        yield made[0]
        for above, below in pairwise(made):
            if above.tag == below.tag == _TABLE:
                yield element("p")  # or else Word makes one table of the two
            elif above.tag == _TABLE:
                _space_before(below)
            yield below
        if made[-1].tag == _TABLE:
            yield element("p")

    def end(self) -> Element:
        """What stands last in the body."""
        return section(self._paper or A4)

    def _paper_for(self, page: Page | None) -> Paper:
        """The first page tells the size; each for itself how it lies."""
        if page is None:
            return self._paper or A4
        return (self._paper or paper_of(page)).turned(wide=is_wide(page))

    def _content(self, exported: TranscriptPage, paper: Paper) -> Iterator[Element]:
        page = exported.page
        if page is None:
            text = f"Page {exported.source_page + 1}: {exported.error or 'could not be read.'}"
            yield paragraph(text, self._writing((), ()), style=_NOTICE_STYLE)
            return
        texts = [word.text for word in words(page.blocks)]
        writing = self._writing(page.detected_languages, texts)
        yield from PageBody(page, paper, writing, self._numbering).elements()

    def _writing(self, languages: Sequence[str], texts: Sequence[str]) -> Writing:
        tongues = Tongues((*languages, *self._languages))
        return Writing(tongues, page_base(texts), tongues.han(texts), self._usual)


def _break_before(paragraph: Element) -> None:
    """Puts ``w:pageBreakBefore`` where the schema wants it: right behind the style."""
    properties = _properties(paragraph)
    has_style = properties.find(name("pStyle")) is not None
    properties.insert(1 if has_style else 0, element("pageBreakBefore"))


def _space_before(paragraph: Element) -> None:
    """Below a table, which has no distance of its own; headings have more than that already."""
    properties = _properties(paragraph)
    style = properties.find(name("pStyle"))
    if style is None or not style.get(name("val"), "").startswith("Heading"):
        properties.append(element("spacing", before=_BELOW_TABLES))


def _properties(paragraph: Element) -> Element:
    properties = paragraph.find(name("pPr"))
    if properties is None:
        properties = element("pPr")
        paragraph.insert(0, properties)
    return properties
