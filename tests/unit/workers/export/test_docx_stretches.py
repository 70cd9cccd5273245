from hypothesis import given
from hypothesis import strategies as st

from workers.export.formats.word.stretches import stretches
from workers.export.formats.word.writing_systems import ARABIC, BY_SCRIPT, JAPANESE, LATIN, WritingSystem

HEBREW = BY_SCRIPT["Hebr"]


def parts(text: str, base: WritingSystem = LATIN, han: WritingSystem = JAPANESE) -> list[tuple[str, str]]:
    return [(system.script, part) for system, part in stretches(text, base, han)]


def test_text_of_one_writing_system_is_one_stretch() -> None:
    assert parts("Some text, 12 (of 30)!") == [("Latn", "Some text, 12 (of 30)!")]
    assert parts("") == []


def test_kana_and_ideographs_of_japanese_are_one_stretch() -> None:
    assert parts("日本語のテキスト。") == [("Jpan", "日本語のテキスト。")]


def test_blanks_between_right_to_left_words_go_their_way() -> None:
    assert parts("שלום עולם", HEBREW) == [("Hebr", "שלום עולם")]
    assert parts("He said שלום עולם twice") == [
        ("Latn", "He said "),
        ("Hebr", "שלום עולם"),
        ("Latn", " twice"),
    ]


def test_the_end_of_a_sentence_goes_the_way_of_its_paragraph() -> None:
    assert parts("He said שלום.")[-1] == ("Latn", ".")
    assert parts("שלום world.", HEBREW)[-1] == ("Hebr", ".")


def test_digits_go_with_the_letters_before_them() -> None:
    assert parts("يعمل Windows 10 هنا", ARABIC) == [
        ("Arab", "يعمل "),
        ("Latn", "Windows 10"),
        ("Arab", " هنا"),
    ]
    assert parts("في 12/05/2020", ARABIC) == [("Arab", "في 12/05/2020")]


@given(
    st.text(st.sampled_from("aZ19 .,()-אבتम中あ한ไé\u0301\u200f\n")), st.sampled_from([LATIN, HEBREW, ARABIC])
)
def test_nothing_is_lost(text: str, base: WritingSystem) -> None:
    assert "".join(part for _, part in stretches(text, base)) == text
