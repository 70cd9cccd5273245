import pytest

from common.document.geometry import Box, Placement
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.reading.findings import Findings, page_of_findings

PAGE = (200, 100)
SOMEWHERE = Box(10, 20, 60, 40)
AS_SENT = Placement.unchanged(PAGE)


def words(*texts: str, box: Box = SOMEWHERE, engine: Engine | None = None) -> tuple[Word, ...]:
    return tuple(Word(text, box, 0.9, engine) for text in texts)


def block(of: tuple[Word, ...], box: Box = SOMEWHERE) -> Block:
    return Block((Line(of, box),), box)


def page(*blocks: Block, placement: Placement = AS_SENT, rotation: int = 0) -> Page:
    return page_of_findings(Findings(blocks, placement, Engine.TESSERACT, rotation, ("en",)), ())


def test_boxes_are_those_of_the_page() -> None:
    found = page(block(words("Harbour")))
    assert (found.width, found.height, found.engine, found.rotation) == (*PAGE, Engine.TESSERACT, 0)
    assert found.detected_languages == ("en",)
    assert found.blocks[0].bbox == found.blocks[0].lines[0].words[0].bbox == SOMEWHERE


def test_boxes_of_a_reduced_image_are_scaled_up() -> None:
    found = page(block(words("Harbour")), placement=Placement.unchanged((400, 300)).resized(PAGE))
    assert found.blocks[0].bbox == Box(20, 60, 120, 120)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [(90, Box(20, 40, 40, 90)), (180, Box(140, 60, 190, 80)), (270, Box(160, 10, 180, 60))],
)
def test_boxes_of_a_turned_image_are_turned_back(rotation: int, expected: Box) -> None:
    found = page(block(words("Harbour")), placement=AS_SENT.turned(rotation), rotation=rotation)
    assert found.rotation == rotation
    assert found.blocks[0].bbox == expected


def test_boxes_never_leave_the_page() -> None:
    beyond = Box(-3, -3, 500, 500)
    assert page(block(words("Harbour", box=beyond), beyond)).blocks[0].bbox == Box(0, 0, *PAGE)


def test_the_page_is_signed_by_who_read_most_of_it_and_other_words_by_their_reader() -> None:
    found = page(block((*words("Ox"), *words("lighthouse", engine=Engine.PP_OCR))))
    assert found.engine is Engine.PP_OCR
    engines = {word.text: word.engine for word in found.blocks[0].lines[0].words}
    assert engines == {"Ox": Engine.TESSERACT, "lighthouse": None}


ABOVE, INSIDE = Box(10, 5, 60, 15), Box(10, 50, 60, 60)
TABLE = Table(Box(5, 45, 190, 95), (Cell(0, 0, "inside", INSIDE),))


def with_table(placement: Placement = AS_SENT, *, tables_first: bool = False) -> Page:
    blocks = block(words("above", box=ABOVE), ABOVE), block(words("inside", box=INSIDE), INSIDE)
    return page_of_findings(Findings(blocks, placement, Engine.TESSERACT), [TABLE], tables_first=tables_first)


def test_a_table_takes_the_place_of_its_words() -> None:
    found = with_table()
    assert [block.role is Role.TABLE for block in found.blocks] == [False, True]
    assert found.tables == (TABLE,)


def test_tables_come_first_for_those_who_want_nothing_else() -> None:
    assert [block.role is Role.TABLE for block in with_table(tables_first=True).blocks] == [True, False]


def test_the_boxes_of_tables_and_cells_are_those_of_the_page_too() -> None:
    (table,) = with_table(Placement.unchanged((400, 200)).resized(PAGE)).tables
    assert table.bbox == Box(10, 90, 380, 190)
    assert table.cells[0].bbox == Box(20, 100, 120, 120)
