"""A page from its JSON view with lines and words (see ``json_view``), for those who make files of it."""

from collections.abc import Mapping
from typing import Any

from common.document.geometry import Box
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word

View = Mapping[str, Any]


def page_of(view: View) -> Page:
    """The page that ``with_lines(page_view(page), page)`` shows. Raises KeyError, ValueError for others."""
    return Page(
        width=view["width"],
        height=view["height"],
        engine=Engine(view["engine"]),
        blocks=tuple(_block(block) for block in view["blocks"]),
        tables=tuple(_table(table) for table in view["tables"]),
        rotation=view["rotation"],
        detected_languages=tuple(view["detected_languages"]),
    )


def _block(view: View) -> Block:
    return Block(
        lines=tuple(_line(line) for line in view["lines"]),
        bbox=Box(*view["bbox"]),
        role=Role(view["role"]),
        level=view.get("level", 0),
        markdown=view.get("markdown", ""),
        latex=view.get("latex", ""),
        language=view.get("language", ""),
        keeps_lines=view.get("keeps_lines", False),
    )


def _line(view: View) -> Line:
    return Line(tuple(_word(word) for word in view["words"]), Box(*view["bbox"]))


def _word(view: View) -> Word:
    engine = view.get("engine")
    return Word(view["text"], Box(*view["bbox"]), view["confidence"], Engine(engine) if engine else None)


def _table(view: View) -> Table:
    cells = (
        Cell(
            row=cell["row"],
            column=cell["column"],
            text=cell["text"],
            bbox=Box(*cell["bbox"]),
            row_span=cell["row_span"],
            column_span=cell["column_span"],
            confidence=cell.get("confidence"),
        )
        for cell in view["cells"]
    )
    return Table(Box(*view["bbox"]), tuple(cells))
