from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Role, Word
from common.document.text import line_text, mean_confidence, page_text

NOWHERE = Box(0, 0, 1, 1)


def line(*texts: str) -> Line:
    return Line(tuple(Word(text, NOWHERE, 0.9) for text in texts), NOWHERE)


def page(*blocks: Block) -> Page:
    return Page(100, 100, Engine.TESSERACT, blocks)


def block(*lines: Line, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    return Block(lines, NOWHERE, role, level)


def test_lines_stay_lines_and_blocks_are_set_apart() -> None:
    found = page(block(line("one", "two"), line("three")), block(line("four")))
    assert page_text(found) == "one two\nthree\n\nfour"


def test_a_blank_page_has_no_text() -> None:
    assert page_text(page()) == ""


def test_scripts_without_blanks_get_none() -> None:
    assert line_text(line("中文", "测试", "。")) == "中文测试。"
    assert line_text(line("ひらがな", "と", "カタカナ")) == "ひらがなとカタカナ"
    assert line_text(line("ภาษา", "ไทย")) == "ภาษาไทย"


def test_scripts_with_blanks_keep_them() -> None:
    assert line_text(line("한국", "어")) == "한국 어"
    assert line_text(line("版本", "2.0", "发布")) == "版本 2.0 发布"
    assert line_text(line("шрифт", "العربية")) == "шрифт العربية"


def test_confidence_is_weighted_by_characters() -> None:
    assert mean_confidence([]) is None
    assert mean_confidence([Word("abc", NOWHERE, 1.0), Word("d", NOWHERE, 0.2)]) == 0.8
