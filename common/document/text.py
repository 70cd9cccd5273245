"""A page or document as plain text and as Markdown, and how sure the reader was."""

import re
from collections.abc import Iterable

from common.document.page import Block, Line, Page, Role, Word

PAGE_BREAK = "\f"
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_BLOCK_START = re.compile(r"^(\s*)([#+>-]|\d+[.)])(?=\s|$)")


def line_text(line: Line) -> str:
    return " ".join(word.text for word in line.words)


def block_text(block: Block) -> str:
    return "\n".join(line_text(line) for line in block.lines)


def page_text(page: Page) -> str:
    """The page's text: lines as on the page, a blank line between blocks; "" for a blank page."""
    return "\n\n".join(block_text(block) for block in page.blocks)


def page_markdown(page: Page) -> str:
    """The page as CommonMark: a paragraph per block, headings marked, lines of a paragraph joined."""
    return "\n\n".join(_block_markdown(block) for block in page.blocks)


def words(blocks: Iterable[Block]) -> Iterable[Word]:
    return (word for block in blocks for line in block.lines for word in line.words)


def mean_confidence(of_words: Iterable[Word]) -> float | None:
    """The mean of the words' confidences, each weighted by its characters; None without words."""
    total = weighted = 0.0
    for word in of_words:
        total += len(word.text)
        weighted += len(word.text) * word.confidence
    return round(weighted / total, 4) if total else None


def _block_markdown(block: Block) -> str:
    text = _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(line_text(line) for line in block.lines))
    if block.role is Role.HEADING:
        return f"{'#' * max(1, block.level)} {text}"
    if block.role is Role.LIST_ITEM:
        return f"- {text}"
    return _BLOCK_START.sub(_escape_marker, text)


def _escape_marker(match: re.Match[str]) -> str:
    """An accidental list or heading marker ("1." or "#") made plain text."""
    marker = match.group(2)
    return f"{match.group(1)}{marker[:-1]}\\{marker[-1]}"
