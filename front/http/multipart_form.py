"""The submission form as it arrives: its file goes to the disk, its fields stay here."""

import contextlib
import hashlib
from collections.abc import Iterator
from functools import partial

from common.domain.account import Account
from common.errors import BadRequest, InvalidField, MissingFile, StoreUnavailable
from front.http.multipart import MultipartReader, Part, Sink, boundary_of, nowhere
from front.services.filenames import clean_filename
from front.services.forms import FIELDS, FILE_FIELD, Upload, unknown_field
from front.services.spool import Spool, SpooledFile

MAX_PARTS = 50
MAX_FIELD_BYTES = 64 * 1024
# What a form may hold beside its file: fields, their headers, boundaries.
MAX_OVERHEAD_BYTES = MAX_PARTS * (MAX_FIELD_BYTES + 16 * 1024)
# Begins fields that are the client's own affair: browsers add _charset_, frameworks their tokens.
_PRIVATE = "_"

_HOW_TO_SEND = (
    "send a form (multipart/form-data) with the file in the field 'file', for example "
    "with curl -F 'file=@invoice.pdf'."
)


class MultipartForm:
    """``feed`` it the body, then ask for ``upload`` and ``fields``; ``discard`` it in any case.

    Whatever would be passed over in silence is refused instead: unknown fields, a field with two values, a
    second file. Only what is empty, or of the client's own affair, does no harm.
    """

    def __init__(self, content_type: str, account: Account, spool: Spool) -> None:
        """Raises BadRequest for a body that is no form."""
        boundary = boundary_of(content_type)
        if boundary is None:
            raise MissingFile(f"No file was sent: {_HOW_TO_SEND}")
        self._reader = MultipartReader(boundary, self._open_part)
        self._account = account
        self._spool = spool
        self._values: list[tuple[str, bytearray]] = []
        self._file: SpooledFile | None = None
        self._filename = b""
        self._file_bytes = 0
        self._sha256 = hashlib.sha256()
        self._form_bytes = 0
        self._parts = 0
        self._other_file: str | None = None

    def feed(self, chunk: bytes) -> None:
        """Raises BadRequest for a form that is damaged or larger than the plan allows, and TooManyUploads and
        Unavailable where there is no room for it.
        """
        self._form_bytes += len(chunk)
        self._account.plan.check_size(self._form_bytes - MAX_OVERHEAD_BYTES)
        self._reader.feed(chunk)

    def upload(self) -> Upload:
        """The file, on the disk until ``discard``. Raises BadRequest when it, or the end, is missing."""
        self._reader.check_complete()
        if self._file is None or not (self._filename or self._file_bytes):
            raise MissingFile(self._why_missing())
        if self._other_file is not None:
            raise BadRequest(
                f"A second file came in the field {self._other_file[:40]!r}: "
                "send each with a request of its own."
            )
        with _disk_errors():
            self._file.flush()
        return Upload(
            self._file.path, clean_filename(self._filename), self._file_bytes, self._sha256.hexdigest()
        )

    def fields(self) -> dict[str, str]:
        """Those that are not empty. Raises InvalidField for two values, or one that is not UTF-8."""
        given: dict[str, str] = {}
        for name, value in self._values:
            text = _text(name, value)
            if text and given.setdefault(name, text) != text:
                raise InvalidField(name, f"The field {name!r} was sent with two values: send it once.")
        return given

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open_part(self, part: Part) -> Sink:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadRequest(f"The form has more than {MAX_PARTS} fields.")
        if part.name == FILE_FIELD:
            return self._open_file(part.filename)
        if part.name in FIELDS:  # whether as text or, as some clients send all they have, as a file
            value = bytearray()
            self._values.append((part.name, value))
            return partial(_add_to_field, part.name, value)
        if part.filename is not None:
            return partial(self._note_file, part.name)
        if not part.name or part.name.startswith(_PRIVATE):
            return nowhere
        return partial(_refuse_field, part.name)

    def _open_file(self, filename: bytes | None) -> Sink:
        if self._file is not None:
            raise BadRequest("More than one file was sent: send each with a request of its own.")
        with _disk_errors():
            self._file = self._spool.new_file(self._account)
        self._filename = filename or b""
        return partial(self._add_to_file, self._file)

    def _add_to_file(self, file: SpooledFile, data: bytes) -> None:
        self._file_bytes += len(data)
        self._account.plan.check_size(self._file_bytes)
        self._sha256.update(data)  # 1.3 GB/s: 0.05 ms for a piece of 64 KB
        with _disk_errors():
            file.write(data)

    def _note_file(self, name: str, data: bytes) -> None:
        if data:  # a browser sends an empty one for an input that was left empty
            self._other_file = name

    def _why_missing(self) -> str:
        if self._other_file is None:
            return f"No file was sent: {_HOW_TO_SEND}"
        return f"A file came in the field {self._other_file[:40]!r} instead of 'file': {_HOW_TO_SEND}"


def _add_to_field(name: str, value: bytearray, data: bytes) -> None:
    value += data
    if len(value) > MAX_FIELD_BYTES:
        raise InvalidField(name, f"The field {name!r} is longer than {MAX_FIELD_BYTES // 1024} KB.")


def _refuse_field(name: str, data: bytes) -> None:
    if data:
        raise unknown_field(name)


def _text(name: str, value: bytearray) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidField(name, f"The field {name!r} is not UTF-8 text.") from None


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable("There is no room for the file now: try again later.") from error
