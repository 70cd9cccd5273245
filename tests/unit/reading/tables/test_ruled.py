"""Tables with rules, read by the real engine: no rule is a word, no cell is lost."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Page
from common.document.text import words
from common.reading.page_order import PageOrder
from common.reading.tables.erasure import without_rules
from tests.pages import draw_sheet
from tests.ruled_tables import ARABIC, HEBREW, HINDI, RUSSIAN, STOCK, STYLES, Rows, Ruled, Style, draw_table
from workers.ocr_cpu.engine import read_page

_RULES = "|\u00a6[]!_\u2014"


def _read(rows: Rows, ruled: Ruled, model: str, folder: Path) -> Page:
    path = folder / "table.png"
    draw_table(rows, ruled).save(path, dpi=(ruled.dpi, ruled.dpi))
    return read_page(PageOrder(path, MediaType.PNG, 0, (model,), tessdata_folder(), 60))


def _rules_read(page: Page) -> list[str]:
    return [word.text for word in words(page.blocks) if not word.text.strip(_RULES)]


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("style", STYLES)
def test_no_rule_of_a_table_is_read_as_a_word(style: Style, dpi: int, tmp_path: Path) -> None:
    assert _rules_read(_read(STOCK, Ruled(style, dpi), "eng", tmp_path)) == []


@pytest.mark.parametrize(
    ("rows", "script", "model"), [(HEBREW, "Hebr", "heb"), (ARABIC, "Arab", "ara"), (RUSSIAN, "Cyrl", "rus")]
)
def test_no_rule_is_read_as_a_word_in_other_scripts(
    rows: Rows, script: str, model: str, tmp_path: Path
) -> None:
    assert _rules_read(_read(rows, Ruled("thick", 150, script=script), model, tmp_path)) == []


def test_a_slight_skew_does_not_bring_the_rules_back(tmp_path: Path) -> None:
    assert _rules_read(_read(STOCK, Ruled("thin", 150, skew=0.8), "eng", tmp_path)) == []


@pytest.mark.parametrize(("rows", "script", "model"), [(STOCK, "Latn", "eng"), (HEBREW, "Hebr", "heb")])
def test_every_cell_of_a_ruled_table_has_its_text(
    rows: Rows, script: str, model: str, tmp_path: Path
) -> None:
    [table] = _read(rows, Ruled("thin", 150, script=script), model, tmp_path).tables
    assert [cell.text for cell in table.cells] == [text for row in rows for text in row]


@pytest.mark.parametrize("style", ["thin", "thick"])
@pytest.mark.parametrize("dpi", [150, 300])
def test_letters_that_hang_from_a_line_are_read_between_rules(style: Style, dpi: int, tmp_path: Path) -> None:
    [table] = _read(HINDI, Ruled(style, dpi, script="Deva"), "hin", tmp_path).tables
    assert [cell.text for cell in table.cells] == [text for row in HINDI for text in row]


def test_cells_say_how_sure_their_text_is(tmp_path: Path) -> None:
    [table] = _read(STOCK, Ruled("thin", 150), "eng", tmp_path).tables
    assert all(cell.confidence is not None and 0 < cell.confidence <= 1 for cell in table.cells)


def test_a_page_without_rules_is_left_as_it_is() -> None:
    image = draw_sheet(["Hill Illinois |l| llama", "H I T L [1] tall ill"]).image
    assert without_rules(image, 22.0) is image


def test_a_letter_on_a_rule_stays_whole() -> None:
    image = Image.new("L", (400, 400), 255)
    draw = ImageDraw.Draw(image)
    draw.line((200, 20, 200, 380), 0, 3)
    draw.line((100, 20, 300, 20), 0, 3)
    draw.line((180, 200, 220, 200), 0, 4)  # the bar of a letter that crosses the rule
    left = without_rules(image, 20.0)
    assert [left.getpixel((x, 200)) for x in (182, 200, 218)] == [0, 0, 0]
    assert left.getpixel((200, 100)) == 255


def test_rules_across_are_erased_only_where_that_is_asked() -> None:
    image = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(image).rectangle((50, 50, 350, 350), None, 0, 3)
    kept, erased = without_rules(image, 20.0), without_rules(image, 20.0, across=True)
    assert [kept.getpixel((200, 51)), kept.getpixel((51, 200))] == [0, 255]
    assert [erased.getpixel((200, 51)), erased.getpixel((51, 200))] == [255, 255]
