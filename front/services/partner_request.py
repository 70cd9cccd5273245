"""A partner's message, understood."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from common.contracts.partner_topology import own_prefix
from common.contracts.submit import FIELDS, FILENAME, JSON, NamedJob, SubmitMessage
from common.domain.job_parts import Correspondence
from common.errors import EmptyFile, InvalidField
from front.services.filenames import clean_filename
from front.services.forms import SubmitForm, Upload, unknown_field

# Of the broker's plugins, of tracing, of clients' libraries, and, as in forms, what begins with _.
NOT_OURS: Final = r"(_|[xX]-).*|traceparent|tracestate|baggage|timestamp_in_ms|CC|BCC"
_NOT_OURS = re.compile(NOT_OURS, re.IGNORECASE)
_MESSAGE_ID = re.compile(r"[!-~]{1,255}")
_SHOWN = 40
_MOST_JSON_BYTES = 1024


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file to be read as ``form`` says."""

    upload: Upload
    form: SubmitForm


@dataclass(frozen=True, slots=True)
class AskedAfter:
    """A job that came by the REST API."""

    job_id: str


def correspondence(message: SubmitMessage, account_id: str) -> Correspondence:
    """How the sender hears of what comes of the message, also where it is refused: a queue that is not its
    own is left out.
    """
    reply_to = message.reply_to or None
    own = reply_to if reply_to and reply_to.startswith(own_prefix(account_id)) else None
    return Correspondence(message.message_id or "", message.correlation_id or None, own)


def understood(message: SubmitMessage, body: Upload, account_id: str) -> SentFile | AskedAfter:
    """What the message asks for whose body lies in that file. Raises BadRequest."""
    _check_properties(message, account_id)
    sent = message.headers or {}
    headers = {name: value for name, value in sent.items() if not _NOT_OURS.fullmatch(name)}
    if _media_type(message.content_type) == JSON:
        return _asked_after(body, headers)
    return _sent_file(body, headers)


def _check_properties(message: SubmitMessage, account_id: str) -> None:
    if not _MESSAGE_ID.fullmatch(message.message_id or ""):
        raise InvalidField(
            "message_id",
            "Set message_id to 1 to 255 visible ASCII characters, another for each request: "
            "a message that is sent again with the same one gives the same job.",
        )
    if message.reply_to and not message.reply_to.startswith(own_prefix(account_id)):
        raise InvalidField(
            "reply_to",
            f"reply_to names a queue of your own: one that begins with {own_prefix(account_id)!r}.",
        )
    if message.content_encoding not in (None, "", "identity"):
        raise InvalidField("content_encoding", "Send the file's bytes as they are, without content_encoding.")


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _asked_after(body: Upload, headers: Mapping[str, object]) -> AskedAfter:
    if headers:
        raise InvalidField(
            next(iter(headers)),
            "A job that is named has got its options when it was sent: leave the headers out.",
        )
    if body.size_bytes > _MOST_JSON_BYTES:  # parsing megabytes would hold up the whole process
        raise _no_name()
    try:
        return AskedAfter(NamedJob.model_validate_json(body.path.read_bytes()).job)
    except ValidationError:
        raise _no_name() from None


def _no_name() -> InvalidField:
    return InvalidField(
        "body",
        'A body of application/json names a job: {"job": "<its uuid of 32 hex digits>"}. '
        "For a file, set content_type to that of the file.",
    )


def _sent_file(body: Upload, headers: Mapping[str, object]) -> SentFile:
    if not body.size_bytes:
        raise EmptyFile()
    given = {name: text for name, value in headers.items() if (text := _text(name, value))}
    filename = given.pop(FILENAME, "")
    for name in given:
        if name not in FIELDS:
            raise unknown_field(name, (*FIELDS, FILENAME), "header")
    return SentFile(replace(body, filename=clean_filename(filename.encode())), SubmitForm(**given))


def _text(name: str, value: object) -> str:
    """A header as the form has it; numbers and their texts are the same."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bytes() | bytearray():
            try:
                return value.decode()
            except UnicodeDecodeError:
                raise InvalidField(name[:_SHOWN], f"The header {name[:_SHOWN]!r} is not UTF-8.") from None
        case bool():
            pass
        case int():
            return str(value)
    raise InvalidField(name[:_SHOWN], f"The header {name[:_SHOWN]!r} must be a text.")
