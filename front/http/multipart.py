"""A multipart/form-data body (RFC 7578), read piece by piece."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from common.errors import BadRequest

_BROKEN = "The form is damaged or was broken off: send it as multipart/form-data (RFC 7578)."


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the form; ``filename`` as it was sent, None where the part is no file."""

    name: str
    filename: bytes | None


Sink = Callable[[bytes], None]


def boundary_of(content_type: str) -> bytes | None:
    """The boundary between the parts; None for a body that is no form."""
    kind, options = parse_options_header(content_type)
    return options.get(b"boundary") or None if kind == b"multipart/form-data" else None


class MultipartReader:
    """Asks ``open_part`` at each part where its bytes shall go."""

    def __init__(self, boundary: bytes, open_part: Callable[[Part], Sink]) -> None:
        self._open_part = open_part
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._sink: Sink = nowhere
        self._is_complete = False
        with _form_errors():
            self._parser = MultipartParser(
                boundary,
                {
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )

    def feed(self, chunk: bytes) -> None:
        """Raises BadRequest for what is no multipart form, and whatever ``open_part`` and its sinks raise."""
        with _form_errors():
            self._parser.write(chunk)

    def check_complete(self) -> None:
        """Raises BadRequest when the last boundary has not been seen."""
        if not self._is_complete:
            raise BadRequest(_BROKEN)

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.pop(b"content-disposition", b""))
        self._headers.clear()
        if b"name" not in options:
            raise BadRequest(_BROKEN)
        self._sink = self._open_part(
            Part(options[b"name"].decode("utf-8", "replace"), options.get(b"filename"))
        )

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._sink(data[start:end])

    def _on_end(self) -> None:
        self._is_complete = True


def nowhere(_: bytes) -> None:
    """Where bytes go that nobody wants."""


@contextlib.contextmanager
def _form_errors() -> Iterator[None]:
    try:
        yield
    except FormParserError as error:
        raise BadRequest(_BROKEN) from error
