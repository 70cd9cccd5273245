"""The search through the logs of a whole run finds what leaks into them, and nothing else."""

from pathlib import Path

import pytest

from tests.secrets_in_logs import Secrets

TOKEN = "ocr_" + "k3" * 20
TEXT = "Dear Anna,\nthe harbour lights were out again last night.\fYours, Ben"


@pytest.fixture
def secrets() -> Secrets:
    noted = Secrets()
    noted.note_token(TOKEN)
    noted.note_text(TEXT)
    noted.note_text(None)
    return noted


@pytest.mark.parametrize(
    "line",
    [
        f'{{"event": "request", "path": "/api/v1/ocr/{TOKEN}/"}}',
        '{"path": "/api/v1/ocr/?api_token=x"}',
        '{"event": "page", "text": "Dear Anna,\\nthe harbour lights were out"}',
        "<<THE HARBOUR LIGHTS WERE OUT>>",
    ],
)
def test_a_token_or_a_few_words_of_a_document_are_found(secrets: Secrets, tmp_path: Path, line: str) -> None:
    (tmp_path / "front-1.log").write_text(f"something\n{line}\nsomething\n")
    [found] = secrets.found_in(tmp_path)
    assert found == f"front-1.log: {line}"


def test_other_lines_are_not(secrets: Secrets, tmp_path: Path) -> None:
    (tmp_path / "front-1.log").write_text('{"event": "the harbour lights"}\nocr_k3k3\n')
    assert secrets.found_in(tmp_path) == []
