"""``/api/v1/openapi.json`` and ``asyncapi.json``, and both as pages to read: ``/docs/``, ``/docs/amqp/``."""

import asyncio
import mimetypes

from common.errors import NotFound
from front.http.api_handler import JSON, ApiHandler

# Nothing from elsewhere, and nothing that stands in the page but the reader's own icons.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_CACHED_FOR_S = 3600


class OpenApiHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        self.set_header("Content-Type", JSON)
        self.write(self.surroundings.documents.openapi)


class AsyncApiHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        self.set_header("Content-Type", JSON)
        self.write(self.surroundings.documents.asyncapi)


class PageHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", _CONTENT_SECURITY_POLICY)
        self.set_header("Referrer-Policy", "no-referrer")
        self.write(self.surroundings.documents.pages[self.request.path.rstrip("/")])


class AssetHandler(ApiHandler):
    needs_account = False

    async def get(self, name: str) -> None:
        file = self.surroundings.documents.assets.get(name)
        if file is None:
            raise NotFound()
        content_type, _ = mimetypes.guess_type(name)
        self.set_header("Content-Type", content_type or "application/octet-stream")
        self.set_header("Cache-Control", f"public, max-age={_CACHED_FOR_S}")
        self.write(await asyncio.to_thread(file.read_bytes))


URLS = [
    (r"/api/v1/openapi\.json", OpenApiHandler),
    (r"/api/v1/asyncapi\.json", AsyncApiHandler),
    (r"/docs/?", PageHandler),
    (r"/docs/amqp/?", PageHandler),
    (r"/docs/assets/([^/]+)", AssetHandler),
]
