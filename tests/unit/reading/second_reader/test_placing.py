from common.document.text import line_text
from common.reading.second_reader.merging import merged
from common.reading.second_reader.placing import placed
from tests.unit.reading.readings import block, line


def _read(blocks, found):
    return [
        [line_text(each) for each in of_block.lines]
        for of_block in placed(blocks, found, merged, lambda word: word.confidence >= 0.7)
    ]


def test_found_lines_are_merged_into_the_lines_that_they_lie_on():
    blocks = [block(line("f1rst", 0.4), line("sec0nd", 0.4, y=40))]
    assert _read(blocks, [line("first", 0.95), line("second", 0.95, y=40)]) == [["first", "second"]]


def test_two_found_parts_of_one_line_stay_one_line():
    blocks = [block(line("total 10.00", 0.4))]
    assert _read(blocks, [line("10.00", 0.95, x=60), line("total", 0.95)]) == [["total 10.00"]]


def test_a_missed_line_comes_between_its_neighbours():
    blocks = [block(line("above")), block(line("below", y=200))]
    assert _read(blocks, [line("missed", y=100)]) == [["above"], ["missed"], ["below"]]


def test_a_missed_end_of_a_line_is_joined_to_it():
    assert _read([block(line("total"))], [line("10.00", x=70)]) == [["total 10.00"]]


def test_a_missed_line_of_the_next_column_stays_apart():
    assert _read([block(line("left"))], [line("right", x=700)]) == [["left"], ["right"]]


def test_what_the_second_reader_does_not_see_stays_where_it_is_sure():
    blocks = [block(line("7", 0.95)), block(line("~ii", 0.3, y=40))]
    assert _read(blocks, []) == [["7"]]


def test_a_line_read_across_two_rows_is_parted():
    tall = line("both", 0.9)
    blocks = [block(type(tall)((*line("upp3r", 0.3).words, *line("l0wer", 0.3, y=40).words), tall.bbox))]
    assert _read(blocks, [line("upper", 0.95), line("lower", 0.95, y=40)]) == [["upper", "lower"]]
