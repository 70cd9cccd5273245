"""What stands on a page, as paragraphs and tables.

Running headers and footers are left out, as in Markdown: Word's own are the same on every page of a
section, and in the body they would cut sentences that go on over the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from common.document.flowing import flowing_text, hyphenated_words
from common.document.line_breaks import LineBreaks
from common.document.list_items import ListItem, list_items
from common.document.page import Block, Page, Role, Table
from common.document.text import block_text, words
from workers.export.formats.word.markup import Element
from workers.export.formats.word.numbering import (
    BULLET_STYLES,
    DEPTH,
    NUMBER_STYLES,
    PLAIN_STYLES,
    ListNumbers,
    Numbering,
)
from workers.export.formats.word.paper import Paper, upright_size
from workers.export.formats.word.paragraphs import Writing, paragraph
from workers.export.formats.word.tables import table_element

_FURNITURE: Final = frozenset({Role.HEADER, Role.FOOTER})
_HEADING_LEVELS: Final = 6
_CAPTION: Final = "Caption"
# "a)", "iv.", "①": a marker of its own, which needs no bullet before it.
_OWN_MARKER: Final = re.compile(r"(?:\(?\w{1,5}[.)、）．]|[①-⑳⑴-⒇])\s")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class PageBody:
    page: Page
    paper: Paper
    writing: Writing
    numbering: Numbering

    def elements(self) -> Iterator[Element]:
        blocks = self.page.blocks
        known = hyphenated_words(word.text for word in words(blocks))
        breaks = LineBreaks(self.page)
        tables = iter(self.page.tables)
        shown = [block for block in blocks if block.role not in _FURNITURE]
        for is_list, run in groupby(shown or blocks, key=lambda block: block.role is Role.LIST_ITEM):
            if is_list:
                yield from self._list(list(run), known)
                continue
            for block in run:
                table = next(tables, None) if block.role is Role.TABLE else None
                yield self._block(block, table, known, breaks)

    def _block(self, block: Block, table: Table | None, known: frozenset[str], breaks: LineBreaks) -> Element:
        made = self._table(table) if table else None
        if made is not None:
            return made
        if block.role is Role.HEADING:
            level = min(_HEADING_LEVELS, max(1, block.level))
            return paragraph(flowing_text(block, known), self.writing, style=f"Heading{level}")
        if block.role is Role.TABLE or breaks.are_on_purpose(block):
            return paragraph(block_text(block), self.writing)
        style = _CAPTION if block.role is Role.CAPTION else None
        return paragraph(flowing_text(block, known), self.writing, style=style)

    def _table(self, table: Table) -> Element | None:
        widest = self.paper.text_width
        width = max(1, upright_size(self.page)[0])
        return table_element(table, self.writing, twips_per_pixel=self.paper.width / width, widest=widest)

    def _list(self, blocks: Sequence[Block], known: frozenset[str]) -> Iterator[Element]:
        numbers = ListNumbers(self.numbering)
        items = list_items([flowing_text(block, known) for block in blocks])
        for block, item in zip(blocks, items, strict=True):
            yield self._item(item, min(DEPTH, max(1, block.level)) - 1, numbers)

    def _item(self, item: ListItem, level: int, numbers: ListNumbers) -> Element:
        text = item.text
        if item.number:
            styles, numbering = NUMBER_STYLES, numbers.number(item.number, level)
            if numbering is None:
                styles, text = PLAIN_STYLES, f"{item.number} {item.text}"
        elif _OWN_MARKER.match(text) and not item.has_bullet:
            styles, numbering = PLAIN_STYLES, None
        else:
            styles, numbering = BULLET_STYLES, numbers.bullet(level)
        style = styles[min(level, len(styles) - 1)]
        return paragraph(text, self.writing, style=style, numbering=numbering)
