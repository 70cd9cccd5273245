"""Letters counted by their scripts."""

# ruff: noqa: RUF001  (other alphabets are meant)

from common.document.letters import letters_by_script, words_in
from common.domain.languages import languages


def test_letters_count_for_their_script_and_digits_for_none() -> None:
    counted = letters_by_script("Müller 42 – Путь, ギター と 漢字")
    assert counted == {"Latn": 6, "Cyrl": 4, "Hira": 4, "Hani": 2}


def test_vowel_signs_belong_to_their_letters() -> None:
    assert letters_by_script("हिन्दी") == {"Deva": 6}


def test_only_the_words_of_a_script_are_taken() -> None:
    assert words_in("Latn", "В отчёте British Museum за 1907 год") == "British Museum"


def test_every_script_that_can_be_read_has_letters() -> None:
    composed = {"Hans": "漢", "Hant": "漢", "Jpan": "か", "Kore": "한", "Latf": "a"}
    samples = "aαжაաعܐހकকਕકକதతಕമසกລཀမაអᎠᐃខאአ"
    known = {next(iter(letters_by_script(letter))) for letter in samples}
    assert {one.script for one in languages()} - set(composed) <= known
    assert all(letters_by_script(letter) for letter in composed.values())
