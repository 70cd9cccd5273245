"""What an answer says while it comes, and on what it rests: from the events and blocks of the model's SDK.

Source: https://platform.claude.com/docs/en/build-with-claude/citations. Citations of other kinds
or without what belongs to them are passed over.
"""

from collections.abc import Iterable
from typing import Any, Final

from common.document.fit_text import fit
from common.model_question import (
    BlockCitation,
    CitationHeard,
    Hear,
    Heard,
    Restarted,
    Segment,
    SegmentEnded,
    TextHeard,
)

_CITES_PAGES: Final = "content_block_location"


class Hearing:
    """Of one answer, through all the calls that it takes."""

    def __init__(self, hear: Hear | None) -> None:
        self._hear = hear
        self._has_told = False

    def begin(self) -> None:
        """A call is made: what an earlier one said is void."""
        if self._hear is not None and self._has_told:
            self._hear(Restarted())
            self._has_told = False

    def note(self, event: Any) -> None:
        if self._hear is not None and (heard := _heard(event)) is not None:
            self._has_told = True
            self._hear(heard)


def segments(content: Iterable[Any]) -> tuple[Segment, ...]:
    return tuple(_segment(block) for block in content if block.type == "text")


def _heard(event: Any) -> Heard | None:
    match event.type:
        case "text" if text := fit(event.text):
            return TextHeard(text)
        case "citation" if (citation := _citation(event.citation)) is not None:
            return CitationHeard(citation)
        case "content_block_stop" if event.content_block.type == "text":
            return SegmentEnded(_segment(event.content_block))
    return None


def _segment(block: Any) -> Segment:
    cited = (_citation(citation) for citation in block.citations or ())
    return Segment(fit(block.text), tuple(citation for citation in cited if citation is not None))


def _citation(citation: Any) -> BlockCitation | None:
    """None of those that do not cite pages as they were sent."""
    if getattr(citation, "type", None) != _CITES_PAGES:
        return None
    start, end = getattr(citation, "start_block_index", None), getattr(citation, "end_block_index", None)
    text = getattr(citation, "cited_text", None)
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(text, str) and 0 <= start < end):
        return None
    return BlockCitation(start, end, fit(text))
