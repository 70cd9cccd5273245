"""Where the pages of a document lie."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """The first ``words_bytes`` of the file ``words``, which holds the blob ``key``, are the pages."""

    key: str
    words: Path
    words_bytes: int
