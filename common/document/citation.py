"""Where in a document it stands what an answer says."""

from dataclasses import dataclass

from common.document.geometry import Box


@dataclass(frozen=True, slots=True)
class Citation:
    """``snippet`` is verbatim on ``page`` (of the file, 1-based) but for runs of white space, each of which
    is one blank; ``bbox`` is around its words there, None where they have no place.
    """

    page: int
    snippet: str
    bbox: Box | None = None
