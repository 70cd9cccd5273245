"""Which of a page's languages a paragraph is in, as far as its script tells."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import langcodes
from langcodes.tag_parser import LanguageTagError

from common.document.letters import letters_by_script

# Scripts of ISO 15924 that are made of others, as letters_by_script has them.
_PARTS: Final = {
    "Jpan": frozenset({"Hira", "Hani"}),
    "Kore": frozenset({"Hang", "Hani"}),
    "Hans": frozenset({"Hani"}),
    "Hant": frozenset({"Hani"}),
}


def language_of(text: str, languages: Sequence[str]) -> str | None:
    """The first of the ``languages`` (BCP-47) that is written in the script of most of the text's letters."""
    letters = letters_by_script(text)
    if not letters:
        return None
    (script, _), *_ = letters.most_common(1)
    return next((language for language in languages if script in _scripts(language)), None)


@cache
def _scripts(language: str) -> frozenset[str]:
    """None for what is no language."""
    try:
        script = langcodes.Language.get(language).maximize().script
    except LanguageTagError:
        return frozenset()
    return _PARTS.get(script or "", frozenset({script} if script else ()))
