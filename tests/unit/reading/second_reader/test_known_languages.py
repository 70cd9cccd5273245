import pytest

from common.reading.second_reader.known_languages import may_say, reads
from tests.unit.reading.readings import line


@pytest.mark.parametrize("models", [["eng"], ["deu", "fra"], ["chi_sim", "eng"], ["script/HanT"], ["jpn"]])
def test_latin_letters_and_ideographs_are_read(models):
    assert reads(models)


@pytest.mark.parametrize("models", [["rus", "eng"], ["ell"], ["kor"], ["ara"], ["hin"], ["vie"], ["frk"], []])
def test_pages_with_any_other_letters_are_not(models):
    assert not reads(models)


def test_ideographs_are_credible_only_where_a_model_has_them():
    assert may_say(["chi_sim", "eng"], line("東京"))
    assert not may_say(["deu"], line("東京"))
    assert may_say(["deu"], line("Straße"))
