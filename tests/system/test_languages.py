"""Languages: named in many ways, several at once, or found out."""

# ruff: noqa: RUF001  (Cyrillic is meant)

import pytest

from tests import files
from tests.accuracy import assert_reads
from tests.client import Client, words
from tests.pages import draw_sheet, numbered_pages, paragraphs

GERMAN = draw_sheet(["Die Größe der Straße überrascht", "die müden Gäste aus Österreich."])
MIXED = draw_sheet(["The harbour at seven in the morning", "Über größere Straßen führt kein Weg"])
RUSSIAN = draw_sheet(
    [
        "Сегодня утром в городе было тихо и светло,",
        "по широкой реке медленно шли белые корабли,",
        "а на другом берегу начинался старый лес.",
        "Каждый вечер мы гуляли там до самой ночи.",
    ]
)


@pytest.mark.parametrize("language", ["de", "deu", "ger", "de-AT", "German", "DE"])
def test_german_is_read_with_its_letters(client: Client, language: str) -> None:
    job = client.read(files.png(GERMAN.image), language=language)
    assert words(job["text"]) == words(GERMAN.text)
    assert job["language"] == language


@pytest.mark.parametrize("language", ["en+de", "de+en", "en,de", "eng+deu"])
def test_two_languages_are_read_on_one_page(client: Client, language: str) -> None:
    job = client.read(files.png(MIXED.image), language=language)
    assert words(job["text"]) == words(MIXED.text)
    assert job["language"] == language


@pytest.mark.parametrize("language", ["ru", "rus"])
def test_cyrillic_is_read(client: Client, language: str) -> None:
    job = client.read(files.png(RUSSIAN.image), language=language)
    assert_reads(RUSSIAN.text, job["text"], most_cer=0.02)


def test_the_script_is_found_out(client: Client) -> None:
    job = client.read(files.png(RUSSIAN.image), language="auto")
    assert_reads(RUSSIAN.text, job["text"], most_cer=0.05)
    assert job["language"] == "auto"


def test_english_is_read_without_being_named(client: Client) -> None:
    sheet = draw_sheet(paragraphs(seed=3))
    job = client.read(files.png(sheet.image), language="auto")
    assert_reads(sheet.text, job["text"])


@pytest.mark.parametrize(
    "language", ["ch", "zh-Hant", "ja", "japan", "ko", "ar", "chi_sim", "hi", "he", "th", "pt-BR", "uk", "el"]
)
def test_the_usual_codes_are_known(client: Client, language: str) -> None:
    """What they find on an English page is no matter here."""
    job = client.read(files.png(numbered_pages(1)[0].image), language=language)
    assert (job["status"], job["language"]) == ("done", language)


def test_what_the_list_names_is_accepted(client: Client) -> None:
    listed = client.get("/api/v1/languages/").json()["languages"]
    assert len(listed) > 100
    georgian = next(language for language in listed if language["code"] == "ka")
    job = client.read(files.png(numbered_pages(1)[0].image), language=georgian["aliases"][0])
    assert job["status"] == "done"


def test_a_language_that_nothing_reads_is_refused_with_what_may_be_meant(client: Client) -> None:
    answer = client.submit(files.png(numbered_pages(1)[0].image), language="germn")
    assert answer.status_code == 400
    assert "german" in answer.json()["detail"] and "/api/v1/languages/" in answer.json()["detail"]
