"""What a finished job has found, as it was when somebody began to read it."""

from collections.abc import AsyncIterator

from common.domain.job_parts import Document, Transcript
from front.services.held_blobs import Held


class Results:
    """``transcript`` is the document's own, or that of its translation."""

    def __init__(self, document: Document, transcript: Transcript, held: Held) -> None:
        self._document = document
        self._transcript = transcript
        self._held = held

    async def pages_with_words(self) -> AsyncIterator[bytes]:
        """Every page's JSON object, its blocks with lines and words."""
        found, rest = self._transcript, b""
        async for chunk in self._held.read(found.words_key, 0, found.words_bytes):
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                yield line

    def text(self) -> AsyncIterator[bytes]:
        """The text in UTF-8, pages separated by a form feed."""
        found = self._transcript
        return self._held.read(found.words_key, found.words_bytes, found.words_bytes + found.text_bytes)

    def markdown(self, *, with_page_breaks: bool) -> AsyncIterator[bytes]:
        """The text as Markdown in UTF-8, with comments between pages or none."""
        found = self._transcript
        start = found.words_bytes + found.text_bytes
        if with_page_breaks:
            return self._held.read(found.words_key, start + found.markdown_bytes)
        return self._held.read(found.words_key, start, start + found.markdown_bytes)

    def document(self) -> AsyncIterator[bytes]:
        """The JSON object ``{"pages": […], "text": …, "markdown": …}`` in chunks."""
        return self._held.read(self._document.key)

    def members(self) -> AsyncIterator[bytes]:
        """The end of that object: its members behind these three."""
        return self._held.read(self._document.key, self._document.members_at)
