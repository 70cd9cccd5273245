from common.document.page import Engine
from common.reading.second_reader.merging import merged
from tests.unit.reading.readings import words


def _texts(*arguments):
    return [word.text for word in merged(*arguments)]


def test_words_that_both_read_alike_keep_the_first_readers_boxes_and_are_surer():
    ours, theirs = words("TOTAL", 0.8), words("TOTAL", 0.9, x=3, engine=Engine.PP_OCR)
    (word,) = merged(ours, theirs)
    assert (word.bbox, word.engine) == (ours[0].bbox, None)
    assert word.confidence > 0.9


def test_where_they_differ_the_surer_one_stays_and_names_its_reader():
    (word,) = merged(words("T0TAL", 0.5), words("TOTAL", 0.95, engine=Engine.PP_OCR))
    assert (word.text, word.engine) == ("TOTAL", Engine.PP_OCR)
    (word,) = merged(words("TOTAL", 0.95), words("T0TAL", 0.5, engine=Engine.PP_OCR))
    assert (word.text, word.engine) == ("TOTAL", None)


def test_one_wrong_word_does_not_cost_its_neighbours():
    ours = words("the qu1ck fox", 0.6)
    read = merged(ours, words("the quick fox", 0.95, engine=Engine.PP_OCR))
    assert [(word.text, word.engine) for word in read] == [
        ("the", None),
        ("quick", Engine.PP_OCR),
        ("fox", None),
    ]


def test_a_blank_that_the_second_reader_missed_comes_from_the_first():
    assert _texts(words("TOTAL AM0UNT", 0.5), words("TOTALAMOUNT", 0.95)) == ["TOTAL", "AMOUNT"]


def test_a_cut_word_has_its_part_of_the_box():
    _, second = merged(words("TOTAL AM0UNT", 0.5), words("TOTALAMOUNT", 0.95, engine=Engine.PP_OCR))
    assert (second.bbox.x0, second.bbox.x1) == (50, 110)


def test_a_word_that_only_one_read_stays_where_it_is_credible():
    assert _texts(words("total 10.00", 0.9), words("total", 0.9)) == ["total", "10.00"]
    assert _texts(words("total", 0.9), words("total ~~", 0.2)) == ["total"]


def test_what_one_reader_alone_has_is_taken_as_it_is():
    assert _texts((), words("total", 0.4)) == ["total"]
    assert _texts(words("total", 0.4), ()) == ["total"]


def test_the_quotation_marks_of_print_stay_where_the_second_reader_has_straight_ones():
    ours = words("\u201cWhat are ye d0ing?\u201d", 0.6)
    assert _texts(ours, words('"What are ye doing?"', 0.95)) == ["\u201cWhat", "are", "ye", 'doing?"']
