import pytest

from workers.export.language import language_of


@pytest.mark.parametrize(
    ("text", "languages", "language"),
    [
        ("plain words", ("en",), "en"),
        ("שלום עולם", ("en", "he"), "he"),
        ("Привет", ("en", "ru", "uk"), "ru"),
        ("中文", ("en", "zh-Hans"), "zh-Hans"),
        ("かな", ("zh-Hans", "ja"), "ja"),
        ("漢字", ("ja",), "ja"),
        ("한글", ("ko",), "ko"),
        ("עברית with a word", ("en", "he"), "en"),
        ("plain words", ("he",), None),
        ("12.50 / 3", ("en",), None),
        ("plain words", ("no language",), None),
        ("plain words", (), None),
    ],
)
def test_a_paragraph_is_in_the_first_language_of_its_script(
    text: str, languages: tuple[str, ...], language: str | None
) -> None:
    assert language_of(text, languages) == language
