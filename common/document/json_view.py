"""A page as the API shows it: plain dictionaries, ready for JSON."""

from typing import Any

from common.document.markdown import page_markdown
from common.document.model_usage import ModelUsage
from common.document.page import Block, Line, Page, Table, Word
from common.document.text import block_text, line_text, mean_confidence, page_text, words

View = dict[str, Any]


def page_view(page: Page, *, index: int, source_page: int) -> View:
    """``index`` counts the job's pages from 0, ``source_page`` the file's from 1."""
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
        "blocks": [_block(block) for block in page.blocks],
        "tables": [_table(table) for table in page.tables],
        "usage": model_usage_view(page.usage) if page.usage else None,
        "error": None,
    }


def with_lines(view: View, page: Page) -> View:
    """The ``view`` of the page with the lines and words of its blocks."""
    blocks = [
        {**shown, "lines": [_line(line) for line in block.lines]}
        for shown, block in zip(view["blocks"], page.blocks, strict=True)
    ]
    return {**view, "blocks": blocks}


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
        "usage": None,
        "error": {"code": code, "message": message},
    }


def model_usage_view(usage: ModelUsage) -> View:
    return {
        "model": usage.model,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": None if usage.cost_usd is None else round(usage.cost_usd, 6),
    }


def _block(block: Block) -> View:
    """With what stands in ``given`` only where the block has it."""
    view: View = {
        "text": block_text(block),
        "bbox": list(block.bbox),
        "confidence": mean_confidence(words((block,))),
        "role": block.role.value,
    }
    given = {
        "level": block.level,
        "markdown": block.markdown,
        "latex": block.latex,
        "language": block.language,
        "keeps_lines": block.keeps_lines,
    }
    return {**view, **{name: value for name, value in given.items() if value}}


def _line(line: Line) -> View:
    return {
        "text": line_text(line),
        "bbox": list(line.bbox),
        "confidence": mean_confidence(line.words),
        "words": [_word(word) for word in line.words],
    }


def _word(word: Word) -> View:
    """With ``engine`` only where that is another than the page's."""
    view: View = {"text": word.text, "bbox": list(word.bbox), "confidence": word.confidence}
    return view if word.engine is None else {**view, "engine": word.engine.value}


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
                "confidence": cell.confidence,
            }
            for cell in table.cells
        ],
    }
