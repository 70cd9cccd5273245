"""A page as CommonMark, with GFM's tables.

Running headers and footers are left out, as readers of Markdown want the text without the paper;
``text`` and the blocks have them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from common.document.flowing import flowing_text, hyphenated_words
from common.document.line_breaks import LineBreaks
from common.document.list_items import list_items
from common.document.model_markdown import formula, safe_line, safe_markdown
from common.document.page import Block, Page, Role
from common.document.table_markdown import table_markdown
from common.document.text import line_text, words

_FURNITURE: Final = frozenset({Role.HEADER, Role.FOOTER})
_HEADING_LEVELS: Final = 6
# What means something inside a line; where it cannot, it stays as it is, for people read this too.
_SPECIAL: Final = re.compile(
    r"[\\`*~]|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\](?=[(:\[])|\[(?=\^|[ xX]\])"
)
# What begins a heading, a list, or underlines the line above, where a line begins with it.
_LINE_START: Final = re.compile(r"^(?:>|#{1,6}(?=\s|$)|[+-](?=\s|$)|\d{1,9}[.)](?=\s|$)|[-=:|][-=:|\s]*$)")
_CLOSING_HASHES: Final = re.compile(r"(?<!\S)#+$")
_HARD_BREAK: Final = "\\\n"


def page_markdown(page: Page) -> str:
    """A paragraph for each block, its lines joined; headings, lists and tables marked as such."""
    known = hyphenated_words(word.text for word in words(page.blocks))
    breaks = LineBreaks(page)
    tables = iter(page.tables)
    shown = [block for block in page.blocks if block.role not in _FURNITURE]
    parts: list[str] = []
    for is_list, run in groupby(shown or page.blocks, key=lambda block: block.role is Role.LIST_ITEM):
        if is_list:
            parts.append(_list(list(run), known))
            continue
        for block in run:
            table = next(tables, None) if block.role is Role.TABLE else None
            parts.append((table_markdown(table) if table else "") or _block(block, known, breaks))
    return "\n\n".join(part for part in parts if part)


def _block(block: Block, known: frozenset[str], breaks: LineBreaks) -> str:
    if block.latex and block.role is Role.FORMULA:
        return formula(block.latex)
    if block.role is Role.HEADING:
        level = min(_HEADING_LEVELS, max(1, block.level))
        return f"{'#' * level} {_CLOSING_HASHES.sub(_backslashed, _heading(block, known))}"
    if block.markdown and block.role is not Role.TABLE:
        return safe_markdown(block.markdown)
    if block.role is Role.TABLE or breaks.are_on_purpose(block):
        return _HARD_BREAK.join(_line(line_text(line)) for line in block.lines)
    return _line(flowing_text(block, known))


def _heading(block: Block, known: frozenset[str]) -> str:
    if block.markdown:
        return safe_line(block.markdown)
    return _escaped(flowing_text(block, known))


def _list(items: Sequence[Block], known: frozenset[str]) -> str:
    """A list; an item deeper than the one above is indented to where that one's text begins."""
    texts = [flowing_text(item, known) for item in items]
    # A marker that Markdown does not know ("a)", "①") stays in the text, behind a bullet.
    parts = [
        (item.number or "-", safe_line(block.markdown) if block.markdown else _line(item.text))
        for block, item in zip(items, list_items(texts), strict=True)
    ]
    return "\n".join(_indented(items, parts))


def _indented(items: Sequence[Block], parts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """``parts``: each item's marker and its text as Markdown."""
    outer: list[tuple[int, int]] = []  # of the items around this one: level, where their text begins
    for item, (marker, text) in zip(items, parts, strict=True):
        is_inner = bool(outer) and outer[-1][0] < max(1, item.level)
        while outer and outer[-1][0] >= max(1, item.level):
            outer.pop()
        indent = outer[-1][1] if outer else 0
        outer.append((max(1, item.level), indent + len(marker) + 1))
        gap = "\n" if is_inner and not _may_interrupt(marker, text) else ""
        yield f"{gap}{' ' * indent}{marker} {text}"


def _may_interrupt(marker: str, text: str) -> bool:
    """Whether a list may begin with this item right below a line of text (CommonMark 0.31, 5.2)."""
    return bool(text) and (marker == "-" or int(marker[:-1]) == 1)


def _line(text: str) -> str:
    """Plain text at the begin of a line, made safe from being anything else."""
    match = _LINE_START.match(text)
    if match is None:
        return _escaped(text)
    if text[0].isdigit():
        marker = match[0]
        return f"{marker[:-1]}\\{marker[-1]}{_escaped(text[match.end() :])}"
    return f"\\{text[0]}{_escaped(text[1:])}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_backslashed, text)


def _backslashed(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
