"""Which model a caller means, and what the list says of each."""

import pytest

from common.domain.languages import MAX_LANGUAGES, MODELS, language_of, languages, models
from common.errors import InvalidField


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("auto", ()),
        ("AUTO", ()),
        ("", ()),
        ("en", ("eng",)),
        ("EN", ("eng",)),
        ("eng", ("eng",)),
        ("en-US", ("eng",)),
        ("English", ("eng",)),
        ("ger", ("deu",)),
        ("de-1996", ("deu",)),
        ("en+de", ("eng", "deu")),
        ("en,de", ("eng", "deu")),
        ("en+eng", ("eng",)),
        ("ch", ("chi_sim",)),
        ("zh-Hant", ("chi_tra",)),
        ("zh_TW", ("chi_tra",)),
        ("chi_sim", ("chi_sim",)),
        ("cmn", ("chi_sim",)),
        ("japan", ("jpn",)),
        ("jpn_vert", ("jpn_vert",)),
        ("ko", ("kor",)),
        ("korean", ("kor",)),
        ("ar", ("ara",)),
        ("arb", ("ara",)),
        ("sr", ("srp",)),
        ("sr-Latn", ("srp_latn",)),
        ("sh", ("srp_latn",)),
        ("az-Cyrl-AZ", ("aze_cyrl",)),
        ("nb-NO", ("nor",)),
        ("iw", ("heb",)),
        ("tl", ("fil",)),
        ("ku", ("kmr",)),
        ("grc", ("grc",)),
        ("frk", ("frk",)),
        ("de-Latf", ("frk",)),
    ],
)
def test_codes_of_every_kind_name_a_model(field: str, expected: tuple[str, ...]) -> None:
    assert models(field) == expected


@pytest.mark.parametrize(
    ("field", "model"),
    [
        ("script/Devanagari", "Devanagari"),
        ("devanagari", "Devanagari"),
        ("cyrillic", "Cyrillic"),
        ("latin", "Latin"),
        ("fraktur", "Fraktur"),
        ("und-Cyrl", "Cyrillic"),
        ("HanS_vert", "HanS_vert"),
    ],
)
def test_a_script_can_be_named_instead_of_a_language(field: str, model: str) -> None:
    assert models(field) == (model,)


@pytest.mark.parametrize(
    ("name", "model"), [("Greek", "ell"), ("Thai", "tha"), ("arabic", "ara"), ("Lao", "lao"), ("la", "lat")]
)
def test_a_name_of_both_a_language_and_a_script_is_the_language(name: str, model: str) -> None:
    assert models(name) == (model,)


@pytest.mark.parametrize(
    ("code", "model"),
    [
        ("zu", "Latin"),
        ("bho", "Devanagari"),
        ("ckb", "Arabic"),
        ("hi-Latn", "Latin"),
        ("kk-Arab", "Arabic"),
        ("yue", "chi_tra"),
        ("ko-Hang", "kor"),
    ],
)
def test_a_language_without_a_model_is_read_by_its_script(code: str, model: str) -> None:
    assert models(code) == (model,)


@pytest.mark.parametrize(
    "field", ["klingon", "xx", "en+klingon", "../../etc/passwd", "auto+en", "a" * 500, "mn-Mong", "osd"]
)
def test_a_language_that_no_model_reads_is_refused_with_where_to_look(field: str) -> None:
    with pytest.raises(InvalidField, match=r"GET /api/v1/languages/.*ISO 639") as caught:
        models(field)
    assert caught.value.field == "language"
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    ("typo", "meant"), [("germn", "german"), ("chi_smi", "chi-sim"), ("Cyrilic", "cyrillic")]
)
def test_a_slip_of_the_pen_is_told_what_may_have_been_meant(typo: str, meant: str) -> None:
    with pytest.raises(InvalidField, match=f"Did you mean .*{meant}"):
        models(typo)


def test_too_many_languages_at_once_are_refused() -> None:
    with pytest.raises(InvalidField, match=f"At most {MAX_LANGUAGES}"):
        models("+".join(sorted(MODELS)[: MAX_LANGUAGES + 1]))


def test_every_code_and_alias_in_the_list_names_its_own_model() -> None:
    for language in languages():
        for name in (language.code, language.code.upper(), *language.aliases):
            assert models(name) == (language.model,), name


def test_every_model_name_but_those_of_languages_too_names_itself() -> None:
    taken = {"Arabic", "Armenian", "Bengali", "Cherokee", "Georgian", "Greek", "Gujarati", "Hangul", "Hebrew"}
    taken |= {"Japanese", "Kannada", "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Syriac"}
    taken |= {"Tamil", "Telugu", "Thai", "Tibetan", "Vietnamese"}
    assert {model for model in MODELS if models(model) != (model,)} == taken


def test_iso_639_and_script_codes_have_their_length() -> None:
    for language in languages():
        assert len(language.iso639_1 or "xx") == 2
        assert len(language.iso639_3 or "xxx") == 3
        assert len(language.script) == 4
        assert (language.iso639_3 is None) == language.is_script


def test_no_two_entries_share_a_code() -> None:
    codes = [language.code for language in languages()]
    assert len(codes) == len(set(codes)) == len(MODELS) >= 100


@pytest.mark.parametrize(
    ("model", "code", "name", "script", "direction"),
    [
        ("eng", "en", "English", "Latin", "ltr"),
        ("heb", "he", "Hebrew", "Hebrew", "rtl"),
        ("urd", "ur", "Urdu", "Arabic", "rtl"),
        ("div", "dv", "Divehi", "Thaana", "rtl"),
        ("chi_tra", "zh-Hant", "Traditional Chinese", "Traditional Han", "ltr"),
        ("srp", "sr", "Serbian", "Cyrillic", "ltr"),
        ("grc", "grc", "Ancient Greek", "Greek", "ltr"),
        ("frk", "de-Latf", "German (Fraktur Latin)", "Fraktur Latin", "ltr"),
        ("jpn_vert", "ja-x-vertical", "Japanese, vertical", "Japanese", "ttb"),
        ("Devanagari", "und-Deva", "Devanagari script", "Devanagari", "ltr"),
        ("Vietnamese", "und-Latn-VN", "Latin script, Vietnam", "Latin", "ltr"),
    ],
)
def test_a_model_is_described(model: str, code: str, name: str, script: str, direction: str) -> None:
    found = language_of(model)
    assert (found.code, found.name, found.script_name, found.direction) == (code, name, script, direction)
