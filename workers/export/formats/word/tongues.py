"""In which languages a page is, script by script."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import langcodes
from langcodes.tag_parser import LanguageTagError

from common.domain.languages import languages
from workers.export.formats.word.stretches import first_system
from workers.export.formats.word.writing_systems import (
    BY_SCRIPT,
    JAPANESE,
    KOREAN,
    LATIN,
    SIMPLIFIED_HAN,
    Kind,
    WritingSystem,
)

_WORLD: Final = "001"  # the country of Esperanto and Yiddish
_SAME_LETTERS: Final = {"Latf": "Latn", "Hang": "Kore"}


@dataclass(frozen=True, slots=True)
class Tongues:
    """``languages`` are BCP-47, the likeliest first."""

    languages: tuple[str, ...]

    def of(self, system: WritingSystem) -> str:
        """The language of text in the writing system, as Word names it ("de-DE", "zh-CN")."""
        fitting = (tag for tag in self.languages if script_of(tag) == system.script)
        found = next(fitting, None)
        return word_tag(found) if found else system.language

    def first(self, kind: Kind) -> WritingSystem | None:
        """The writing system of that kind that the first language has which has one."""
        systems = (BY_SCRIPT.get(script_of(tag) or "") for tag in self.languages)
        return next((system for system in systems if system and system.kind is kind), None)

    def han(self, texts: Iterable[str]) -> WritingSystem:
        """What ideographs in the texts belong to."""
        known = self.first(Kind.EAST_ASIAN)
        if known:
            return known
        found = (first_system(text, (JAPANESE, KOREAN)) for text in texts if not text.isascii())
        return next((system for system in found if system), SIMPLIFIED_HAN)


@cache
def script_of(tag: str) -> str | None:
    """ISO 15924; None for what is no language tag."""
    known = _known_scripts().get(tag)
    if known is None:
        try:
            known = langcodes.get(tag).maximize().script
        except LanguageTagError:
            return None
    return _SAME_LETTERS.get(known or "", known)


@cache
def word_tag(tag: str) -> str:
    """With the likeliest country, as Word wants it, and with the script where it is not the likeliest."""
    full = langcodes.get(tag).maximize()
    if _SAME_LETTERS.get(full.script or "", full.script) != script_of(tag):
        return tag
    short = f"{full.language}-{full.territory}"
    if full.territory == _WORLD:
        return str(full.language)
    likeliest = langcodes.get(short).maximize().script
    if likeliest == full.script or full.script in _SAME_LETTERS:
        return short
    return f"{full.language}-{full.script}-{full.territory}"


@cache
def _known_scripts() -> dict[str, str]:
    return {language.code: language.script for language in languages()}


def default_systems(tongues: Tongues) -> tuple[WritingSystem, WritingSystem, WritingSystem]:
    """For Western, East Asian and complex text."""
    complex_script = tongues.first(Kind.RIGHT_TO_LEFT) or tongues.first(Kind.COMPLEX)
    return (
        tongues.first(Kind.WESTERN) or LATIN,
        tongues.first(Kind.EAST_ASIAN) or SIMPLIFIED_HAN,
        complex_script or BY_SCRIPT["Arab"],
    )
