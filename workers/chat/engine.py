"""What a child process is asked of a document. All of this runs there.

What reads and ranks is loaded by the first question, or while there is nothing to do.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from workers.chat.asked import Asked
from workers.chat.document_file import DocumentFile

if TYPE_CHECKING:
    from common.document.citation import Citation
    from workers.chat.extractive.answer import Answer
    from workers.chat.narrowing import Claim
    from workers.chat.read_document import ReadDocuments
    from workers.chat.shown_pages import ShownPages


def rest() -> None:
    """Forget documents that nobody asks about any more, and be ready for the next."""
    _documents().forget_unused()
    _load()


def quoted(file: DocumentFile, asked: Asked) -> "Answer":
    """The document's own sentences that answer best."""
    from workers.chat.extractive.answer import answer

    return answer(asked.message, _documents().get(file).index, asked.earlier_questions)


def pages_to_show(
    file: DocumentFile, asked: Asked, budget_tokens: int, languages: Sequence[str]
) -> "ShownPages":
    """See ``shown_pages``."""
    from workers.chat.shown_pages import shown_pages

    return shown_pages(_documents().get(file).texts, asked, budget_tokens, languages)


def borne_out(file: DocumentFile, claim: "Claim") -> "tuple[Citation, ...]":
    """Where it stands what is claimed."""
    from workers.chat.narrowing import snippets

    return tuple(snippets(claim, _documents().get(file).pages))


@cache
def _documents() -> "ReadDocuments":
    from workers.chat.read_document import ReadDocuments

    return ReadDocuments()


@cache
def _load() -> None:
    """The models and tables that questions take."""
    from workers.chat.extractive.answer import answer
    from workers.chat.extractive.index import DocumentIndex

    answer("What is the total?", DocumentIndex(()))
