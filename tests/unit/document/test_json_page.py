import pickle

import orjson

from common.document.geometry import Box
from common.document.json_page import page_of
from common.document.json_view import page_view, with_lines
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word

BOX = Box(1, 2, 30, 40)
WORDS = (Word("own", BOX, 0.9), Word("other", Box(5, 6, 7, 8), 0.25, Engine.PP_OCR))
PAGE = Page(
    400,
    200,
    Engine.TESSERACT,
    blocks=(
        Block((Line(WORDS, BOX), Line(WORDS[:1], BOX)), BOX, Role.HEADING, 2),
        Block((Line(WORDS, BOX),), BOX, Role.TABLE),
    ),
    tables=(Table(BOX, (Cell(0, 1, "cell", BOX, row_span=2, column_span=3, confidence=0.75),)),),
    rotation=90,
    detected_languages=("en", "zh-Hant"),
)


def test_a_page_comes_back_from_its_view() -> None:
    view = with_lines(page_view(PAGE, index=0, source_page=1), PAGE)
    assert page_of(orjson.loads(orjson.dumps(view))) == PAGE


def test_a_blank_page_comes_back_from_its_view() -> None:
    blank = Page(400, 200, Engine.TESSERACT)
    assert page_of(with_lines(page_view(blank, index=0, source_page=1), blank)) == blank


def test_a_page_crosses_processes_unchanged() -> None:
    assert pickle.loads(pickle.dumps(PAGE)) == PAGE
