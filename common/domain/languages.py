"""The languages that can be read: what is known of each, and which one a caller means."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Final, Literal

import langcodes
from babel import Locale
from langcodes.tag_parser import LanguageTagError

from common.domain.language_models import ALIASES, MODELS, SCRIPT_READERS, TAGS, UNRELIABLE
from common.errors import InvalidField

__all__ = ["AUTO", "MAX_LANGUAGES", "MODELS", "Language", "language_of", "languages", "models", "target"]

AUTO: Final = "auto"
MAX_LANGUAGES: Final = 6

Direction = Literal["ltr", "rtl", "ttb"]

_RIGHT_TO_LEFT: Final = frozenset({"Arab", "Hebr", "Syrc", "Thaa"})
_NAMES: Final = {"kmr": "Northern Kurdish", "oge": "Old Georgian", "osp": "Old Spanish"}  # not in CLDR
_PRIVATE_CODES: Final = ("qaa", "qtz")  # of ISO 639-2, for local use: no language of anybody's
_LIKELY_SCRIPTS: Final = {"grc": "Grek", "oge": "Geor"}  # CLDR has others
_HAN: Final = {"Hans": "Simplified Han", "Hant": "Traditional Han"}
_SHOWN_CHARACTERS: Final = 30
_NEAR: Final = 0.7  # the ratio of difflib


@dataclass(frozen=True, slots=True)
class Language:
    """What one Tesseract model reads: a language, or any language of a script.

    ``code`` is the BCP-47 tag, ``script`` an ISO 15924 code. A script's model has no ISO 639 codes.
    ``reliable``: clean print is read with at most 5 % of the characters wrong, Latin with at most 2 %.
    """

    code: str
    iso639_1: str | None
    iso639_3: str | None
    model: str
    name: str
    script: str
    script_name: str
    direction: Direction
    aliases: tuple[str, ...]
    reliable: bool

    @property
    def is_script(self) -> bool:
        return self.iso639_3 is None


@cache
def languages() -> tuple[Language, ...]:
    """One for each model: first the languages, then the scripts."""
    return tuple(_language(model, tag) for model, tag in TAGS.items())


def language_of(model: str) -> Language:
    """What the model reads. Raises KeyError for one that there is not."""
    return _by_model()[model]


def models(field: str) -> tuple[str, ...]:
    """The models for a ``language`` field such as "en", "de+en" or "zh-Hant,en"; () for "auto".

    Raises InvalidField for a language that no model reads.
    """
    codes = [code.strip() for code in field.replace(",", "+").split("+") if code.strip()]
    if not codes or [code.lower() for code in codes] == [AUTO]:
        return ()
    if len(codes) > MAX_LANGUAGES:
        raise InvalidField("language", f"At most {MAX_LANGUAGES} languages can be read at once.")
    return tuple(dict.fromkeys(_model(code) for code in codes))


def target(code: str) -> str:
    """The BCP-47 tag of a ``translate_to`` field: any language there is, also one that no model reads.

    Raises InvalidField for what is none.
    """
    model = _by_name().get(_folded(code))
    tag = langcodes.get(language_of(model).code) if model else _parsed(code)
    if tag is None or not tag.language or tag.language == "und":
        raise InvalidField(
            "translate_to",
            f"Unknown language {code[:_SHOWN_CHARACTERS]!r} in translate_to: send one ISO 639 or BCP-47 "
            "code, such as de, pt-BR or zh-Hant.",
        )
    return str(tag.update_dict({"private": None}).to_tag()) if tag.private else str(tag.to_tag())


def _model(code: str) -> str:
    model = _by_name().get(_folded(code)) or _standard_model(code)
    if model is None:
        raise InvalidField("language", _unknown(code))
    return model


def _standard_model(code: str) -> str | None:
    """Of a code with a country, a script or the like: the language's model that reads the script, else
    a model that reads any language of the script."""
    tag = _parsed(code)
    if tag is None:
        return None
    script = _script(tag)
    named = _by_name().get(tag.language or "")
    if named and language_of(named).script == script:
        return named
    return _by_language_and_script().get((tag.language, script)) or _script_model(script)


def _script_model(script: str) -> str | None:
    return SCRIPT_READERS.get(script) or _by_language_and_script().get((None, script))


def _parsed(code: str) -> langcodes.Language | None:
    try:
        tag = langcodes.get(code).prefer_macrolanguage()
    except (LookupError, LanguageTagError):
        return None
    if not tag.is_valid() or tag.extlangs:  # "chi-smi" is a slip of the pen
        return None
    first, last = _PRIVATE_CODES
    return None if first <= (tag.language or "") <= last and len(tag.language or "") == 3 else tag


def _unknown(code: str) -> str:
    near = get_close_matches(_folded(code[:_SHOWN_CHARACTERS]), _by_name(), n=3, cutoff=_NEAR)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return (
        f"Unknown language {code[:_SHOWN_CHARACTERS]!r}.{hint} GET /api/v1/languages/ lists all; "
        f"ISO 639 and BCP-47 codes are known, joined with + for more than one, and {AUTO!r} stands alone."
    )


@cache
def _by_model() -> dict[str, Language]:
    return {language.model: language for language in languages()}


@cache
def _by_name() -> dict[str, str]:
    """Every way to name a model, folded; where two models share a name, the language comes first."""
    named: dict[str, str] = {}
    for model, aliases in ALIASES.items():
        named.update(dict.fromkeys(map(_folded, aliases), model))
    for language in languages():
        names = (language.code, language.model, language.iso639_1, language.iso639_3, language.name)
        for name in filter(None, (*names, *language.aliases)):
            named.setdefault(_folded(name), language.model)
    return named


@cache
def _by_language_and_script() -> dict[tuple[str | None, str], str]:
    found: dict[tuple[str | None, str], str] = {}
    for model, tag in TAGS.items():
        parsed = langcodes.get(tag)
        found.setdefault((parsed.language, _script(parsed)), model)
    return found


def _language(model: str, tag: str) -> Language:
    parsed = langcodes.get(tag)
    script = _script(parsed)
    return Language(
        code=parsed.to_tag(),
        iso639_1=parsed.language if parsed.language and len(parsed.language) == 2 else None,
        iso639_3=parsed.to_alpha3() if parsed.language else None,
        model=model,
        name=_name(parsed),
        script=script,
        script_name=_script_name(script),
        direction=_direction(parsed),
        aliases=tuple(dict.fromkeys(_aliases(model, parsed))),
        reliable=model not in UNRELIABLE,
    )


def _name(parsed: langcodes.Language) -> str:
    """As "Greek", "Greek script", "Japanese, vertical" or "Latin script, Vietnam"."""
    if parsed.language:
        name, place = _language_name(parsed.language, parsed.script), None
    else:
        name, place = f"{_script_name(_script(parsed))} script", _english().territories.get(parsed.territory)
    return ", ".join(filter(None, [name, place, *_private_words(parsed)]))


def _language_name(language: str, script: str | None) -> str:
    names = _english().languages
    name = _NAMES.get(language) or names[language]
    return (names.get(f"{language}_{script}") or f"{name} ({_script_name(script)})") if script else name


def _private_words(parsed: langcodes.Language) -> list[str]:
    return (parsed.private or "").split("-")[1:]


def _script(parsed: langcodes.Language) -> str:
    likely = _LIKELY_SCRIPTS.get(parsed.language or "") or parsed.maximize().script
    return parsed.script or likely or ""


def _script_name(script: str) -> str:
    return _HAN.get(script) or _english().scripts[script]


@cache
def _english() -> Locale:
    """CLDR's English names through Babel: langcodes has them in all languages, and 275 MB of them."""
    return Locale("en")


def _direction(parsed: langcodes.Language) -> Direction:
    if "vertical" in _private_words(parsed):
        return "ttb"
    return "rtl" if _script(parsed) in _RIGHT_TO_LEFT else "ltr"


def _aliases(model: str, parsed: langcodes.Language) -> Iterator[str]:
    """What else a caller may write, beside the code, the model and the ISO 639 codes."""
    yield from ALIASES.get(model, ())
    if not parsed.language:
        yield f"script/{model}"
    elif parsed.to_tag() == parsed.language:
        bibliographic = parsed.to_alpha3(variant="B")  # as "ger": the older codes of ISO 639-2
        if bibliographic != parsed.to_alpha3():
            yield bibliographic


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-")
