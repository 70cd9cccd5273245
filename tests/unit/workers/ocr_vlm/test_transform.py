"""From the upright view to the page as it was sent."""

import pytest

from common.document.geometry import Box, Placement
from common.document.page import Block, Cell, Engine, Line, Role, Table, Word
from common.reading.findings import Findings
from workers.ocr_vlm.transform import page

SIZE = (1000, 600)
BOX = Box(100, 50, 300, 90)


def findings(placement: Placement, rotation: int = 0, languages: tuple[str, ...] = ("fr",)) -> Findings:
    return Findings((), placement, Engine.TESSERACT, rotation, languages)


def block(text: str, box: Box = BOX, role: Role = Role.PARAGRAPH, language: str = "") -> Block:
    return Block((Line((Word(text, box, 0.9),), box),), box, role, language=language)


STRAIGHT = findings(Placement.unchanged(SIZE))


@pytest.mark.parametrize(
    ("turn", "sent"),
    [
        (0, Box(100, 50, 300, 90)),
        (90, Box(50, 700, 90, 900)),
        (180, Box(700, 510, 900, 550)),
        (270, Box(510, 100, 550, 300)),
    ],
)
def test_boxes_are_those_of_the_page_as_it_was_sent(turn: int, sent: Box) -> None:
    """The upright view is SIZE, whichever way the page lies."""
    source = SIZE if turn in (0, 180) else SIZE[::-1]
    witness = findings(Placement.unchanged(source).turned(turn), turn)
    table = Table(BOX, (Cell(0, 0, "amber", BOX),))
    made = page([block("amber"), block("amber", role=Role.TABLE)], [table], witness)
    assert (made.width, made.height, made.rotation) == (*source, turn)
    (word,) = made.blocks[0].lines[0].words
    boxes = (made.blocks[0].bbox, made.blocks[0].lines[0].bbox, word.bbox)
    assert boxes == (sent, sent, sent)
    assert (made.tables[0].bbox, made.tables[0].cells[0].bbox) == (sent, sent)


@pytest.mark.parametrize("degrees", [-2.0, 2.0])
def test_boxes_of_a_skewed_page_are_around_the_slanted_words(degrees: float) -> None:
    placement = Placement.unchanged(SIZE).resized((2000, 1200)).straightened(degrees)
    true = Box(400, 300, 460, 320)
    (found,) = page([block("amber", placement.forward(true))], [], findings(placement)).blocks
    assert all(abs(one - other) <= 4 for one, other in zip(found.bbox, true, strict=True))


def test_the_page_is_the_models() -> None:
    assert page([], [], STRAIGHT).engine is Engine.VLM


def test_tables_come_first_for_those_who_want_nothing_else() -> None:
    blocks = [block("a"), block("b", role=Role.TABLE), block("c"), block("d", role=Role.TABLE)]
    made = page(blocks, [], STRAIGHT, tables_first=True)
    assert [one.lines[0].words[0].text for one in made.blocks] == ["b", "d", "a", "c"]
    made = page(blocks, [], STRAIGHT)
    assert [one.lines[0].words[0].text for one in made.blocks] == ["a", "b", "c", "d"]


def test_languages_are_those_of_the_blocks_the_most_written_first() -> None:
    blocks = [
        block("Ja", language="de"),
        block("A longer sentence", language="en"),
        block("Nein", language="de"),
    ]
    assert page(blocks, [], STRAIGHT).detected_languages == ("en", "de")


@pytest.mark.parametrize("language", ["", "und", "none", "English", "e", "1234"])
def test_where_the_model_names_no_language_the_witness_does(language: str) -> None:
    made = page([block("amber", language=language)], [], STRAIGHT)
    assert made.detected_languages == ("fr",)
    assert made.blocks[0].language == ""


@pytest.mark.parametrize(
    ("said", "code"), [("pt_br", "pt-BR"), ("DE", "de"), ("zh-hans", "zh-Hans"), ("eng", "en")]
)
def test_codes_are_written_as_they_are_here(said: str, code: str) -> None:
    assert page([block("amber", language=said)], [], STRAIGHT).blocks[0].language == code
