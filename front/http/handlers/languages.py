"""``GET /api/v1/languages/``: what the ``language`` field of a submission can name."""

from typing import Any

from common.domain.languages import AUTO, Language, languages
from front.http.api_handler import ApiHandler


class LanguagesHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        self.write_json({"languages": [_AUTOMATIC, *map(_view, languages())]})


# Not a language, but as good an answer: each page's own is found out.
_AUTOMATIC: dict[str, Any] = {
    "code": AUTO,
    "iso639_1": None,
    "iso639_3": None,
    "model": None,
    "name": "Found out for each page",
    "script": None,
    "script_name": None,
    "direction": None,
    "aliases": [],
    "reliable": True,
}


def _view(language: Language) -> dict[str, Any]:
    return {
        "code": language.code,
        "iso639_1": language.iso639_1,
        "iso639_3": language.iso639_3,
        "model": language.model,
        "name": language.name,
        "script": language.script,
        "script_name": language.script_name,
        "direction": language.direction,
        "aliases": list(language.aliases),
        "reliable": language.reliable,
    }


URLS = [(r"/api/v1/languages/?", LanguagesHandler)]
