"""What the model is to answer about a page: the shape that it is given, and that its answer is held to.

The model gives no boxes: where things are is measured (see ``grounding``).
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from common.document.page import Role


class Legibility(StrEnum):
    """How well the model could read a block."""

    CLEAR = "clear"
    PARTLY = "partly"
    POOR = "poor"


class _Answer(BaseModel):
    """Fields that a model adds of its own accord are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CellAnswer(_Answer):
    text: str
    row_span: int = Field(1, ge=1, le=1000)
    column_span: int = Field(1, ge=1, le=1000)


class BlockAnswer(_Answer):
    """One block of the page.

    ``text``: its plain text, with the line breaks of the page. ``markdown``: the same with its bold, italic
    and inline mathematics; empty where it has none of these. ``latex``: of a formula, without dollar signs.
    ``table``: the rows of a table, each with the cells that begin in it, left to right. ``language``: BCP-47.
    ``level``: of a heading 1 to 6, of a list item 1 for the outermost; 0 elsewhere.
    """

    role: Role
    text: str
    level: int = Field(0, ge=0, le=6)
    markdown: str = ""
    latex: str = ""
    table: tuple[tuple[CellAnswer, ...], ...] = ()
    language: str = ""
    handwritten: bool = False
    legibility: Legibility = Legibility.CLEAR


class PageAnswer(_Answer):
    """The blocks of a page in reading order; none on an empty page."""

    blocks: tuple[BlockAnswer, ...]
