"""Pages in another language."""

import pytest

from common.document.geometry import Box
from common.document.json_page import page_of
from common.document.json_view import page_view, with_lines
from common.document.markdown import page_markdown
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.text import page_text
from common.document.translation import translatable, translated

TABLE = Table(
    Box(0, 400, 400, 460), (Cell(0, 0, "Size", Box(0, 400, 200, 460)), Cell(0, 1, "", Box(0, 0, 0, 0)))
)


def line(text: str, top: int, width: int = 10) -> Line:
    words, left = [], 20
    for word in text.split():
        words.append(Word(word, Box(left, top, left + width * len(word), top + 20), 0.9))
        left += width * (len(word) + 1)
    return Line(tuple(words), Box(20, top, left, top + 20))


def block(*texts: str, top: int = 0, role: Role = Role.PARAGRAPH) -> Block:
    lines = tuple(line(text, top + 30 * row) for row, text in enumerate(texts))
    return Block(lines, Box(20, top, 600, top + 30 * len(lines)), role)


ADDRESS = block("Rosalind Hartley", "14 Mill Lane", "Northport")
PROSE = block(
    "The harbour master keeps a record of every vessel that enters",
    "the port, with her tonnage, her cargo and the name of her cap-",
    "tain.",
    top=200,
)
FORMULA = block("a + b", top=330, role=Role.FORMULA)
CELLS = block("Size", top=400, role=Role.TABLE)
PAGE = Page(
    700, 900, Engine.TESSERACT, (ADDRESS, PROSE, FORMULA, CELLS), (TABLE,), detected_languages=("en",)
)


def test_running_text_is_one_text_and_lines_that_end_on_purpose_are_one_each() -> None:
    *address, prose, cell = translatable(PAGE)
    assert address == ["Rosalind Hartley", "14 Mill Lane", "Northport"]
    assert prose.endswith("the name of her captain.") and cell == "Size"


def test_translations_take_the_places_of_their_texts() -> None:
    page = translated(PAGE, ["R. H.", "Mühlweg 14", "Nordhafen", "Der Hafenmeister.", "Größe"], "de")
    assert page_text(page).split("\n\n")[:2] == ["R. H.\nMühlweg 14\nNordhafen", "Der Hafenmeister."]
    assert (page.tables[0].cells[0].text, page.blocks[3].lines[0].words[0].text) == ("Größe", "Größe")
    assert page.blocks[2] is FORMULA and page.detected_languages == ("de",)
    assert page.blocks[1].bbox == PROSE.bbox


@pytest.mark.parametrize("again", [False, True])
def test_lines_stay_lines_however_long_the_translation(again: bool) -> None:
    long = "eine sehr viel längere Zeile als sie es im Original gewesen ist"
    page = translated(PAGE, [long, "Weg", long, "Prosa.", "Größe"], "de")
    if again:
        page = page_of(with_lines(page_view(page, index=0, source_page=1), page))
    assert page_markdown(page).startswith(f"{long}\\\nWeg\\\n{long}\n\nProsa.")


def test_other_than_as_many_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 texts"):
        translated(PAGE, ["a", "b"], "de")
