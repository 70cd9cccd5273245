"""One method of one address, as it is told to those who call it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel

from common.errors import FleetError
from front.http.api_handler import ApiHandler

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of server-sent events, by their names: what their data are."""

    data: Mapping[str, type[BaseModel]]


# By media type: a model, a schema as it stands, or events.
Content = Mapping[str, type[BaseModel] | Schema | Events]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``schema`` is JSON Schema, of the value as it is sent."""

    name: str
    place: Literal["query", "path", "header"]
    schema: Schema
    description: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A success; ``headers`` are names of those that every such answer has beside the common ones."""

    status: HTTPStatus
    description: str
    content: Content = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """``path`` has its variables in braces. ``raises`` are the errors that this operation answers beside
    those of what is done before, for every request (see ``problems``).
    """

    handler: type[ApiHandler]
    method: Literal["get", "post", "delete"]
    path: str
    name: str
    summary: str
    answers: tuple[Answer, ...]
    raises: tuple[type[FleetError], ...] = ()
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Content = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """No token is needed."""
        return not self.handler.needs_account or self.handler.allows_anonymous


def query(name: str, schema: Schema, description: str = "", *, required: bool = False) -> Parameter:
    return Parameter(name, "query", schema, description, required)


UUID = Parameter(
    "uuid", "path", {"type": "string"}, "The job's `uuid`: 32 hexadecimal digits.", required=True
)
