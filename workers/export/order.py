"""What a child process is asked to build."""

from dataclasses import dataclass
from pathlib import Path

from common.contracts.tasks import ExportFormat, MediaType
from workers.export.document import About


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """The first ``words_bytes`` of ``words`` are the pages, of which ``out`` is to be written.

    ``source`` is the file as it was sent, for formats that show it.
    """

    format: ExportFormat
    about: About
    words: Path
    words_bytes: int
    source: Path | None
    media_type: MediaType
    out: Path
    pdfa: bool = False
    excel: bool = False
