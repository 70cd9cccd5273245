"""Which models read a page together."""

import pytest

from common.domain.companions import models_if_mixed, models_to_read
from common.domain.tesseract_variables import is_taken_apart, is_torn, variables_for


@pytest.mark.parametrize("named", [("eng",), ("deu", "fra"), ("frk",), ("Latin",), ("vie",)])
def test_latin_pages_pay_for_no_second_model(named: tuple[str, ...]) -> None:
    assert models_to_read(named) == named
    assert models_if_mixed(named) is None


@pytest.mark.parametrize("model", ["rus", "ell", "kor", "tha", "ben", "tam", "kat"])
def test_english_words_are_read_beside_scripts_that_it_does_not_harm(model: str) -> None:
    assert models_to_read([model]) == (model, "eng")


@pytest.mark.parametrize("model", ["chi_sim", "chi_tra", "jpn", "jpn_vert"])
def test_models_that_read_latin_themselves_stay_alone(model: str) -> None:
    assert models_to_read([model]) == (model,)
    assert models_if_mixed([model]) is None


@pytest.mark.parametrize("model", ["ara", "urd", "heb", "Arabic", "Ethiopic"])
def test_english_is_tried_beside_arabic_and_hebrew_only_on_pages_that_seem_mixed(model: str) -> None:
    assert models_to_read([model]) == (model,)
    assert models_if_mixed([model]) == (model, "eng")


def test_what_was_tried_is_not_tried_again() -> None:
    assert models_if_mixed(models_to_read(["rus"])) is None


def test_a_model_that_another_one_beats_makes_way_for_it() -> None:
    assert models_to_read(["tat"]) == ("Cyrillic", "eng")
    assert models_to_read(["hin", "mar"]) == ("Devanagari", "eng")
    assert models_to_read(["eus"]) == ("Latin",)


def test_the_order_of_the_sender_is_kept() -> None:
    assert models_to_read(["eng", "rus"]) == ("eng", "rus")
    assert models_to_read(["rus", "deu"]) == ("rus", "deu", "eng")


def test_lines_with_many_dots_are_not_taken_for_noise() -> None:
    assert variables_for(["pan", "eng"]) == {"textord_noise_rejrows": "0"}
    assert variables_for(["eng"]) == {}


def test_scripts_that_the_search_for_columns_takes_apart() -> None:
    assert is_taken_apart(["kor", "eng"]) and is_taken_apart(["khm"])
    assert not is_taken_apart(["eng"]) and not is_taken_apart(["jpn"])


def test_hangul_alone_is_torn() -> None:
    assert is_torn(["kor", "eng"]) and not is_torn(["jpn"])


def test_models_of_an_operators_own_have_no_script_to_be_set_for() -> None:
    assert variables_for(["xxx"]) == {}
    assert variables_for(["xxx", "Arabic"]) == variables_for(["Arabic"]) != {}
    assert not is_torn(["xxx"]) and not is_taken_apart(["xxx"])
