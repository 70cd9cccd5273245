"""What a child process is asked of a document. All of this runs there.

What reads and ranks is loaded by the first question, or while there is nothing to do.
"""

from functools import cache
from typing import TYPE_CHECKING

from workers.chat.asked import Asked
from workers.chat.document_file import DocumentFile

if TYPE_CHECKING:
    from workers.chat.extractive.answer import Answer
    from workers.chat.read_document import ReadDocuments


def rest() -> None:
    """Forget documents that nobody asks about any more, and be ready for the next."""
    _documents().forget_unused()
    _load()


def quoted(file: DocumentFile, asked: Asked) -> "Answer":
    """The document's own sentences that answer best."""
    from workers.chat.extractive.answer import answer

    return answer(asked.message, _documents().get(file).index, asked.earlier_questions)


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
