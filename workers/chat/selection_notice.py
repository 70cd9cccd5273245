"""What an answer ends with that rests on a part of the pages alone, in the language of the question."""

# ruff: noqa: E501, RUF001 - long sentences, other scripts

import re
from collections.abc import Mapping
from typing import Final

_DEFAULT: Final = "en"
_NOTICES: Final[Mapping[str, str]] = {
    "ar": "هذه الإجابة مبنية على {looked} من أصل {all} من صفحات الوثيقة، وهي الأنسب للسؤال.",
    "cs": "Tato odpověď vychází z {looked} z {all} stran dokumentu, které otázce nejlépe odpovídají.",
    "da": "Dette svar bygger på {looked} af dokumentets {all} sider, dem der passer bedst til spørgsmålet.",
    "de": "Für diese Antwort wurden {looked} der {all} Seiten angesehen, die am besten zur Frage passen.",
    "en": "For this answer {looked} of the document's {all} pages were looked at, those that fit the question best.",
    "es": "Para esta respuesta se han consultado {looked} de las {all} páginas del documento, las más afines a la pregunta.",
    "fr": "Pour cette réponse, {looked} des {all} pages du document ont été consultées, les plus proches de la question.",
    "hi": "इस उत्तर के लिए दस्तावेज़ के {all} पृष्ठों में से {looked} देखे गए, जो प्रश्न से सबसे अधिक मेल खाते हैं।",
    "it": "Per questa risposta sono state consultate {looked} delle {all} pagine del documento, le più vicine alla domanda.",
    "ja": "この回答は、文書の全{all}ページのうち、質問に最も合う{looked}ページだけを参照しています。",
    "ko": "이 답변은 문서 {all}쪽 가운데 질문에 가장 잘 맞는 {looked}쪽만 살펴본 것입니다.",
    "nb": "Dette svaret bygger på {looked} av dokumentets {all} sider, de som passer best til spørsmålet.",
    "nl": "Voor dit antwoord zijn {looked} van de {all} pagina's van het document bekeken, die het best bij de vraag passen.",
    "pl": "Ta odpowiedź opiera się na {looked} z {all} stron dokumentu, najlepiej pasujących do pytania.",
    "pt": "Para esta resposta foram consultadas {looked} das {all} páginas do documento, as mais próximas da pergunta.",
    "ru": "Для этого ответа просмотрено страниц: {looked} из {all}, наиболее подходящие к вопросу.",
    "sv": "Det här svaret bygger på {looked} av dokumentets {all} sidor, de som passar frågan bäst.",
    "tr": "Bu yanıt için belgenin {all} sayfasından soruya en uygun {looked} tanesine bakıldı.",
    "uk": "Для цієї відповіді переглянуто сторінок: {looked} з {all}, найближчі до запитання.",
    "zh": "本回答只查看了文档全部{all}页中与问题最相关的{looked}页。",
}  # fmt: skip


def selection_notice(language: str, looked: int, of_pages: int) -> str:
    return _NOTICES.get(language, _NOTICES[_DEFAULT]).format(looked=looked, all=of_pages)


def without_notice(answer: str) -> str:
    return _ANY.sub("", answer.rstrip()).rstrip()


def _pattern(notice: str) -> str:
    return re.sub(r"\\\{(?:looked|all)\\\}", r"\\d+", re.escape(notice))


_ANY: Final = re.compile(rf"(?:{'|'.join(map(_pattern, _NOTICES.values()))})\Z")
