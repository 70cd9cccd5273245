"""The one parser behind both ways to run Tesseract."""

from common.adapters.tesseract_tsv import blocks_from_tsv
from common.document.geometry import Box
from common.document.text import block_text, words

HEADER = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
TSV = """\
1\t1\t0\t0\t0\t0\t0\t0\t640\t480\t-1\t
2\t1\t1\t0\t0\t0\t10\t10\t300\t90\t-1\t
3\t1\t1\t1\t0\t0\t10\t10\t300\t40\t-1\t
4\t1\t1\t1\t1\t0\t10\t10\t300\t20\t-1\t
5\t1\t1\t1\t1\t1\t10\t12\t50\t18\t96.5\tHello
5\t1\t1\t1\t1\t2\t70\t10\t60\t20\t101\tworld
4\t1\t1\t1\t2\t0\t10\t40\t300\t20\t-1\t
5\t1\t1\t1\t2\t1\t10\t40\t50\t20\t80.123456\tagain
5\t1\t1\t2\t1\t1\t10\t70\t50\t20\t70\tnext
5\t1\t2\t1\t1\t1\t10\t90\t50\t20\t60\tlast
5\t1\t3\t1\t1\t1\t0\t0\t640\t480\t95\t \n"""


def test_each_paragraph_is_a_block_of_lines_of_words() -> None:
    assert [block_text(block) for block in blocks_from_tsv(TSV)] == ["Hello world\nagain", "next", "last"]


def test_the_commands_header_is_no_word() -> None:
    assert blocks_from_tsv(HEADER + TSV) == blocks_from_tsv(TSV)


def test_boxes_enclose_the_words() -> None:
    first = blocks_from_tsv(TSV)[0]
    assert first.lines[0].words[0].bbox == Box(10, 12, 60, 30)
    assert first.lines[0].bbox == Box(10, 10, 130, 30)
    assert first.bbox == Box(10, 10, 130, 60)


def test_confidences_are_shares() -> None:
    assert [word.confidence for word in words(blocks_from_tsv(TSV))] == [0.965, 1.0, 0.8012, 0.7, 0.6]


def test_text_may_hold_what_splits_lines_elsewhere() -> None:
    (block,) = blocks_from_tsv("5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t90\ta\u2028b\x0bc\n")
    assert block_text(block) == "a\u2028b\x0bc"


def test_nothing_is_no_blocks() -> None:
    assert blocks_from_tsv("") == blocks_from_tsv(HEADER) == ()


def test_marks_that_stand_for_nothing_are_no_part_of_a_word() -> None:
    row = "5\t1\t1\t1\t1\t{number}\t0\t0\t9\t9\t90\t{text}\n"
    texts = ["(London)\u200f", "\u0bae\u0bcd\u200c", "\u0646\u200c\u0645", "\u200e"]
    tsv = "".join(row.format(number=number, text=text) for number, text in enumerate(texts))
    assert [word.text for word in words(blocks_from_tsv(tsv))] == [
        "(London)",
        "\u0bae\u0bcd",
        "\u0646\u200c\u0645",
    ]
