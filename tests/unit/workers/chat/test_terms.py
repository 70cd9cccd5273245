import pytest

from workers.chat.terms import Terms, tokens


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Invoices", "invoice"),
        ("de", "Verträge", "VERTRAG"),
        ("es", "facturas", "Factura"),
        ("fr", "Facturées", "facturée"),
        ("es", "número", "numero"),
        ("tr", "İstanbul", "istanbul"),
    ],
)
def test_forms_of_a_word_are_one_term(language: str, one: str, other: str) -> None:
    terms = Terms(language)
    assert terms.all(one) == terms.all(other)


def test_amounts_and_dates_stay_whole() -> None:
    assert list(tokens("EUR 1.234,50 am 14.05.2025")) == ["eur", "1.234,50", "am", "14.05.2025"]


def test_scripts_without_blanks_give_pairs_of_letters() -> None:
    assert list(tokens("发票号码 42")) == ["发票", "票号", "号码", "42"]


def test_vowel_signs_do_not_part_words() -> None:
    assert list(tokens("हिन्दी में")) == ["हिन्दी", "में"]


def test_small_words_tell_nothing() -> None:
    terms = Terms("de")
    assert terms.telling(terms.all("der Betrag ist hoch")) == terms.all("Betrag hoch")


def test_an_accent_alone_tells_nothing() -> None:
    terms = Terms("en")
    assert terms.telling(terms.all("\u0301 word")) == ["word"]
