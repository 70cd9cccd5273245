"""Is this a file that can be read, and how many pages has it? Asked before anything is promised."""

from pathlib import Path
from typing import Final

import pikepdf
import pypdfium2 as pdfium

from common.adapters.child_pool import ChildPool
from common.adapters.file_types import HEAD_BYTES, media_type
from common.adapters.images import DECODE_LIMIT_PIXELS, count_frames, read_picture
from common.contracts.tasks import MediaType
from common.errors import (
    CorruptFile,
    EmptyFile,
    EncryptedFile,
    EngineCrashed,
    EngineTimeout,
    ImageTooLarge,
    PageTooLarge,
    PageUnreadable,
    TooManyPages,
    UnsupportedType,
)
from common.ports import Inspection

TIME_LIMIT_S: Final = 30.0
MAX_FRAMES: Final = 10_000
# Above what any plan is likely to say: the number of a page has up to six digits (common.domain.selection).
MAX_PDF_PAGES: Final = 100_000


class ChildInspector:
    """Inspects files in children, so that a hostile one cannot hurt the process that received it."""

    def __init__(
        self,
        children: ChildPool,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        max_pixels: int = DECODE_LIMIT_PIXELS,
    ) -> None:
        self._children = children
        self._time_limit_s = time_limit_s
        self._max_pixels = max_pixels

    async def inspect(self, path: Path) -> Inspection:
        """Raises a BadRequest that says what is wrong with the file."""
        try:
            try:
                return await self._inspected(path)
            except EngineCrashed:  # it may have been the machine: a file that does it twice is damaged
                return await self._inspected(path)
        except EngineTimeout as error:
            raise CorruptFile(
                f"The file could not be examined within {self._time_limit_s:g} seconds: it may be damaged."
            ) from error
        except EngineCrashed as error:
            raise CorruptFile("The file could not be examined: it may be damaged.") from error
        except PageTooLarge as error:
            raise ImageTooLarge("The file needs more memory than may be spent on it.") from error

    async def _inspected(self, path: Path) -> Inspection:
        return await self._children.run(inspect_file, path, self._max_pixels, time_limit_s=self._time_limit_s)


def inspect_file(
    path: Path,
    max_pixels: int = DECODE_LIMIT_PIXELS,
    max_frames: int = MAX_FRAMES,
    max_pdf_pages: int = MAX_PDF_PAGES,
) -> Inspection:
    """What the file is, told by its bytes; images are decoded once, to be sure. For a child process.

    Frames are counted up to ``max_frames``. Raises EmptyFile, UnsupportedType, CorruptFile,
    EncryptedFile, ImageTooLarge, and TooManyPages for a PDF with more than any plan takes.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise EmptyFile()
    kind = media_type(head)
    if kind is None:
        raise UnsupportedType()
    if kind is MediaType.PDF:
        return Inspection(kind, _pdf_page_count(path, max_pdf_pages))
    return Inspection(kind, _frame_count(path, kind, max_pixels, max_frames))


def _frame_count(path: Path, kind: MediaType, max_pixels: int, max_frames: int) -> int:
    try:
        count = count_frames(path, kind, at_most=max_frames, decode_limit_pixels=max_pixels)
        read_picture(path, kind, 0, decode_limit_pixels=max_pixels)
    except PageTooLarge as error:
        raise ImageTooLarge(f"{error.message} Scale it down and send it once more.") from error
    except PageUnreadable as error:
        raise CorruptFile() from error
    return count


def _pdf_page_count(path: Path, at_most: int) -> int:
    """The pages that both libraries see: one repairs what the other, which renders, refuses."""
    count = _pikepdf_page_count(path)
    if count > at_most:
        raise TooManyPages(
            f"The file has {count} pages, and {at_most} are the most that any may have: split it."
        )
    if count < 1 or count != _pdfium_page_count(path):
        raise CorruptFile()
    return count


def _pikepdf_page_count(path: Path) -> int:
    try:
        with pikepdf.open(path) as pdf:
            return len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise EncryptedFile() from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, OSError) as error:
        raise CorruptFile() from error


def _pdfium_page_count(path: Path) -> int:
    try:
        with pdfium.PdfDocument(path) as pdf:
            return len(pdf)
    except pdfium.PdfiumError as error:  # never by its text, which an earlier password error leaves stale
        raise CorruptFile() from error
