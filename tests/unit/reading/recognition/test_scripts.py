from common.document.script import Script
from common.domain.languages import MODELS
from common.reading.recognition.scripts import model_for, readers_of, readers_of_others


def test_a_detected_script_is_read_by_its_models() -> None:
    assert readers_of(Script("Devanagari", 0, 9.0)) == ("Devanagari",)
    assert readers_of(Script("Han", 0, 9.0)) == ("chi_sim", "chi_tra")


def test_where_no_script_or_an_unknown_one_was_detected_english_is_read() -> None:
    assert readers_of(None) == readers_of(Script("Klingon", 0, 9.0)) == ("eng",)


def test_the_models_of_all_other_scripts_are_there_to_be_tried_once() -> None:
    others = list(readers_of_others(Script("Arabic", 0, 1.0)))
    assert {"kat", "hye", "guj", "Cyrillic", "chi_tra"} <= set(others) <= MODELS
    assert not {"eng", "Arabic"} & set(others)
    assert len(set(others)) == len(others)


def test_a_language_is_read_by_its_own_model() -> None:
    assert model_for("cs", "eng") == "ces"
    assert model_for("uk", "Cyrillic") == "ukr"
    assert model_for("fa", "Arabic") == "fas"


def test_a_language_of_another_script_does_not_change_the_model() -> None:
    assert model_for("en", "Cyrillic") == "Cyrillic"
    assert model_for("hi", "ben") == "ben"
    assert model_for(None, "eng") == "eng"


def test_a_model_that_reads_its_whole_script_best_stays() -> None:
    assert model_for("hi", "Devanagari") == "Devanagari"
    assert model_for("zh-Hans", "chi_tra") == "chi_tra"
