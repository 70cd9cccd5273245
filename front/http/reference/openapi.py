"""The OpenAPI 3.1 document: https://spec.openapis.org/oas/v3.1.1"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Final

from pydantic import BaseModel

from common.errors import FleetError, sentence
from front.http.problem import CONTENT_TYPE as PROBLEM
from front.http.reference import accounts, catalogue, chat, downloads, jobs, submissions
from front.http.reference.operation import Content, Events, Operation, Parameter, Schema
from front.http.reference.problems import problems_of
from front.http.reference.schemas import Json, Schemas
from front.http.reference.shapes.problem_shape import ProblemShape
from front.http.request_id import HEADER as REQUEST_ID

VERSION: Final = "1"
OPERATIONS: Final = (
    *submissions.OPERATIONS,
    *jobs.OPERATIONS,
    *downloads.OPERATIONS,
    *chat.OPERATIONS,
    *accounts.OPERATIONS,
    *catalogue.OPERATIONS,
)
_TAGS: Final = {
    "Jobs": (*submissions.OPERATIONS, *jobs.OPERATIONS, *downloads.OPERATIONS),
    "Chat": chat.OPERATIONS,
    "Accounts": accounts.OPERATIONS,
    "Service": catalogue.OPERATIONS,
}
_ABOUT: Final = (
    "Send a file, get its text: as JSON with every box, as Markdown, and as files. Every address is served "
    "without its last slash, too, and answers HEAD where it answers GET. Errors are problem details (RFC "
    "9457) with a stable `code`."
)
_SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the account."},
    "api_token": {
        "type": "apiKey",
        "in": "query",
        "name": "api_token",
        "description": "The same, for those who cannot set headers; the header wins.",
    },
}
_HEADERS: Final[Json] = {
    REQUEST_ID: {
        "description": "The name of this request in the server's logs; the caller's own where one was sent.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where what was made is found.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Content-Disposition": {
        "description": "`attachment`, with the name of the file.",
        "required": True,
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait at least, where trying again can help.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit": {
        "description": 'What is left of the caller\'s quota, as `"requests";r=597;t=1`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The caller's quota: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
    },
}
_QUOTA: Final = ("RateLimit", "RateLimit-Policy")
_REFUSAL_HEADERS: Final[Mapping[int, tuple[str, ...]]] = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate", "Retry-After"),
    HTTPStatus.CONFLICT: ("Retry-After",),
    HTTPStatus.UNPROCESSABLE_ENTITY: ("Retry-After",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}


def document(operations: Sequence[Operation] = OPERATIONS) -> Json:
    schemas = _models_of(operations)
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OCR Fleet",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in _TAGS],
        "paths": paths,
        "components": {"schemas": schemas.components, "headers": _HEADERS, "securitySchemes": _SECURITY},
    }


def _models_of(operations: Sequence[Operation]) -> Schemas:
    sent = chain.from_iterable(_models(operation.body) for operation in operations)
    answers = chain.from_iterable(operation.answers for operation in operations)
    answered = chain.from_iterable(_models(answer.content) for answer in answers)
    return Schemas(sent=sent, answered=chain((ProblemShape,), answered))


def _operation(operation: Operation, schemas: Schemas) -> Json:
    told: Json = {
        "operationId": operation.name,
        "tags": [tag for tag, operations in _TAGS.items() if operation in operations],
        "summary": operation.summary,
    }
    if operation.description:
        told["description"] = operation.description
    if operation.parameters:
        told["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body:
        told["requestBody"] = {"required": True, "content": _content(operation.body, schemas)}
    told["responses"] = dict(_responses(operation, schemas))
    told["security"] = _security(operation)
    return told


def _parameter(parameter: Parameter) -> Json:
    described = {"description": parameter.description} if parameter.description else {}
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        **described,
        "schema": dict(parameter.schema),
    }


def _responses(operation: Operation, schemas: Schemas) -> Iterator[tuple[str, Json]]:
    quota = _QUOTA if operation.handler.is_counted else ()
    for answer in operation.answers:
        content = {"content": _content(answer.content, schemas)} if answer.content else {}
        headers = _headers(REQUEST_ID, *answer.headers, *quota)
        yield str(answer.status.value), {"description": answer.description, "headers": headers, **content}
    for status, errors in problems_of(operation).items():
        yield (
            str(status),
            {
                "description": "\n".join(_explained(error) for error in errors),
                "headers": _headers(REQUEST_ID, *_REFUSAL_HEADERS.get(status, ()), *quota),
                "content": {PROBLEM: {"schema": schemas.of(ProblemShape)}},
                "x-codes": [error.code for error in errors],
            },
        )


def _explained(error: type[FleetError]) -> str:
    return f"- `{error.code}`: {sentence(error.code)}"


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(content: Content, schemas: Schemas) -> Json:
    """Parameters of a media type, such as its charset, are no part of what is described."""
    return {name.partition(";")[0]: _media_type(kind, schemas) for name, kind in content.items()}


def _security(operation: Operation) -> list[Json]:
    """Any one of them; the empty one is none at all."""
    tokens: list[Json] = [{name: []} for name in _SECURITY]
    if not operation.handler.needs_account:
        return []
    return [*tokens, {}] if operation.is_open else tokens


def _models(content: Content) -> Iterator[type[BaseModel]]:
    for kind in content.values():
        if isinstance(kind, Events):
            yield from kind.data.values()
        elif isinstance(kind, type):
            yield kind


def _media_type(kind: type[BaseModel] | Schema | Events, schemas: Schemas) -> Json:
    """OpenAPI 3.1 has no words for the items of a stream: they are told in an extension."""
    if not isinstance(kind, Events):
        return {"schema": schemas.of(kind)}
    told = {name: schemas.of(data) for name, data in kind.data.items()}
    return {"schema": {"description": "Server-sent events; see `x-events`."}, "x-events": told}
