"""``/api/v1/account/tokens/``: an account's own tokens, made, listed, replaced and revoked.

A token is named by its first characters; the whole of it stands in no address, for addresses are logged.
"""

from datetime import UTC, datetime

from common.domain.account import SHOWN_CHARACTERS, digest
from front.http.account_view import issued_view, token_view
from front.http.api_handler import ApiHandler
from front.http.credentials import secret_of

_TOKENS = r"/api/v1/account/tokens"
_TOKEN = rf"{_TOKENS}/([\w-]{{{SHOWN_CHARACTERS}}})"


class TokensHandler(ApiHandler):
    async def get(self) -> None:
        mine = digest(secret_of(self.request) or "")
        tokens = await self.services.tokens.valid(self.account.id)
        views = [{**token_view(token), "is_this_one": token.digest == mine} for token in tokens]
        self.write_json({"tokens": views})

    async def post(self) -> None:
        issued = await self.services.tokens.create(self.account.id, datetime.now(UTC))
        self.set_status(201)
        self.write_json(issued_view(issued))


class TokenHandler(ApiHandler):
    async def delete(self, prefix: str) -> None:
        await self.services.tokens.revoke(self.account.id, prefix, datetime.now(UTC))
        self.set_status(204)


class RotationHandler(ApiHandler):
    async def post(self, prefix: str) -> None:
        issued = await self.services.tokens.rotate(self.account.id, prefix, datetime.now(UTC))
        self.set_status(201)
        self.write_json(issued_view(issued))


URLS = [
    (rf"{_TOKENS}/?", TokensHandler),
    (rf"{_TOKEN}/?", TokenHandler),
    (rf"{_TOKEN}/rotate/?", RotationHandler),
]
