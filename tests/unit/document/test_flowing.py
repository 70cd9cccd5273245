import pytest

from common.document.flowing import flowing_text
from common.document.geometry import Box
from common.document.page import Block, Line, Word

NOWHERE = Box(0, 0, 1, 1)


def block(*texts: str) -> Block:
    lines = (Line(tuple(Word(word, NOWHERE, 0.9) for word in text.split(" ")), NOWHERE) for text in texts)
    return Block(tuple(lines), NOWHERE)


def test_blanks_at_a_seam_are_those_of_the_script() -> None:
    assert flowing_text(block("第一行", "第二行")) == "第一行第二行"
    assert flowing_text(block("第一行", "two", "三")) == "第一行 two 三"
    assert flowing_text(block("한국어", "문장")) == "한국어 문장"


def test_every_line_end_is_joined_in_its_own_way() -> None:
    lines = ("a whis-", "per of 1914-", "18, in- and", "outdoor or pre-", "and post-war", "soft\u00ad", "ly")
    assert flowing_text(block(*lines)) == "a whisper of 1914-18, in- and outdoor or pre- and post-war softly"


def test_only_the_word_that_is_parted_says_whether_it_is_a_compound() -> None:
    assert flowing_text(block("well-known whis-", "per")) == "well-known whisper"
    assert flowing_text(block("state-of-the-", "art")) == "state-of-the-art"


def test_lines_without_text_are_left_out() -> None:
    assert flowing_text(block("one", "", "two")) == "one two"
    assert flowing_text(block("")) == flowing_text(Block((), NOWHERE)) == ""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", ["some of its many words are par-", "第一行文字在这里"])
def test_a_paragraph_of_very_many_lines_takes_no_longer_a_line(text: str) -> None:
    found = flowing_text(block(*[text] * 20_000))
    assert found.startswith(text[:-1])
    assert len(found) > 20_000 * (len(text) - 1)
