"""A page as the API shows it: plain dictionaries, ready for JSON."""

from typing import Any

from common.document.markdown import page_markdown
from common.document.page import Block, Line, Page, Table, Word
from common.document.text import block_text, mean_confidence, page_text, words

View = dict[str, Any]


def page_view(page: Page, *, index: int, source_page: int, with_words: bool) -> View:
    """``index`` counts the job's pages from 0, ``source_page`` the file's from 1.

    ``with_words``: blocks also hold their lines and words.
    """
    return {
        "index": index,
        "source_page": source_page,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "detected_languages": list(page.detected_languages),
        "engine": page.engine.value,
        "confidence": mean_confidence(words(page.blocks)),
        "text": page_text(page),
        "markdown": page_markdown(page),
        "blocks": [_block(block, with_words) for block in page.blocks],
        "tables": [_table(table) for table in page.tables],
        "error": None,
    }


def failed_page_view(*, index: int, source_page: int, code: str, message: str) -> View:
    """A page that could not be read, in the shape of one that could."""
    return {
        "index": index,
        "source_page": source_page,
        "width": None,
        "height": None,
        "rotation": 0,
        "detected_languages": [],
        "engine": None,
        "confidence": None,
        "text": "",
        "markdown": "",
        "blocks": [],
        "tables": [],
        "error": {"code": code, "message": message},
    }


def _block(block: Block, with_words: bool) -> View:
    view: View = {
        "text": block_text(block),
        "bbox": list(block.bbox),
        "confidence": mean_confidence(words((block,))),
        "role": block.role.value,
    }
    if with_words:
        view["lines"] = [_line(line) for line in block.lines]
    return view


def _line(line: Line) -> View:
    return {
        "text": " ".join(word.text for word in line.words),
        "bbox": list(line.bbox),
        "confidence": mean_confidence(line.words),
        "words": [_word(word) for word in line.words],
    }


def _word(word: Word) -> View:
    return {"text": word.text, "bbox": list(word.bbox), "confidence": word.confidence}


def _table(table: Table) -> View:
    return {
        "bbox": list(table.bbox),
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "text": cell.text,
                "bbox": list(cell.bbox),
            }
            for cell in table.cells
        ],
    }
