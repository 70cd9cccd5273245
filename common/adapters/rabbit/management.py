"""RabbitMQ's management API: what an administrator may ask of it. Source: https://www.rabbitmq.com/docs/http-api-reference

Only what 3.10 and 4.x both know is used.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from common.errors import ManagementRefused, ManagementUnavailable

_LIMIT_S = 15.0
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Management:
    """``url`` is ``http://user:password@host:port``. Raises ManagementUnavailable and ManagementRefused."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._login = (unquote(parts.username or ""), unquote(parts.password or ""))
        place = parts.netloc.rpartition("@")[2]
        self._place = f"{parts.scheme}://{place}"
        self._client = AsyncHTTPClient(force_instance=True)

    def close(self) -> None:
        self._client.close()

    async def get(self, *path: str, **query: str) -> Any:
        """What is there, parsed; None where nothing is."""
        response = await self._ask("GET", path, query)
        return None if response.code == HTTPStatus.NOT_FOUND else self._parsed(response)

    async def all(self, *path: str, **query: str) -> Sequence[Mapping[str, Any]]:
        """The members of a collection, which is there on every broker of ours."""
        response = self._present(await self._ask("GET", path, query))
        found: Sequence[Mapping[str, Any]] = self._parsed(response)
        return found

    async def put(self, *path: str, body: Mapping[str, Any]) -> None:
        self._present(await self._ask("PUT", path, body=body))

    async def delete(self, *path: str) -> bool:
        """False when nothing was there."""
        return (await self._ask("DELETE", path)).code != HTTPStatus.NOT_FOUND

    async def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> HTTPResponse:
        response = await self._fetch(self._request(method, path, query or {}, body))
        if response.code in _REFUSED:
            raise ManagementRefused(self._refusal(response))
        if response.code >= HTTPStatus.MULTIPLE_CHOICES and response.code != HTTPStatus.NOT_FOUND:
            raise self._strange(response)
        return response

    def _present(self, response: HTTPResponse) -> HTTPResponse:
        if response.code == HTTPStatus.NOT_FOUND:
            raise self._strange(response)
        return response

    def _parsed(self, response: HTTPResponse) -> Any:
        try:
            return json.loads(response.body)
        except ValueError as error:
            raise self._strange(response) from error

    def _strange(self, response: HTTPResponse) -> ManagementUnavailable:
        """Another server, perhaps, or a broker that is none of ours."""
        return ManagementUnavailable(
            f"What AMQP_MANAGEMENT_URL names answers {response.request.method} {response.request.url} with "
            f"{response.code}: {response.body.decode(errors='replace')[:200]}"
        )

    async def _fetch(self, request: HTTPRequest) -> HTTPResponse:
        try:
            return await self._client.fetch(request, raise_error=False)
        except (HTTPClientError, OSError, ValueError) as error:
            raise ManagementUnavailable(
                f"The broker's management API does not answer at {self._place}, where AMQP_MANAGEMENT_URL "
                f"says it is: {error}"
            ) from error

    def _request(
        self, method: str, path: tuple[str, ...], query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> HTTPRequest:
        user, password = self._login
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return HTTPRequest(
            f"{self._place}/api/{'/'.join(quote(part, safe='') for part in path)}{'?' * bool(asked)}{asked}",
            method,
            headers={"Content-Type": "application/json"},
            body=None if body is None else json.dumps(body),
            auth_username=user,
            auth_password=password,
            connect_timeout=_LIMIT_S,
            request_timeout=_LIMIT_S,
            follow_redirects=False,
        )

    def _refusal(self, response: HTTPResponse) -> str:
        user, _ = self._login
        if response.code == HTTPStatus.UNAUTHORIZED:
            return (
                f"The broker's management API at {self._place} does not take the user '{user}' with the "
                "password that AMQP_MANAGEMENT_URL has, or that user may not use it."
            )
        return f"The broker's user '{user}' in AMQP_MANAGEMENT_URL is no administrator at {self._place}."
