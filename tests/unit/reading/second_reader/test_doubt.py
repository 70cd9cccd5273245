from common.reading.second_reader.doubt import doubt
from tests.unit.reading.readings import block, line

_PROSE = "a plain line of prose as long as others are"


def test_sure_lines_leave_no_doubt():
    assert not doubt([block(line(_PROSE, 0.96), line(_PROSE, 0.95))], has_ink=True)


def test_a_weak_line_among_many_is_doubted_alone():
    found = doubt([block(*[line(_PROSE, 0.96)] * 9), block(line(_PROSE, 0.5))], has_ink=True)
    assert not found.whole
    assert found.lines == {(1, 0)}


def test_a_page_of_weak_lines_is_doubted_as_a_whole():
    assert doubt([block(line(_PROSE, 0.96), line(_PROSE, 0.6))], has_ink=True).whole


def test_nothing_read_is_doubted_only_where_there_is_ink():
    assert doubt([], has_ink=True).whole
    assert not doubt([], has_ink=False)


def test_a_few_sure_characters_are_enough():
    assert not doubt([block(line("page 7", 0.95))], has_ink=True)
