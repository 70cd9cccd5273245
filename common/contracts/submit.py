"""What partners send to ``ocr.submit``: a file as it is, or the name of a job that came by the REST API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

JSON: Final = "application/json"

# The headers of a message that is a file: the fields of the REST API's form, and what the file is called.
FILENAME: Final = "filename"
FIELDS: Final = (
    "tier",
    "language",
    "tool",
    "translate_to",
    "pages",
    "text_layer",
    "schema",
    "max_cost",
    "retention",
)


class NamedJob(BaseModel):
    """The body of a message of ``application/json``: a job of the same account, by its uuid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: str = Field(pattern="^[0-9a-f]{32}$")


@dataclass(frozen=True, slots=True)
class SubmitMessage:
    """A partner's message as the broker delivers it, its properties by their AMQP names.

    ``user_id`` is there only where the broker has checked it. ``is_forwarded``: it came out of another queue,
    where nobody has checked by which routing key. It was given out ``deliveries`` times before and not taken.
    """

    body: bytes
    user_id: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    headers: Mapping[str, object] | None = None
    is_forwarded: bool = False
    deliveries: int = 0
