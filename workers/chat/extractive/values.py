"""Kinds of values that questions ask for, and whether a text has one."""

# ruff: noqa: E501, RUF001 - long patterns, signs of other scripts

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Final

from babel import Locale

from workers.chat.terms import stopwords_of, tokens


class Value(StrEnum):
    AMOUNT = "amount"
    COUNT = "count"
    DATE = "date"
    DURATION = "duration"
    EMAIL = "email"
    IBAN = "iban"
    IDENTIFIER = "identifier"
    NAME = "name"
    PERCENT = "percent"
    PHONE = "phone"
    PLACE = "place"
    REASON = "reason"
    TIME = "time"
    WEB = "web"


# What is told by its form, so that a text without it is no answer; of the others forms only hint.
CERTAIN: Final = frozenset({Value.EMAIL, Value.IBAN, Value.PERCENT, Value.PHONE, Value.WEB, Value.AMOUNT})

_MONTH_LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "ro", "hu", "tr", "ru", "uk", "el",
)  # fmt: skip
_FEWEST_LETTERS: Final = 3
_CURRENCY: Final = (
    r"[€$£¥₹₽₺₩]|\b(?:EUR|USD|GBP|CHF|JPY|CNY|INR|PLN|SEK|NOK|DKK|CZK|HUF|RON|TRY|RUB|AUD|CAD|NZD|BRL|MXN|Rs)\b\.?|"
    r"\b[Ee]uros?\b|\b[Dd]ollars?\b|\b[Pp]ounds?\b|元|円|원|руб|zł|kr\b|\b[Cc]ents?\b|\b[Cc]t\b"
)
_NUMBER: Final = r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2}|,[–-])?|\d+(?:[.,]\d{1,2}|,[–-])?"
_UNITS: Final = (
    r"days?|weeks?|months?|years?|hours?|minutes?|Tag(?:e|en)?|Wochen?|Monat(?:e|en|s)?|Jahr(?:e|en|es)?|Stunden?|"
    r"Minuten?|jours?|semaines?|mois|ans?|années?|heures?|d[ií]as?|semanas?|mes(?:es)?|años?|horas?|minutos?|"
    r"giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|or[ae]|meses|mês|anos?|dag(?:en)?|we(?:ek|ken)|maand(?:en)?|ja(?:ar|ren)|"
    r"uur|dni|tygodni\w*|miesi\w+|lat|дн\w+|недел\w+|месяц\w*|лет|год\w*|天|日間|週間|か月|ヶ月|个月|個月|年間?|개월|일"
)
_NUMERALS: Final = (
    r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|thirty|sixty|ninety|ein(?:e[rmn]?|em)?|zwei|"
    r"drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|dreißig|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|"
    r"douze|trente|quinze|una?|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|treinta|due|tre|"
    r"quattro|cinque|sei|sette|otto|nove|dieci|dodici|trenta|dois|duas|três|quatro|sete|oito|dez|doze|trinta|een|"
    r"twee|drie|vijf|zes|zeven|acht|negen|tien|twaalf|dertig"
)
_TITLES: Final = (
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herrn?|Frau|Sr|Sra|Srta|Don|Doña|Dña|M|Mme|Mlle|Monsieur|Madame|Sig|Signor|Signora|"
    r"Dott|Señor|Señora|Senhor|Senhora|Dhr|Mevr|De heer|Mevrouw)\b\.?"
)
_COMPANIES: Final = (
    r"\b(?:GmbH|AG|KG|OHG|UG|Ltd|Limited|LLC|LLP|Inc|Corp|PLC|plc|S\.?A\.?S?|S\.?L\.?U?|S\.?p\.?A|S\.?r\.?l|SARL|"
    r"B\.?V|N\.?V|Lda|Ltda|Oy|AB|e\.V|Co)\b|株式会社|有限公司"
)
_STREETS: Final = (
    r"\b\w*(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|weg|platz|gasse|allee|ufer|laan|straat|plein)\b|"
    r"\b(?:[Ss]treet|St\.|[Rr]oad|Rd\.?|Avenue|Ave\.?|Lane|Square|Drive|Court|Boulevard|[Rr]ue|[Pp]lace|[Cc]alle|C/|"
    r"[Aa]venida|Avda\.?|[Pp]laza|[Pp]aseo|[Vv]ia|[Pp]iazza|[Rr]ua|[Pp]raça)\b"
)


