import pytest

from tests.eval.reliability import Judged, calibration_error, judged, ranges, words_of


def test_words_are_right_where_they_stand_in_the_truth():
    found = judged("the quick fox", [("the", 0.9), ("qu1ck", 0.4), ("fox", 0.8), ("~", 0.2)])
    assert [word.right for word in found] == [True, False, True, False]


def test_a_word_in_another_place_is_not_right():
    assert [word.right for word in judged("a b c d", [("d", 1.0), ("b", 1.0)])].count(True) == 1


def test_a_truth_in_capitals_is_compared_in_capitals():
    assert judged("TOTAL", [("Total", 0.9)], upper=True)[0].right
    assert not judged("TOTAL", [("Total", 0.9)])[0].right


def test_quotes_and_dashes_are_alike():
    assert judged("don't -", [("don\u2019t", 0.9), ("—", 0.9)])[1].right


def test_honest_confidences_have_no_error():
    honest = [Judged(0.75, True)] * 3 + [Judged(0.75, False)]
    assert calibration_error(honest) == pytest.approx(0.0)


def test_boasting_is_an_error_as_large_as_the_boast():
    assert calibration_error([Judged(0.9, False)] * 10) == pytest.approx(0.9)


def test_certain_words_are_in_the_last_range():
    assert [found.words for found in ranges([Judged(1.0, True), Judged(0.95, True), Judged(0.0, False)])] == [
        1,
        2,
    ]


def test_words_come_from_all_lines_of_a_job():
    line = {"words": [{"text": "a", "confidence": 0.5}, {"text": "b", "confidence": 1}]}
    assert list(words_of({"pages": [{"blocks": [{"lines": [line]}]}]})) == [("a", 0.5), ("b", 1.0)]
