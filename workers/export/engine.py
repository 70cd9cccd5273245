"""Building a file of a finished document. All of this runs in a child process.

A format's libraries are loaded by the first file that needs them, or while there is nothing to do.
"""

import errno
import os

from common.contracts.tasks import ExportFormat
from common.document.transcript import read_pages
from common.errors import ExportDiskFull
from workers.export.order import ExportOrder

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def warm_up(niceness: int) -> None:
    """Leave others the processor they ask for; ``niceness`` as in nice(1)."""
    os.nice(niceness)


def load_libraries() -> None:
    """Those of PDF take seconds of processor time, which nobody should wait for."""
    from workers.export.formats import docx, pdf  # noqa: F401


def build(order: ExportOrder) -> None:
    """Write ``order.out``. Raises FormatFailed, a PageError where the source's page fails, and
    ExportDiskFull: the file itself may be what fills the disk, so nobody waits until there is room.
    """
    try:
        _write(order)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ExportDiskFull() from error
        raise


def _write(order: ExportOrder) -> None:
    pages = read_pages(order.words, order.words_bytes)
    match order.format:
        case ExportFormat.CSV:
            from workers.export.formats import csv

            csv.write(pages, order.about, order.out, excel=order.excel)
        case ExportFormat.DOCX:
            from workers.export.formats import docx

            docx.write(pages, order.about, order.out)
        case ExportFormat.HOCR:
            from workers.export.formats import hocr

            hocr.write(pages, order.about, order.out)
        case ExportFormat.ALTO:
            from workers.export.formats import alto

            alto.write(pages, order.about, order.out)
        case ExportFormat.PDF:
            from workers.export.formats import pdf

            assert order.source is not None, "it shows the pages as they were sent"
            pdf.write(pages, order.about, order.source, order.media_type, order.out, pdfa=order.pdfa)
