"""All that the API says of itself, made of its descriptions once."""

from functools import cache
from pathlib import Path
from typing import Final

import orjson
import swagger_ui_bundle

from front.http.documents import Documents
from front.http.reference import amqp_page, asyncapi, openapi

_PAGES: Final = Path(__file__).resolve().parents[1] / "pages"
_OURS: Final = ("docs.css", "docs.js")
_READERS: Final = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")


@cache
def documents() -> Documents:
    queues = asyncapi.document()
    return Documents(
        openapi=orjson.dumps(openapi.document()),
        asyncapi=orjson.dumps(queues),
        pages={
            "/docs": (_PAGES / "docs.html").read_bytes(),
            "/docs/amqp": amqp_page.rendered(queues, _PAGES),
        },
        assets={
            **{name: _PAGES / name for name in _OURS},
            **{name: Path(swagger_ui_bundle.swagger_ui_path) / name for name in _READERS},
        },
    )
