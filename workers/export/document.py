"""What every format is told of the document besides its pages."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class About:
    """``title`` is the file's name without its ending; ``languages`` are BCP-47, the most frequent first."""

    title: str
    languages: tuple[str, ...]
    created_at: datetime
