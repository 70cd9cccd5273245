"""What is said besides quotations, in the language of the question."""

# ruff: noqa: RUF001 - other scripts

from collections.abc import Mapping
from typing import Final

_DEFAULT: Final = "en"
_NOT_SAID: Final[Mapping[str, str]] = {
    "ar": "لا تذكر الوثيقة ذلك.",
    "cs": "V dokumentu to není uvedeno.",
    "da": "Det står der ikke i dokumentet.",
    "de": "Das steht nicht im Dokument.",
    "en": "The document does not say so.",
    "es": "El documento no lo dice.",
    "fr": "Le document ne le dit pas.",
    "hi": "दस्तावेज़ में यह नहीं लिखा है।",
    "it": "Il documento non lo dice.",
    "ja": "この文書には書かれていません。",
    "ko": "이 문서에는 나와 있지 않습니다.",
    "nb": "Det står ikke i dokumentet.",
    "nl": "Dat staat niet in het document.",
    "pl": "Dokument tego nie podaje.",
    "pt": "O documento não o diz.",
    "ru": "В документе этого нет.",
    "sv": "Det står inte i dokumentet.",
    "tr": "Belgede bu belirtilmiyor.",
    "uk": "У документі цього немає.",
    "zh": "文档中没有提到这一点。",
}
_EMPTY: Final[Mapping[str, str]] = {
    "ar": "لا يوجد نص في الوثيقة.",
    "cs": "V dokumentu nebyl nalezen žádný text.",
    "da": "Der blev ikke fundet nogen tekst i dokumentet.",
    "de": "In dem Dokument wurde kein Text gefunden.",
    "en": "No text was found in the document.",
    "es": "No se ha encontrado texto en el documento.",
    "fr": "Aucun texte n'a été trouvé dans le document.",
    "hi": "दस्तावेज़ में कोई पाठ नहीं मिला।",
    "it": "Nel documento non è stato trovato alcun testo.",
    "ja": "この文書にはテキストが見つかりませんでした。",
    "ko": "이 문서에서 텍스트를 찾지 못했습니다.",
    "nb": "Det ble ikke funnet noen tekst i dokumentet.",
    "nl": "Er is geen tekst in het document gevonden.",
    "pl": "W dokumencie nie znaleziono tekstu.",
    "pt": "Não foi encontrado texto no documento.",
    "ru": "В документе не найден текст.",
    "sv": "Ingen text hittades i dokumentet.",
    "tr": "Belgede metin bulunamadı.",
    "uk": "У документі не знайдено тексту.",
    "zh": "文档中没有找到文字。",
}


def not_said(language: str) -> str:
    return _NOT_SAID.get(language, _NOT_SAID[_DEFAULT])


def empty(language: str) -> str:
    return _EMPTY.get(language, _EMPTY[_DEFAULT])
