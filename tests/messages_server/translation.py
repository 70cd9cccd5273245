"""A translation that everybody can tell from its source: each word backwards, behind the language's mark."""

import re
from typing import Any

_LANGUAGES = {
    "german": "de",
    "english": "en",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "arabic": "ar",
}


def translations(system: str, texts: list[dict[str, Any]], done: set[int]) -> list[dict[str, Any]]:
    language = language_of(system)
    return [
        {"id": one["id"], "text": translated(one["text"], language)} for one in texts if one["id"] not in done
    ]


def translated(text: str, language: str) -> str:
    """Numbers, marks and line breaks stay."""
    return f"[{language}] " + re.sub(r"[^\W\d_]+", lambda word: word[0][::-1], text)


def language_of(system: str) -> str:
    """By its name, or the code after "into" or "to"; ``xx`` where the instructions name none."""
    for name, code in _LANGUAGES.items():
        if re.search(rf"\b(?:in)?to {name}\b", system, re.IGNORECASE):
            return code
    code = re.search(r"\b(?:in)?to [^.\n]{0,40}?[\"'(`]([a-z]{2,3}(?:-\w+)?)[\"')`]", system)
    named = re.search(r"\b(?:in)?to ([a-z]{2})\b", system)
    return code[1] if code else named[1] if named else "xx"
