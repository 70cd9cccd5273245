"""Properties of messages as other programs write them: what is damaged is a value, not the connection's end.

RabbitMQ passes any bytes on in short strings, names of headers and timestamps; pamqp, which decodes frames
for aiormq, raises at what is no UTF-8 or no date, and the connection is lost each time the message comes.
"""

from typing import Any, Final

from pamqp import decode

_MOST_BYTES: Final = 255
DAMAGED: Final = "\ufffd"

_timestamp = decode.METHODS["timestamp"]
_table = decode.METHODS["table"]


def accept_foreign_frames() -> None:
    """For every connection of this process. May be called again."""
    decode.METHODS.update(shortstr=_short_string, timestamp=_any_timestamp, table=_any_table)


def _short_string(value: bytes) -> tuple[int, str]:
    """No longer than it may be in a message that answers this one."""
    end = 1 + value[0]
    text = value[1:end].decode("utf-8", "replace")
    return end, text.encode()[:_MOST_BYTES].decode("utf-8", "ignore")


def _any_timestamp(value: bytes) -> tuple[int, Any]:
    try:
        return _timestamp(value)
    except (ValueError, OverflowError, OSError):
        return 8, None


def _any_table(value: bytes) -> tuple[int, Any]:
    """One header that nobody knows, where any of them cannot be read."""
    try:
        return _table(value)
    except (ValueError, OverflowError, OSError, RecursionError):
        return 4 + int.from_bytes(value[:4], "big"), {DAMAGED: True}
