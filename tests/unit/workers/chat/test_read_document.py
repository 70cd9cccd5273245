"""Documents are kept for the next question, and not for longer."""

from pathlib import Path

import pytest

from tests.unit.workers.chat.bench import words
from tests.unit.workers.chat.written import block, page
from workers.chat import read_document
from workers.chat.document_file import DocumentFile
from workers.chat.read_document import ReadDocuments


def test_a_document_that_nobody_asks_about_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(read_document.time, "monotonic", lambda: now_s)
    document = words(page(block("Of the harbour.")))
    path = tmp_path / "words"
    path.write_bytes(document)
    documents, file = ReadDocuments(), DocumentFile("a", path, len(document))
    first = documents.get(file)
    now_s += 100
    documents.forget_unused()
    assert documents.get(file) is first
    now_s += 130
    documents.forget_unused()
    path.unlink()
    with pytest.raises(FileNotFoundError):
        documents.get(file)
