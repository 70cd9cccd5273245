"""Messages to bytes and back: the type and version travel beside the body, not inside it."""

import gzip
import zlib
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from common.contracts.events import (
    AnswerPart,
    DocumentExported,
    ExportFailed,
    PageFailed,
    PageRecognized,
    PageTranslated,
    QuestionAnswered,
    QuestionFailed,
    TranslationFailed,
)
from common.contracts.job_events import JobAnnounced, JobHint, JobRejected
from common.contracts.message import Message
from common.contracts.tasks import AnswerQuestion, ExportDocument, RecognizePage, TranslatePage
from common.errors import MessageUnreadable, ResultTooLarge

CONTENT_TYPE: Final = "application/json"
COMPRESS_FROM_BYTES: Final = 32 * 1024
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
MAX_JSON_BYTES: Final = 64 * 1024 * 1024

MESSAGES: Final[tuple[type[Message], ...]] = (
    RecognizePage,
    PageRecognized,
    PageFailed,
    TranslatePage,
    PageTranslated,
    TranslationFailed,
    JobAnnounced,
    JobRejected,
    JobHint,
    ExportDocument,
    DocumentExported,
    ExportFailed,
    AnswerQuestion,
    AnswerPart,
    QuestionAnswered,
    QuestionFailed,
)
_BY_TYPE: Final = {message.type: message for message in MESSAGES}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message as it travels: AMQP properties ``type`` and ``content_encoding``, and the body."""

    type: str
    content_encoding: str | None
    body: bytes


def encode(message: Message) -> Encoded:
    """The message as UTF-8 JSON, gzipped when it is large and for ourselves.

    Raises ResultTooLarge when even the compressed body is above 4 MiB.
    """
    body = message.model_dump_json(exclude_none=True).encode()
    if message.is_public or len(body) < COMPRESS_FROM_BYTES:
        return Encoded(message.type, None, body)
    packed = gzip.compress(body, compresslevel=1, mtime=0)
    if len(packed) > MAX_BODY_BYTES or len(body) > MAX_JSON_BYTES:
        raise ResultTooLarge()
    return Encoded(message.type, "gzip", packed)


def decode(encoded: Encoded) -> Message:
    """The message that ``encoded`` holds. Raises MessageUnreadable, with the reason, if it does not."""
    model = _BY_TYPE.get(encoded.type)
    if model is None:
        raise MessageUnreadable(f"unknown message type {encoded.type!r}")
    try:
        return model.model_validate_json(_unpacked(encoded))
    except ValidationError as error:
        fields = sorted({".".join(map(str, detail["loc"])) for detail in error.errors(include_input=False)})
        raise MessageUnreadable(f"{encoded.type}: wrong or missing {', '.join(fields)}") from None


def _unpacked(encoded: Encoded) -> bytes:
    if encoded.content_encoding is None:
        return encoded.body
    if encoded.content_encoding != "gzip":
        raise MessageUnreadable(f"unknown content encoding {encoded.content_encoding!r}")
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        body = stream.decompress(encoded.body, MAX_JSON_BYTES)
    except zlib.error as error:
        raise MessageUnreadable(f"{encoded.type}: damaged gzip body") from error
    if not stream.eof:
        raise MessageUnreadable(f"{encoded.type}: body is cut short, or too large when unpacked")
    return body