_PARTICLES: Final = "de|del|la|van|von|der|di|da|dos"
_SOURCES: Final = {
    Value.AMOUNT: rf"(?:{_CURRENCY})\s?-?(?:{_NUMBER})|(?:{_NUMBER})\s?(?:{_CURRENCY})|"
    r"(?<![\d.,])\d{1,3}(?:[ .,'’\u00a0\u202f]?\d{3})*[.,]\d{2}(?![\d.,]*\d|\s?%)|"
    r"(?<![\d.,])\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?![\d.,]*\d)|"
    r"\d (?:million|billion|Mio|Mrd|Millionen|milli?ones|millions?|milioni|milhões|miljoen)",
    Value.COUNT: rf"\b(?:{_NUMERALS})\b|\d",
    Value.DURATION: rf"(?i:\b(?:{_NUMERALS})\)?[\s-]?(?:\(\d+\)\s)?(?:\w+\s)?(?:{_UNITS})(?!\w))|\d+\s?(?:{_UNITS})",
    Value.EMAIL: r"[\w.+-]+@[\w-]+\.[\w.-]+",
    Value.IBAN: r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b",
    Value.IDENTIFIER: r"\b(?=[\w./-]*\d[\w./-]*\d)[A-Z0-9][\w./-]{2,}",
    Value.PERCENT: r"\d\s?(?:%|٪|％|percent\b|per cent\b|Prozent\b|por ciento\b|pour cent\b)",
    Value.PHONE: r"(?:\+|\b00|\(0|\b0|\()\d{1,4}[\d ()/.-]{5,}\d|\b\d{3}[-. ]\d{3,4}[-. ]\d{3,4}\b|"
    r"\b\d{2,3}(?: \d{2,3}){2,4}\b",
    Value.PLACE: rf"{_STREETS}|\b[A-Z]{{0,2}}-?\d{{4,5}}(?: [A-Z]{{2}})? [A-ZÀ-Þ]\w+|"
    r"\b(?:in|at|at the|en|à|im|am|a|em|te) [A-ZÀ-Þ]\w+",
    Value.REASON: r"(?i:\b(?:because|since|due to|owing to|therefore|weil|denn|da|wegen|aufgrund|nachdem|daher|"
    r"deshalb|parce|car|puisque|en raison|à cause|grâce|porque|debido|por causa|a causa|ya que|puesto|perché|"
    r"poiché|siccome|dovuto|devido|pois|omdat|want|vanwege|doordat)\b)",
    Value.TIME: r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2} ?(?:[ap]\.?m\b|Uhr|h\b|uur)",
    Value.WEB: r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|eu|de|fr|es|it|pt|nl|io|example)\b",
}


def has_value(value: Value, text: str, language: str) -> bool:
    """``language`` is the text's."""
    if value is Value.NAME:
        return any(not _begins_sentence(name[0], language) for name in _pattern(value).finditer(text))
    return _pattern(value).search(text) is not None


def _begins_sentence(name: str, language: str) -> bool:
    """ "The Tenant", "Die Arbeiten"."""
    return next(tokens(name), "") in stopwords_of(language.split("-")[0])


@cache
def _pattern(value: Value) -> re.Pattern[str]:
    return re.compile(_source(value))


def _source(value: Value) -> str:
    match value:
        case Value.DATE:
            return _dates()
        case Value.NAME:
            word = r"[^\W\d_a-zà-ÿ][\w'’-]*[^\W\d_]"
            return rf"{_TITLES} {word}|{_COMPANIES}|\b{word}(?: (?:{_PARTICLES}|[A-Z]\.))* {word}"
    return _SOURCES[value]


def _dates() -> str:
    figures = (
        r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})\b|"
        r"\d{4}[年년]|\d{1,2}[月월]\s?\d{1,2}[日일]"
    )
    months = "|".join(sorted(map(re.escape, months_of_the_year()), key=len, reverse=True))
    ordinal = r"\d{1,2}(?:st|nd|rd|th|\.|º|er)?"
    day_first = rf"\b{ordinal}\s(?:de\s|of\s)?(?:{months})\b"
    month_first = rf"\b(?:{months})\.?\s(?:de\s)?(?:\d{{1,2}}\b|\d{{4}})"
    return rf"{figures}|(?i:{day_first}|{month_first}|\b\d{{1,2}}\. (?:des|jeden) Monats\b|\b\d{{1,2}}(?:st|nd|rd|th) of )"


@cache
def months_of_the_year() -> frozenset[str]:
    """The names in all cases and lengths that CLDR has, for the languages of most letters."""
    return frozenset(name for language in _MONTH_LANGUAGES for name in _months(Locale(language)))


def _months(locale: Locale) -> Iterator[str]:
    for use in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for name in locale.months[use][width].values():
                bare = name.rstrip(".")
                if len(bare) >= _FEWEST_LETTERS and not bare.isdigit():
                    yield bare.casefold()
